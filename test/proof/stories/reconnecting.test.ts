import { describe, expect, test } from 'vitest';
import type { StateChange } from '../../../src/index.js';
import { answers, changesOf, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { watch } from '../../support/watch.js';

const stage = useVirtualStage();
const backoffs = (changes: readonly StateChange[]) => changes.filter(({ to }) => to === 'reconnecting');

/** Pseudo-random numbers, the same in each run. */
function drawn(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
}

describe('a CI that is kept warm', () => {
  test('is dialled repeatedly, with growing, limited, random delays', async () => {
    const cis = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`ci${i}`, `memory://ci${i}`]));
    const pool = stage.pool({ cis, reconnectDelayMs: 100, maxReconnectDelayMs: 2_000, random: drawn(7) });
    const changes = changesOf(pool);
    const warming = pool.warm();
    await settled();
    expect((await warming).down.length).toBe(30);
    await stage.advance(60_000, 100);
    const delays = (attempt: number) =>
      backoffs(changes).flatMap((change) => (change.attempt === attempt ? [change.delayMs] : []));
    const mean = (attempt: number) => delays(attempt).reduce((sum, delayMs) => sum + delayMs, 0) / 30;
    // The first delay is random, too, except for the rest after a requested dial, which applies to about half of them.
    expect(new Set(delays(1)).size).toBeGreaterThan(10);
    expect(new Set(delays(3)).size).toBeGreaterThan(20);
    for (let attempt = 1; attempt <= 8; attempt += 1) {
      expect(delays(attempt).length).toBe(30);
      expect(Math.min(...delays(attempt))).toBeGreaterThanOrEqual(100);
      expect(Math.max(...delays(attempt))).toBeLessThanOrEqual(Math.min(2_000, 100 * 2 ** attempt));
    }
    expect(mean(4)).toBeGreaterThan(2 * mean(1));
    expect(mean(8)).toBeGreaterThan(mean(3));
  });

  test('is up again once it is back', async () => {
    const ci = stage.ci('apollo', answers);
    const pool = stage.pool({ cis: { apollo: ci.url }, reconnectDelayMs: 100 });
    const warming = pool.warm();
    await settled();
    expect(await warming).toEqual({ up: ['apollo'], down: [] });
    ci.leave();
    ci.peers[0]?.fail();
    await stage.advance(3_000, 10);
    expect(pool.snapshot().cis.apollo?.state).toBe('reconnecting');
    ci.comeBack();
    await stage.advance(60_000, 100);
    expect(pool.snapshot().cis.apollo?.state).toBe('healthy');
    expect(ci.open).toBe(1);
  });
});

describe('a CI that accepts and then closes', () => {
  test('proves nothing: its backoff is never reset, and each request fails once', async () => {
    const ci = stage.ci('apollo', undefined, (peer) => peer.close());
    const pool = stage.pool({ cis: { apollo: ci.url }, reconnectDelayMs: 100, maxReconnectDelayMs: 5_000 });
    const changes = changesOf(pool);
    const warming = pool.warm();
    await settled();
    await warming;
    await stage.advance(60_000, 100);
    const attempts = backoffs(changes).map(({ attempt }) => attempt);
    expect(attempts).toEqual(attempts.map((_, i) => i + 1));
    expect(attempts.length).toBeGreaterThan(8);
    expect(changes.some(({ to }) => to === 'healthy')).toBe(true);
    // The mean is half of the largest delay: no hot loop.
    expect(ci.peers.length).toBeLessThan(60);
    const asked = watch(pool.ask('apollo', 'hello', { waitForReady: true, deadlineMs: 30_000 }));
    await stage.advance(30_000, 100);
    expect(asked.error?.code).toBe('connection_lost');
    expect(asked.ends).toBe(1);
  });

  test('counts as up if it answers first: no backoff', async () => {
    const ci = stage.ci('apollo', (request, peer) => {
      answers(request, peer);
      peer.close();
    });
    const pool = stage.pool({ cis: { apollo: ci.url }, reconnectDelayMs: 100, provenUptimeMs: 10_000 });
    const changes = changesOf(pool);
    for (let i = 0; i < 4; i += 1) {
      const asked = watch(pool.ask('apollo', `q${i}`));
      await stage.advance(50);
      expect(asked.outcome).toBe('reply');
    }
    expect(backoffs(changes)).toEqual([]);
    expect(changes.at(-1)).toMatchObject({ to: 'idle', reason: 'connection_lost', attempt: 0, delayMs: 0 });
    expect(ci.peers.length).toBe(4);
  });
});

describe('a CI that answers and then falls silent', () => {
  test('does not have its backoff reset, unless it was up for long enough', async () => {
    const ci = stage.ci('apollo', (request, peer) => {
      if (request.type !== 'ping') answers(request, peer);
    });
    const health = { healthIntervalMs: 1_000, heartbeatTimeoutMs: 100, maxMissedHeartbeats: 1 };
    const pool = stage.pool({ cis: { apollo: ci.url }, reconnectDelayMs: 100, provenUptimeMs: 5_000, ...health });
    const changes = changesOf(pool);
    const ask = () => watch(pool.ask('apollo', 'hello', { waitForReady: true }));
    for (let i = 0; i < 4; i += 1) {
      const asked = ask();
      await stage.advance(5_000, 50);
      expect(asked.outcome).toBe('reply');
    }
    expect(backoffs(changes).map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4]);
    // Answers keep it up for longer than `provenUptimeMs`.
    for (let i = 0; i < 12; i += 1) {
      ask();
      await stage.advance(500, 50);
    }
    await stage.advance(5_000, 50);
    expect(
      backoffs(changes)
        .map(({ attempt, reason }) => [attempt, reason])
        .at(-1),
    ).toEqual([1, 'heartbeat_missed']);
  });
});

describe('a proven link', () => {
  async function proven(keep: 'warm' | 'on demand') {
    const ci = stage.ci('apollo', answers);
    const pool = stage.pool({ cis: { apollo: ci.url }, provenUptimeMs: 1_000 });
    const changes = changesOf(pool);
    if (keep === 'warm') void pool.warm();
    watch(pool.ask('apollo', 'hello'));
    await stage.advance(2_000, 100);
    changes.length = 0;
    return { ci, pool, changes };
  }

  test('lost while not wanted: the CI is idle, and the next request dials at once', async () => {
    const { ci, pool, changes } = await proven('on demand');
    ci.peers[0]?.close();
    await settled();
    expect(changes).toMatchObject([{ to: 'idle', reason: 'connection_lost', attempt: 0, delayMs: 0 }]);
    const asked = watch(pool.ask('apollo', 'again'));
    await settled();
    expect([asked.outcome, ci.peers.length]).toEqual(['reply', 2]);
  });

  test('the reply of that request reports a new connection', async () => {
    const { ci, pool } = await proven('on demand');
    ci.peers[0]?.close();
    await settled();
    const asked = watch(pool.ask('apollo', 'again'));
    await settled();
    expect(asked.values[0]).toMatchObject({ content: 'again', reused: false });
  });

  test('lost while wanted: dialled again after a while; if that fails, the backoff starts from the beginning', async () => {
    const { ci, changes } = await proven('warm');
    ci.leave();
    ci.peers[0]?.close();
    await settled();
    expect(changes).toMatchObject([{ to: 'idle', reason: 'connection_lost', attempt: 0 }]);
    const delayMs = changes[0]?.delayMs ?? 0;
    expect(delayMs).toBeGreaterThan(0);
    await stage.advance(delayMs, delayMs);
    expect(changes.slice(1)).toMatchObject([
      { to: 'connecting', reason: 'kept_up' },
      { to: 'reconnecting', reason: 'unavailable', attempt: 1 },
    ]);
  });

  test('lost: outstanding requests fail at once as maybe sent, and are not sent again', async () => {
    const { ci, pool } = await proven('on demand');
    const received: unknown[] = [];
    ci.peers[0]?.onRequest(({ content }) => received.push(content));
    const asked = ['a', 'b', 'c'].map((content) => watch(pool.ask('apollo', content)));
    await settled();
    ci.peers[0]?.fail();
    await stage.advance(20_000, 500);
    expect(asked.map(({ outcome }) => outcome)).toEqual(Array(3).fill('connection_lost maybe_sent total'));
    expect(received).toEqual(['a', 'b', 'c']);
    expect(ci.contents).toEqual(['hello']);
  });
});
