import { describe, expect, test } from 'vitest';
import type { Frame, Pool, StateChange } from '../../../src/index.js';
import type { MemoryPeer } from '../../../src/testing/index.js';
import { answers, changesOf, type MemoryScript, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { watch } from '../../support/watch.js';

const stage = useVirtualStage();
const health = { healthIntervalMs: 1_000, heartbeatTimeoutMs: 100, maxConnections: 1 };
const shown = (changes: readonly StateChange[]) => changes.map(({ to, reason }) => `${to}: ${reason}`);
const silent: MemoryScript = () => {};

/** A pool whose only connection is up, and a peer with a replaceable script. */
async function linked(options: object = {}) {
  let script = answers;
  const ci = stage.ci('apollo', (request, peer) => script(request, peer));
  const pool = stage.pool({ cis: { apollo: { url: ci.url, ...health, ...options } } });
  const changes = changesOf(pool);
  expect((await warmed(pool)).up).toEqual(['apollo']);
  changes.length = 0;
  const pings = () => ci.received.filter(({ type }) => type === 'ping').length;
  const obey = (next: MemoryScript) => {
    script = next;
  };
  return { ci, pool, changes, pings, obey, peer: ci.peers[0] as MemoryPeer };
}

async function warmed(pool: Pool) {
  const warming = pool.warm();
  await settled();
  return warming;
}

describe('a heartbeat', () => {
  test('is sent after a quiet interval, and keeps the connection healthy', async () => {
    const { pings, changes } = await linked();
    await stage.advance(999);
    expect(pings()).toBe(0);
    await stage.advance(2_500, 50);
    expect(pings()).toBeGreaterThanOrEqual(2);
    expect(changes).toEqual([]);
  });

  test('is not sent while a request is outstanding, for any time', async () => {
    const { ci, pings, obey, peer, pool, changes } = await linked();
    obey(silent);
    const asked = watch(pool.ask('apollo', 'think', { deadlineMs: 60_000 }));
    await stage.advance(20_000, 50);
    expect([pings(), changes]).toEqual([0, []]);
    answers(ci.received[0] as Frame, peer);
    await settled();
    expect(asked.outcome).toBe('reply');
    obey(answers);
    await stage.advance(2_500, 50);
    expect(pings()).toBeGreaterThan(0);
  });

  test('is not sent while bytes arrive', async () => {
    const { pings, pool } = await linked();
    for (let i = 0; i < 20; i += 1) {
      await stage.advance(500, 50);
      expect(watch(pool.ask('apollo', 'hello')).ends).toBe(0);
      await settled();
    }
    expect(pings()).toBe(0);
  });

  test('is answered by any byte, not only by a pong', async () => {
    const { pings, changes, obey } = await linked();
    obey(({ type }, peer) => {
      if (type === 'ping') peer.sendRaw('{"type":');
      obey(({ type }, other) => type === 'ping' && other.sendRaw('\n'));
    });
    await stage.advance(1_500, 50);
    expect(pings()).toBe(1);
    expect(changes).toEqual([]);
  });

  test('a CI without a link sends none, and sets no timer', async () => {
    const ci = stage.ci('apollo', answers);
    stage.pool({ cis: { apollo: { url: ci.url, ...health } } });
    await stage.advance(60_000, 1_000);
    expect([ci.peers.length, stage.clock.pending]).toEqual([0, 0]);
  });
});

describe('a missed heartbeat', () => {
  test('degrades the connection, and an answered one makes it healthy again', async () => {
    const { ci, changes, obey, peer, pool } = await linked();
    obey(silent);
    await stage.advance(1_150, 10);
    expect(shown(changes)).toEqual(['degraded: heartbeat_missed']);
    expect(pool.snapshot().cis.apollo?.state).toBe('degraded');
    obey(answers);
    answers(ci.received.at(-1) as Frame, peer);
    await stage.advance(300, 10);
    expect(shown(changes)).toEqual(['degraded: heartbeat_missed', 'healthy: heartbeat_answered']);
    expect(ci.peers.length).toBe(1);
  });

  test('three in a row end the link', async () => {
    const { ci, changes, obey } = await linked();
    obey(silent);
    await stage.advance(1_700, 10);
    expect(shown(changes).slice(0, 2)).toEqual(['degraded: heartbeat_missed', 'reconnecting: heartbeat_missed']);
    expect(ci.open).toBe(0);
  });

  test('a degraded connection still gets requests, and their answers make it healthy', async () => {
    const { changes, obey, pool } = await linked();
    // From now on its answers have ids, and need not wait for a pong.
    await watch(pool.ask('apollo', 'hello')).ended;
    obey(silent);
    await stage.advance(1_150, 10);
    obey(answers);
    const asked = watch(pool.ask('apollo', 'hello'));
    await settled();
    expect(asked.outcome).toBe('reply');
    expect(shown(changes)).toEqual(['degraded: heartbeat_missed', 'healthy: requests_succeeding']);
  });
});

describe('failures in a row', () => {
  const failing: MemoryScript = ({ type, request_id }, peer) =>
    peer.send(type === 'ping' ? { type: 'pong', request_id } : { type: 'error', error: 'no', request_id });

  async function degraded() {
    const scene = await linked({ degradeAfterFailures: 3 });
    scene.obey(failing);
    for (let i = 0; i < 3; i += 1) {
      expect(scene.changes).toEqual([]);
      expect(await watch(scene.pool.ask('apollo', 'hello')).ended).toBe('ci_error answered total');
    }
    expect(shown(scene.changes)).toEqual(['degraded: requests_failing']);
    return scene;
  }

  test('degrade a connection; pongs do not change that: alive is not ready', async () => {
    const { changes, pings } = await degraded();
    await stage.advance(5_000, 50);
    expect(pings()).toBeGreaterThan(3);
    expect(changes.length).toBe(1);
  });

  test('are reset by the first success', async () => {
    const { changes, obey, pool } = await degraded();
    obey(answers);
    expect(await watch(pool.ask('apollo', 'hello')).ended).toBe('reply');
    expect(shown(changes)).toEqual(['degraded: requests_failing', 'healthy: requests_succeeding']);
  });

  test('include timeouts, but no cancelled requests', async () => {
    const { changes, obey, pool } = await linked({ degradeAfterFailures: 3, lateReplyGraceMs: 60_000 });
    await watch(pool.ask('apollo', 'hello')).ended;
    obey(silent);
    for (let i = 0; i < 5; i += 1) {
      const given = watch(pool.ask('apollo', 'given up'));
      await settled();
      given.subscription.unsubscribe();
    }
    expect(changes).toEqual([]);
    for (let i = 0; i < 3; i += 1) watch(pool.ask('apollo', 'too slow', { deadlineMs: 100 }));
    await stage.advance(110);
    expect(shown(changes)).toEqual(['degraded: requests_failing']);
  });

  test('make requests prefer the healthy connection of the CI', async () => {
    const counts = new Map<MemoryPeer, number>();
    let first: MemoryPeer | undefined;
    const ci = stage.ci('apollo', (request, peer) => {
      counts.set(peer, (counts.get(peer) ?? 0) + 1);
      if (peer === first) failing(request, peer);
      else if (request.content !== 'hold') answers(request, peer);
    });
    const pool = stage.pool({
      cis: { apollo: { url: ci.url, ...health, maxConnections: 2, degradeAfterFailures: 1 } },
    });
    for (const content of ['a', 'b']) watch(pool.ask('apollo', content));
    await settled();
    expect(ci.peers.length).toBe(2);
    [first] = ci.peers;
    await watch(pool.ask('apollo', 'fails')).ended;
    expect(pool.snapshot().cis.apollo?.connections.map(({ state }) => state)).toEqual(['degraded', 'healthy']);
    // The healthy one has more in flight, and still gets the requests.
    for (let i = 0; i < 5; i += 1) watch(pool.ask('apollo', 'hold', { deadlineMs: 50_000 }));
    await settled();
    counts.clear();
    const asked = Array.from({ length: 20 }, () => watch(pool.ask('apollo', 'hello')));
    await settled();
    expect(asked.map(({ outcome }) => outcome)).toEqual(Array(20).fill('reply'));
    expect([...counts.values()]).toEqual([20]);
  });
});
