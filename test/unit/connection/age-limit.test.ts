import { describe, expect, test } from 'vitest';
import { limitAge } from '../../../src/connection/age-limit.js';
import type { PoolOptions } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { answers, changesOf, type MemoryScript, useVirtualStage } from '../../support/virtual-stage.js';
import { watch } from '../../support/watch.js';

describe('limitAge', () => {
  /** Watches a link that opened at 0 ms. `oldMs`: when it was reported as too old. */
  function aging(maxAgeMs: number, random = 0) {
    const clock = new ManualClock();
    const oldMs: number[] = [];
    const end = limitAge(
      maxAgeMs,
      clock,
      () => random,
      () => void oldMs.push(clock.now()),
    );
    return { clock, oldMs, end };
  }

  test.each([
    [0, 60_000],
    [0.5, 57_000],
    [1 - Number.EPSILON, 54_000],
  ])('reports once, at the age minus a random part: %d of a tenth', (random, atMs) => {
    const { clock, oldMs } = aging(60_000, random);
    clock.advance(atMs - 1);
    expect(oldMs).toEqual([]);
    clock.advance(600_000);
    expect(oldMs.map(Math.round)).toEqual([atMs]);
    expect(clock.pending).toBe(0);
  });

  test('sets no timer for an age of 0', () => {
    expect(aging(0).clock.pending).toBe(0);
  });

  test('does not keep the process alive, and ends', () => {
    const { clock, oldMs, end } = aging(10_000);
    expect([clock.pending, clock.pendingKeepAlive]).toEqual([1, 0]);
    end();
    clock.advance(60_000);
    expect([oldMs, clock.pending]).toEqual([[], 0]);
  });
});

describe('maxConnectionAgeMs', () => {
  const stage = useVirtualStage();
  const AGE_MS = 60_000;
  /** The stage draws 0.5: a twentieth less. */
  const RETIRES_MS = 57_000;

  /** A CI and a pool with it. Heartbeats are far apart. */
  function pooled(options: PoolOptions = {}, script: MemoryScript = answers) {
    const ci = stage.ci('apollo', script);
    const limits = { maxConnectionAgeMs: AGE_MS, healthIntervalMs: 86_400_000, requestTimeoutMs: 86_400_000 };
    const pool = stage.pool({ cis: { apollo: ci.url }, ...limits, ...options });
    return { ci, pool, changes: changesOf(pool) };
  }

  /** Answers a request when the test says so. */
  function holding() {
    const held: { content: unknown; answer: () => void }[] = [];
    const script: MemoryScript = ({ type, content, request_id }, peer) => {
      if (type === 'ping') return peer.send({ type: 'pong', request_id });
      held.push({ content, answer: () => peer.send({ type: 'chat_response', content, request_id }) });
    };
    return { held, script };
  }

  test('closes an idle connection at its age, and opens no other if none is wanted', async () => {
    const { ci, pool, changes } = pooled();
    const asked = watch(pool.ask('apollo', 'hello'));
    await stage.advance(RETIRES_MS - 1);
    expect([asked.outcome, ci.open]).toEqual(['reply', 1]);
    await stage.advance(2);
    expect([ci.open, ci.peers.length, pool.snapshot().totals.metrics.retired]).toEqual([0, 1, 1]);
    expect(changes.at(-1)).toMatchObject({ connection: 'apollo#1', to: 'closed', reason: 'retired' });
    await stage.advance(10 * AGE_MS, AGE_MS);
    expect(ci.peers).toHaveLength(1);
    expect(pool.snapshot().cis.apollo).toMatchObject({ state: 'idle', lastError: undefined });
  });

  test('the next request gets a new connection', async () => {
    const { ci, pool } = pooled();
    const first = watch(pool.ask('apollo', 'first'));
    await stage.advance(RETIRES_MS + 1);
    const second = watch(pool.ask('apollo', 'second'));
    await stage.advance(1);
    expect([first.outcome, second.outcome, ci.peers.length]).toEqual(['reply', 'reply', 2]);
    expect(second.values).toMatchObject([{ content: 'second', reused: false }]);
  });

  test('replaces the connection of a warm CI again and again, one at a time', async () => {
    const { ci, pool, changes } = pooled();
    void pool.warm();
    await stage.advance(1);
    for (let age = 1; age <= 20; age += 1) {
      await stage.advance(RETIRES_MS + 1, 1_000);
      expect([ci.peers.length, ci.open, pool.snapshot().cis.apollo?.state]).toEqual([age + 1, 1, 'healthy']);
    }
    expect(pool.snapshot().totals.metrics).toMatchObject({ retired: 20, reconnects: {}, failed: {} });
    expect(changes.map(({ to }) => to)).not.toContain('reconnecting');
  });

  test('lets requests in flight finish, and sends later ones over another connection', async () => {
    const { held, script } = holding();
    const { ci, pool } = pooled({ maxConnections: 2 }, script);
    const old = watch(pool.ask('apollo', 'old'));
    await stage.advance(RETIRES_MS + 5_000, 1_000);
    expect(pool.snapshot().cis.apollo?.connections).toMatchObject([{ state: 'retiring', inFlight: 1 }]);
    const next = watch(pool.ask('apollo', 'next'));
    await stage.advance(1);
    expect([ci.open, held.map(({ content }) => content)]).toEqual([2, ['old', 'next']]);
    held[1]?.answer();
    await stage.advance(1);
    expect([next.outcome, old.outcome, ci.open]).toEqual(['reply', 'pending', 2]);
    held[0]?.answer();
    await stage.advance(1);
    expect([old.outcome, old.values[0]?.content, ci.open]).toEqual(['reply', 'old', 1]);
    expect(pool.snapshot().totals.metrics.retired).toBe(1);
  });

  test('the successor serves requests that wait for a slot', async () => {
    const { held, script } = holding();
    const { pool } = pooled({ maxConnections: 1 }, script);
    const all = ['a', 'b', 'c'].map((content) => watch(pool.ask('apollo', content)));
    await stage.advance(RETIRES_MS - 1);
    expect(held.map(({ content }) => content)).toEqual(['a']);
    await stage.advance(2);
    expect(held.map(({ content }) => content)).toEqual(['a', 'b']);
    held[0]?.answer();
    held[1]?.answer();
    await stage.advance(1);
    held[2]?.answer();
    await stage.advance(1);
    expect(all.map(({ outcome }) => outcome)).toEqual(['reply', 'reply', 'reply']);
  });

  test('retires at most maxConnections at once: the next one waits', async () => {
    const { held, script } = holding();
    const { ci, pool } = pooled({ maxConnections: 1 }, script);
    const stuck = watch(pool.ask('apollo', 'stuck'));
    await stage.advance(RETIRES_MS + 1);
    const next = watch(pool.ask('apollo', 'next'));
    // The second is over its age by now, and busy too.
    await stage.advance(2 * AGE_MS, 1_000);
    expect(
      pool
        .snapshot()
        .cis.apollo?.connections.map(({ state }) => state)
        .sort(),
    ).toEqual(['healthy', 'retiring']);
    expect([ci.open, stuck.outcome, next.outcome]).toEqual([2, 'pending', 'pending']);
    held[0]?.answer();
    await stage.advance(1_001, 1);
    expect([stuck.outcome, ci.open]).toEqual(['reply', 1]);
    expect(pool.snapshot().cis.apollo?.connections).toMatchObject([{ state: 'retiring' }]);
    held[1]?.answer();
    await stage.advance(1);
    expect([next.outcome, ci.open]).toEqual(['reply', 0]);
  });

  test('a link that is lost and dialled again starts at age 0', async () => {
    const { ci, pool } = pooled({ reconnectDelayMs: 100, maxReconnectDelayMs: 100 });
    void pool.warm();
    await stage.advance(30_000);
    ci.peers[0]?.fail();
    await stage.advance(1_000, 100);
    expect(ci.peers).toHaveLength(2);
    await stage.advance(RETIRES_MS - 5_000, 1_000);
    expect([ci.peers.length, ci.open, pool.snapshot().totals.metrics.retired]).toEqual([2, 1, 0]);
    await stage.advance(6_000, 100);
    expect([ci.peers.length, ci.open, pool.snapshot().totals.metrics.retired]).toEqual([3, 1, 1]);
  });

  test.each([
    ['of the pool', 0, undefined],
    ['of the CI, not that of the pool', AGE_MS, 0],
  ])('0 %s means no age limit', async (_whose, maxConnectionAgeMs, own) => {
    const ci = stage.ci('athena', answers);
    const apollo = { url: ci.url, maxConnectionAgeMs: own };
    const pool = stage.pool({ cis: { apollo }, maxConnectionAgeMs, healthIntervalMs: 86_400_000 });
    void pool.warm();
    await stage.advance(100 * AGE_MS, AGE_MS);
    expect([ci.peers.length, ci.open, pool.snapshot().totals.metrics.retired]).toEqual([1, 1, 0]);
  });

  test('has no age limit by default', async () => {
    const ci = stage.ci('athena', answers);
    const pool = stage.pool({ cis: { apollo: ci.url }, healthIntervalMs: 2_000_000_000 });
    void pool.warm();
    await stage.advance(1_000_000_000);
    expect([ci.peers.length, ci.open]).toEqual([1, 1]);
  });
});
