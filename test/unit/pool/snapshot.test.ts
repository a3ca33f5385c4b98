import { describe, expect, test } from 'vitest';
import type { ConnectionState, Metrics, Pool, PoolOptions, PoolSnapshot } from '../../../src/contract/index.js';
import { createPool } from '../../../src/create-pool.js';
import { ManualClock, memoryTransport } from '../../../src/testing/index.js';

const SECRET = 'the secret plan';

/** A running pool: apollo answers, athena never does, hermes fails, numa is unreachable, sophia is not used. */
function poolAtWork(options: PoolOptions = {}) {
  const clock = new ManualClock(10_000);
  const wire = memoryTransport({ clock });
  wire.listen('apollo', (peer) => {
    peer.onRequest(({ request_id, content }) => peer.send({ type: 'chat_response', request_id, content }));
  });
  wire.listen('athena', () => {});
  wire.listen('hermes', (peer) => peer.onRequest(() => peer.send({ type: 'error', error: SECRET })));
  const names = ['apollo', 'athena', 'hermes', 'numa', 'sophia'];
  const pool = createPool({
    cis: Object.fromEntries(names.map((name) => [name, `memory://${name}`])),
    transports: { memory: wire },
    logger: false,
    clock,
    random: () => 0.5,
    maxConnections: 2,
    ...options,
  });
  const ask = (ci: string, times: number): void => {
    for (let i = 0; i < times; i += 1) pool.ask(ci, SECRET).subscribe({ error: () => {} });
  };
  ask('apollo', 5);
  ask('athena', 4);
  ask('hermes', 3);
  ask('numa', 2);
  // Two at once reach athena's two connections; the others wait.
  for (let step = 0; step < 10; step += 1) clock.advance(10);
  return { pool, clock };
}

async function closed(pool: Pool, clock: ManualClock): Promise<void> {
  const closing = pool.close({ drainTimeoutMs: 1 });
  clock.advance(1);
  await closing;
}

const counters = [
  'connects',
  'requests',
  'reuses',
  'succeeded',
  'cancelled',
  'chunks',
  'lateReplies',
  'duplicates',
  'unsolicited',
  'retired',
] as const satisfies readonly (keyof Metrics)[];

const metricsOf = ({ cis }: PoolSnapshot) => Object.values(cis).map(({ metrics }) => metrics);
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

function sumOfRecords(records: readonly Readonly<Record<string, number | undefined>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const record of records) {
    for (const [key, value = 0] of Object.entries(record)) total[key] = (total[key] ?? 0) + value;
  }
  return total;
}

describe('a snapshot', () => {
  test('shows the activity of each CI', async () => {
    const { pool, clock } = poolAtWork();
    const { cis, state } = pool.snapshot();
    expect(state).toBe('running');
    expect(cis.apollo).toMatchObject({
      ci: 'apollo',
      url: 'memory://apollo',
      state: 'healthy',
      inFlight: 0,
      waiting: 0,
    });
    expect(cis.apollo?.metrics).toMatchObject({ succeeded: 5, failed: {} });
    expect(cis.athena).toMatchObject({ state: 'healthy', inFlight: 2, waiting: 2, lastError: undefined });
    expect(cis.athena?.connections.map(({ connection, inFlight }) => [connection, inFlight])).toEqual([
      ['athena#1', 1],
      ['athena#2', 1],
    ]);
    expect(cis.hermes?.metrics.failed).toEqual({ ci_error: 3 });
    expect(cis.hermes?.lastError).toMatchObject({ code: 'ci_error' });
    expect(cis.numa).toMatchObject({
      state: 'reconnecting',
      attempt: 1,
      waiting: 0,
      lastError: { code: 'unavailable' },
    });
    expect(cis.sophia).toMatchObject({ state: 'idle', attempt: 0, connections: [], lastError: undefined });
    await closed(pool, clock);
  });

  test('shows how each peer correlates', async () => {
    const { pool, clock } = poolAtWork();
    const mannersOf = (ci: string) => pool.snapshot().cis[ci]?.connections.map(({ correlation }) => correlation);
    expect(mannersOf('apollo')?.[0]).toBe('byId');
    expect(mannersOf('athena')).toEqual(['ordered', 'ordered']);
    await closed(pool, clock);
  });

  test('is plain data: JSON can represent all of it', async () => {
    const { pool, clock } = poolAtWork();
    const snapshot = pool.snapshot();
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    // JSON makes null of values it cannot represent, for example NaN.
    expect(JSON.stringify(snapshot)).not.toContain('null');
    await closed(pool, clock);
  });

  test('contains no message', async () => {
    const { pool, clock } = poolAtWork();
    expect(JSON.stringify(pool.snapshot())).not.toContain(SECRET);
    await closed(pool, clock);
  });

  test('never changes afterwards', async () => {
    const { pool, clock } = poolAtWork();
    const snapshot = pool.snapshot();
    const before = JSON.stringify(snapshot);
    pool.ask('apollo', SECRET).subscribe();
    await closed(pool, clock);
    expect(JSON.stringify(snapshot)).toBe(before);
    expect(pool.snapshot()).toMatchObject({ state: 'closed', totals: { inFlight: 0, waiting: 0, connections: 0 } });
  });

  test('exists for an empty pool, too', async () => {
    await using pool = createPool({ logger: false });
    const { cis, totals } = pool.snapshot();
    expect(cis).toEqual({});
    expect(totals).toMatchObject({ cis: 0, connections: 0, inFlight: 0, waiting: 0 });
    expect(sum(Object.values(totals.states))).toBe(0);
    expect(totals.metrics.reuseRatio).toBe(0);
  });

  test('works with a CI named like a property of Object', async () => {
    await using pool = createPool({ logger: false, cis: { constructor: 'tcp://h:1', toString: 'tcp://h:1' } as never });
    expect(Object.keys(pool.snapshot().cis)).toEqual(['constructor', 'toString']);
    expect(pool.snapshot().totals.cis).toBe(2);
  });
});

describe('the totals are the sums', () => {
  test('of the current activity', async () => {
    const { pool, clock } = poolAtWork();
    const { cis, totals } = pool.snapshot();
    const all = Object.values(cis);
    expect(totals.cis).toBe(5);
    expect(totals.connections).toBe(sum(all.map(({ connections }) => connections.length)));
    expect(totals.inFlight).toBe(sum(all.map(({ inFlight }) => inFlight)));
    expect(totals.waiting).toBe(sum(all.map(({ waiting }) => waiting)));
    for (const [state, count] of Object.entries(totals.states)) {
      expect(all.filter((ci) => ci.state === state)).toHaveLength(count);
    }
    expect(sum(Object.values(totals.states))).toBe(5);
    await closed(pool, clock);
  });

  test('of each CI over its connections', async () => {
    const { pool, clock } = poolAtWork();
    for (const { inFlight, connections } of Object.values(pool.snapshot().cis)) {
      expect(inFlight).toBe(sum(connections.map((connection) => connection.inFlight)));
    }
    await closed(pool, clock);
  });

  test.each(counters)('of %s', async (name) => {
    const { pool, clock } = poolAtWork();
    const snapshot = pool.snapshot();
    expect(snapshot.totals.metrics[name]).toBe(sum(metricsOf(snapshot).map((metrics) => metrics[name])));
    await closed(pool, clock);
  });

  test.each(['failed', 'timeouts', 'reconnects', 'stateMs'] as const)('of %s, kind by kind', async (name) => {
    const { pool, clock } = poolAtWork();
    clock.advance(40_000);
    const snapshot = pool.snapshot();
    expect(snapshot.totals.metrics[name]).toEqual(sumOfRecords(metricsOf(snapshot).map((metrics) => metrics[name])));
    await closed(pool, clock);
  });

  test.each(['queueMs', 'connectMs', 'serviceMs'] as const)('of the durations in %s', async (name) => {
    const { pool, clock } = poolAtWork();
    const snapshot = pool.snapshot();
    const parts = metricsOf(snapshot).map((metrics) => metrics[name]);
    expect(snapshot.totals.metrics[name].count).toBe(sum(parts.map(({ count }) => count)));
    expect(snapshot.totals.metrics[name].max).toBe(Math.max(...parts.map(({ max }) => max)));
    await closed(pool, clock);
  });
});

test('a state that still lasts is counted up to now', async () => {
  const { pool, clock } = poolAtWork();
  const stateMs = (state: ConnectionState) => pool.snapshot().cis.athena?.metrics.stateMs[state] ?? 0;
  const before = stateMs('healthy');
  clock.advance(1_000);
  // Two connections, a second each.
  expect(stateMs('healthy') - before).toBe(2_000);
  expect(pool.snapshot().cis.sophia?.metrics.stateMs.idle).toBe(0);
  await closed(pool, clock);
});

test('since is when the present state began, in wall clock time', async () => {
  const { pool, clock } = poolAtWork();
  clock.advance(60_000);
  const { at, cis } = pool.snapshot();
  const upForMs = at - (cis.apollo?.since ?? 0);
  // Made at 10,000 ms; it was up a moment later.
  expect(upForMs).toBeGreaterThanOrEqual(60_000);
  expect(upForMs).toBeLessThanOrEqual(60_100);
  await closed(pool, clock);
});

test('the counters do not fall while a CI is removed or drains', async () => {
  const { pool, clock } = poolAtWork();
  const before = pool.snapshot().totals;
  const removing = ['apollo', 'athena', 'hermes'].map((ci) => pool.remove(ci, { drainTimeoutMs: 50 }));
  expect(pool.snapshot().totals.cis).toBe(2);
  expect(pool.snapshot().totals.metrics).toEqual(before.metrics);
  clock.advance(50);
  await Promise.all(removing);
  const { metrics } = pool.snapshot().totals;
  expect(metrics).toMatchObject({
    requests: before.metrics.requests,
    succeeded: 5,
    failed: { ci_error: 3, closed: 4, unavailable: 2 },
    serviceMs: before.metrics.serviceMs,
  });
  // A CI that is added again starts at 0; the totals go on.
  pool.add('apollo', 'memory://apollo');
  pool.ask('apollo', SECRET).subscribe();
  for (let step = 0; step < 10; step += 1) clock.advance(10);
  expect(pool.snapshot().cis.apollo?.metrics.succeeded).toBe(1);
  expect(pool.snapshot().totals.metrics.succeeded).toBe(6);
  await closed(pool, clock);
});
