import { describe, expect, test } from 'vitest';
import type { Priority } from '../../../src/index.js';
import { faults } from '../../../src/testing/index.js';
import { NOBODY, until, useStage } from '../../support/stage.js';
import { answers, changesOf, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { type Watched, watch } from '../../support/watch.js';

const contentsOf = (watched: Watched<{ content: string }>) => watched.values.map(({ content }) => content);

describe('64 first calls at once', () => {
  const stage = useStage();

  test.each(['byId', 'ordered'] as const)('open at most maxConnections to a CI that is %s', async (correlation) => {
    let mostOpen = 0;
    const ci = await stage.serve({
      correlation,
      handler: async ({ content }) => {
        mostOpen = Math.max(mostOpen, pool.snapshot().totals.connections);
        return `to ${content}`;
      },
    });
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 3 });
    const names = Array.from({ length: 64 }, (_, i) => `q${i}`);
    const asked = names.map((name) => watch(pool.ask('apollo', name)));
    await Promise.all(asked.map(({ ended }) => ended));
    expect(asked.map(contentsOf)).toEqual(names.map((name) => [`to ${name}`]));
    // Connections with a first answer without an id serve to learn about the CI; they may linger beside as many others.
    expect(mostOpen).toBeLessThanOrEqual(correlation === 'ordered' ? 6 : 3);
    expect(ci.totalConnections).toBeLessThanOrEqual(correlation === 'ordered' ? 15 : 3);
    expect(pool.snapshot().cis.apollo?.ordering).toBe(correlation === 'ordered' ? 'proved' : 'byId');
    expect(pool.snapshot().totals.metrics).toMatchObject({
      requests: 64,
      succeeded: 64,
      connects: ci.totalConnections,
    });
  });

  test('fail at once, all with the same reason, if there is no listener', async () => {
    const pool = stage.pool({ cis: { apollo: NOBODY } });
    const asked = Array.from({ length: 64 }, (_, i) => watch(pool.ask('apollo', `q${i}`)));
    await Promise.all(asked.map(({ ended }) => ended));
    expect(new Set(asked.map(({ outcome }) => outcome))).toEqual(new Set(['unavailable not_sent connect']));
    expect(asked[63]?.error?.reason).toContain('nothing listens there');
  });
});

describe('a request that waits for a slot', () => {
  const stage = useStage();

  test('is one of at most maxWaiting; one more is rejected at once', async () => {
    const late = faults.late('ordered');
    const ci = await stage.scripted(late);
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1, maxWaiting: 2 });
    const first = watch(pool.ask('apollo', 'first'));
    await ci.nextRequest();
    const waiting = ['second', 'third'].map((content) => watch(pool.ask('apollo', content)));
    const refused = watch(pool.ask('apollo', 'one too many'));
    expect([refused.outcome, refused.ends]).toEqual(['overloaded not_sent queue', 1]);
    expect(refused.error?.message).toContain('maxWaiting');
    waiting[0]?.subscription.unsubscribe();
    const next = watch(pool.ask('apollo', 'in its place'));
    ci.onRequest(faults.repliesInOrder());
    late.release();
    expect(await Promise.all([first, waiting[1], next].map((one) => one?.ended))).toEqual(Array(3).fill('reply'));
    expect(ci.received.map(({ message }) => message.content)).toEqual(['first', 'third', 'in its place']);
  });

  test('is served by priority, and by arrival within a priority', async () => {
    const late = faults.late('ordered');
    const ci = await stage.scripted(late);
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1 });
    watch(pool.ask('apollo', 'in front'));
    await ci.nextRequest();
    const priorities: (Priority | undefined)[] = ['low', undefined, 'high', 'low', 'normal', 'high'];
    const asked = priorities.map((priority, i) => watch(pool.ask('apollo', `${priority} ${i}`, { priority })));
    ci.onRequest(faults.repliesInOrder());
    late.release();
    await Promise.all(asked.map(({ ended }) => ended));
    const order = ['in front', 'high 2', 'high 5', 'undefined 1', 'normal 4', 'low 0', 'low 3'];
    expect(ci.received.map(({ message }) => message.content)).toEqual(order);
  });

  test('is never sent if its deadline comes first', async () => {
    const late = faults.late('ordered');
    const ci = await stage.scripted(late);
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1 });
    const front = watch(pool.ask('apollo', 'in front'));
    await ci.nextRequest();
    const waiting = watch(pool.ask('apollo', 'too late', { deadlineMs: 60 }));
    expect(await waiting.ended).toBe('deadline_exceeded not_sent queue');
    late.release();
    expect(await front.ended).toBe('reply');
    ci.onRequest(faults.repliesInOrder());
    expect(await watch(pool.ask('apollo', 'next')).ended).toBe('reply');
    expect(ci.received.map(({ message }) => message.content)).toEqual(['in front', 'next']);
    expect(pool.snapshot().totals.metrics.timeouts).toEqual({ queue: 1 });
  });
});

describe('a request that waits for a connection', () => {
  const stage = useVirtualStage();

  test('fails at its deadline with the reason', async () => {
    stage.wire.hangs('apollo');
    const pool = stage.pool({ cis: { apollo: 'memory://apollo' } });
    const byDeadline = watch(pool.ask('apollo', 'hello', { deadlineMs: 300 }));
    const byConnectTimeout = watch(pool.ask('apollo', 'hello', { connectTimeoutMs: 100, deadlineMs: 1_000 }));
    await stage.advance(110);
    expect([byDeadline.outcome, byConnectTimeout.outcome]).toEqual(['pending', 'deadline_exceeded not_sent connect']);
    await stage.advance(200);
    expect(byDeadline.outcome).toBe('deadline_exceeded not_sent connect');
    expect(byDeadline.error?.timings).toMatchObject({ queuedMs: 0, serviceMs: 0 });
  });

  test('fails when the dial takes longer than the connectTimeoutMs of the CI', async () => {
    stage.wire.hangs('apollo');
    const pool = stage.pool({ cis: { apollo: 'memory://apollo' }, connectTimeoutMs: 400 });
    const changes = changesOf(pool);
    const asked = watch(pool.ask('apollo', 'hello'));
    await stage.advance(399);
    expect(asked.outcome).toBe('pending');
    await stage.advance(1);
    expect(asked.outcome).toBe('unavailable not_sent connect');
    expect(asked.error?.reason).toContain('no connection within 400 ms');
    expect(changes.map(({ to, reason }) => `${to} ${reason}`)).toEqual([
      'connecting wanted',
      'reconnecting connect_timeout',
    ]);
  });

  test('fails at once during the backoff', async () => {
    const ci = stage.ci('apollo', answers);
    ci.leave();
    const pool = stage.pool({ cis: { apollo: ci.url } });
    watch(pool.ask('apollo', 'hello'));
    await settled();
    expect(pool.snapshot().cis.apollo?.state).toBe('reconnecting');
    const asked = watch(pool.ask('apollo', 'hello'));
    expect([asked.outcome, asked.ends]).toEqual(['unavailable not_sent connect', 1]);
    expect(asked.error?.reason).toContain('no listener');
  });

  test('with waitForReady waits for the end of the backoff, and is then served', async () => {
    const ci = stage.ci('apollo', answers);
    ci.leave();
    const pool = stage.pool({ cis: { apollo: ci.url }, reconnectDelayMs: 1_000 });
    const changes = changesOf(pool);
    const asked = watch(pool.ask('apollo', 'hello', { waitForReady: true }));
    await settled();
    const delayMs = changes.at(-1)?.delayMs ?? 0;
    expect(delayMs).toBeGreaterThan(0);
    ci.comeBack();
    await stage.advance(delayMs - 1);
    expect([asked.outcome, ci.peers.length]).toEqual(['pending', 0]);
    await stage.advance(1);
    expect([asked.outcome, ci.peers.length]).toEqual(['reply', 1]);
    expect(asked.values[0]).toMatchObject({ reused: false, timings: { connectMs: delayMs } });
  });

  test('with waitForReady fails at its deadline if the CI does not come back', async () => {
    const pool = stage.pool({ cis: { apollo: 'memory://apollo' }, reconnectDelayMs: 50 });
    const asked = watch(pool.ask('apollo', 'hello', { waitForReady: true, deadlineMs: 3_000 }));
    await stage.advance(3_010, 10);
    expect(asked.outcome).toBe('deadline_exceeded not_sent connect');
    expect(pool.snapshot().cis.apollo?.attempt).toBeGreaterThan(2);
  });

  test('leads to no second dial once it has gone', async () => {
    const pool = stage.pool({ cis: { apollo: 'memory://apollo' }, reconnectDelayMs: 50 });
    const changes = changesOf(pool);
    watch(pool.ask('apollo', 'hello'));
    await stage.advance(10_000, 10);
    expect(changes.map(({ to }) => to)).toEqual(['connecting', 'reconnecting', 'idle']);
  });

  test('leads to no dial if it was cancelled during the backoff', async () => {
    const pool = stage.pool({ cis: { apollo: 'memory://apollo' }, reconnectDelayMs: 1_000 });
    const changes = changesOf(pool);
    const asked = watch(pool.ask('apollo', 'hello', { waitForReady: true }));
    await settled();
    asked.subscription.unsubscribe();
    await stage.advance(10_000, 100);
    expect(changes.map(({ to }) => to)).toEqual(['connecting', 'reconnecting', 'idle']);
  });

  test('waits for permission to dial outside the time limit of the dial', async () => {
    stage.wire.hangs('apollo');
    const athena = stage.ci('athena', answers);
    const pool = stage.pool({
      cis: { apollo: 'memory://apollo', athena: athena.url },
      maxDials: 1,
      connectTimeoutMs: 500,
    });
    const asked = [watch(pool.ask('apollo', 'hello')), watch(pool.ask('athena', 'hello'))];
    await stage.advance(499);
    expect(athena.peers.length).toBe(0);
    await stage.advance(1);
    expect(asked.map(({ outcome }) => outcome)).toEqual(['unavailable not_sent connect', 'reply']);
  });
});

describe('a CI that comes back while requests wait', () => {
  const stage = useStage();

  test('answers all of them, each once', async () => {
    const path = await stage.unixPath();
    const pool = stage.pool({ cis: { apollo: `unix:${path}` }, reconnectDelayMs: 5, maxReconnectDelayMs: 20 });
    const names = Array.from({ length: 20 }, (_, i) => `q${i}`);
    const asked = names.map((name) => watch(pool.ask('apollo', name, { waitForReady: true })));
    await until(() => (pool.snapshot().cis.apollo?.attempt ?? 0) >= 2);
    const ci = await stage.scripted(faults.replies(), { listen: { path } });
    await Promise.all(asked.map(({ ended }) => ended));
    expect(asked.map(contentsOf)).toEqual(names.map((name) => [name]));
    expect(ci.received.map(({ message }) => message.content).sort()).toEqual([...names].sort());
  });
});
