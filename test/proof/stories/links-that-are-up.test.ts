import { describe, expect, test } from 'vitest';
import type { Pool, Reply, StateChange } from '../../../src/index.js';
import type { MemoryPeer } from '../../../src/testing/index.js';
import { chatsTo, type Leaves, type LeavingOptions, leavingCi } from '../../support/leaving-ci.js';
import { answers, changesOf, type MemoryScript, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { type Watched, watch } from '../../support/watch.js';
import { type BegunDial, watchDials } from '../storms/dial-watch.js';
import { drawn } from '../storms/drawn.js';
import { getKnown } from './known-ci.js';

const stage = useVirtualStage();

/** The default of `minRedialIntervalMs`. */
const REDIAL_MS = 20;
const manners = [
  { correlation: 'echoes ids', echoes: true },
  { correlation: 'sends no ids', echoes: false },
] as const;
const LOST = 'connection_lost maybe_sent total';

/** A pool with one CI that closes its links, with its dials and state changes. */
function poolFor(options: LeavingOptions, limits: object = {}, dialMs = 0) {
  const ci = leavingCi(stage, 'apollo', options);
  const wire = watchDials(stage.wire, stage.clock, { dialMs });
  const pool = stage.pool({ cis: { apollo: ci.url }, transports: { memory: wire }, ...limits });
  return { ci, wire, pool, changes: changesOf(pool) };
}

/** Asks one question after the other; each `pauseMs` after the end of the last. */
async function askInTurn(pool: Pool, count: number, pauseMs: number): Promise<Watched<Reply>[]> {
  const asked: Watched<Reply>[] = [];
  for (let i = 0; i < count; i += 1) {
    const one = watch(pool.ask('apollo', `q${i}`));
    asked.push(one);
    await settled();
    for (let waitedMs = 0; one.ends === 0 && waitedMs < 1_000; waitedMs += 1) await stage.advance(1);
    if (pauseMs > 0) await stage.advance(pauseMs);
  }
  return asked;
}

function tally(asked: readonly Watched<unknown>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of asked) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

function expectOwnAnswers(asked: readonly Watched<Reply>[]): void {
  for (const [i, { outcome, values }] of asked.entries()) {
    if (outcome === 'reply') expect(values.map(({ content }) => content)).toEqual([`q${i}`]);
  }
}

const backoffs = (changes: readonly StateChange[]) => changes.filter(({ to }) => to === 'reconnecting');

function failuresOf(pool: Pool) {
  const { failed, reconnects, timeouts } = pool.snapshot().totals.metrics;
  return { failed, reconnects, timeouts };
}

const NO_FAILURE = { failed: {}, reconnects: {}, timeouts: {} };

/** A part of an answer, then the end. */
function sendPart(peer: MemoryPeer): void {
  peer.sendRaw('{"type":"chat_resp');
  peer.close();
}

/** The times between dials, in ms. */
const gaps = (dials: readonly BegunDial[]) => dials.slice(1).map(({ atMs }, i) => atMs - (dials[i] as BegunDial).atMs);

interface LeavingRow {
  readonly peer: string;
  readonly leaves: Leaves;
  readonly how?: 'close' | 'fail';
  readonly count: number;
  readonly pausesMs: readonly number[];
}

const rows: readonly LeavingRow[] = [
  { peer: 'closes 300 ms after its last answer', leaves: { idleMs: 300 }, count: 60, pausesMs: [1_000, 301, 300, 299] },
  { peer: 'closes after five lines', leaves: { lines: 5 }, count: 200, pausesMs: [0, 50] },
  { peer: 'closes after five chats', leaves: { chats: 5 }, count: 200, pausesMs: [0, 50] },
  { peer: 'closes after each answer', leaves: { lines: 1 }, count: 20, pausesMs: [0, 50] },
  { peer: 'resets after each answer', leaves: { lines: 1 }, how: 'fail', count: 20, pausesMs: [0, 50] },
];
const cases = rows.flatMap(({ pausesMs, ...row }) =>
  manners.flatMap((correlation) => pausesMs.map((pauseMs) => ({ ...row, ...correlation, pauseMs }))),
);

describe('a peer that answers, and then closes', () => {
  test.each(cases)('$peer and $correlation: $count of $count, asked $pauseMs ms after the last answer', async (row) => {
    const { ci, pool, changes } = poolFor(row);
    const asked = await askInTurn(pool, row.count, row.pauseMs);
    expect(tally(asked)).toEqual({ reply: row.count });
    expectOwnAnswers(asked);
    expect(backoffs(changes)).toEqual([]);
    expect(failuresOf(pool)).toEqual(NO_FAILURE);
    expect(chatsTo(ci)).toEqual(asked.map((_, i) => `q${i}`));
  });

  test.each(manners)('leaves its CI idle, without a counted failure, when it $correlation', async ({ echoes }) => {
    const { pool, changes } = poolFor({ leaves: { idleMs: 300 }, echoes });
    await getKnown(pool);
    await stage.advance(1_000, 10);
    expect(changes.at(-1)).toMatchObject({ to: 'idle', reason: 'connection_lost', attempt: 0, delayMs: 0 });
    expect(pool.snapshot().cis.apollo).toMatchObject({ state: 'idle', attempt: 0, inFlight: 0, waiting: 0 });
    // No backoff runs, and nothing else is due.
    await stage.advance(2_000);
    expect(stage.clock.pending).toBe(0);
  });

  test.each(manners)('is dialled at once by the next request, without a wait, when it $correlation', async (row) => {
    const { wire, pool } = poolFor({ leaves: { idleMs: 300 }, echoes: row.echoes });
    await askInTurn(pool, 1, 1_000);
    wire.reset();
    const asked = watch(pool.ask('apollo', 'again', { waitForReady: false }));
    await settled();
    expect([asked.outcome, wire.begun]).toEqual(['reply', [{ ci: 'apollo', atMs: stage.clock.now() }]]);
    expect(asked.values[0]).toMatchObject({ content: 'again', reused: false });
  });
});

/**
 * A peer closes after its answer while the next question is under way: the peer never reads it, and no client can know
 * that, so the question is lost. It fails as `maybe_sent`, it is not sent again, and the next one works.
 */
describe('a question that crosses the FIN of a peer that closes', () => {
  const crossing = [
    { peer: 'each answer', leaves: { lines: 1 }, count: 20, atLeast: 10 },
    { peer: 'five lines', leaves: { lines: 5 }, count: 200, atLeast: 160 },
    { peer: 'five chats', leaves: { chats: 5 }, count: 200, atLeast: 160 },
  ] as const;

  test.each(crossing)('after $peer, with ids, is lost; the next one is answered', async (row) => {
    const { ci, pool, changes } = poolFor({ leaves: row.leaves, echoes: true, lateMs: 5 });
    const asked = await askInTurn(pool, row.count, 0);
    expectLossesToBeSingle(asked, row.atLeast);
    expect(backoffs(changes)).toEqual([]);
    expect(Object.keys(failuresOf(pool).failed)).toEqual(['connection_lost']);
    expect(new Set(chatsTo(ci)).size).toBe(chatsTo(ci).length);
  });

  // It is not written when the FIN is read, so it fails as `not_sent`, or goes over the next connection.
  test('and is asked inside the callback of the last answer: the same', async () => {
    const { pool, changes } = poolFor({ leaves: { lines: 1 }, echoes: true });
    const asked: Watched<Reply>[] = [];
    const askNext = (): void => {
      if (asked.length === 20) return;
      const one = watch(pool.ask('apollo', `q${asked.length}`));
      asked.push(one);
      one.subscription.add(askNext);
    };
    askNext();
    await stage.advance(2_000, 1);
    expect(asked.length).toBe(20);
    expectLossesToBeSingle(asked, 10, 'connection_lost not_sent total');
    expect(backoffs(changes)).toEqual([]);
  });

  // On a wire without ids the pool learns from the first loss, and then opens a connection for each request.
  test('costs at most one request if the peer sends no ids', async () => {
    const { pool, changes } = poolFor({ leaves: { lines: 1 }, echoes: false, lateMs: 5 });
    const asked = await askInTurn(pool, 20, 0);
    expectLossesToBeSingle(asked, 19);
    expect(backoffs(changes)).toEqual([]);
  });

  function expectLossesToBeSingle(asked: readonly Watched<Reply>[], atLeast: number, loss = LOST): void {
    const outcomes = asked.map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome !== 'reply' && outcome !== loss)).toEqual([]);
    expect(outcomes.filter((outcome, i) => outcome === loss && outcomes[i + 1] === loss)).toEqual([]);
    expect(tally(asked).reply).toBeGreaterThanOrEqual(atLeast);
    expectOwnAnswers(asked);
  }
});

describe('a link that had answered is lost with requests outstanding', () => {
  test.each([
    { correlation: 'echoes ids', echoes: true, held: 3 },
    { correlation: 'sends no ids', echoes: false, held: 1 },
  ])('fails them; the next request dials at once ($correlation)', async ({ echoes, held }) => {
    const { ci, wire, pool, changes } = poolFor({ leaves: { never: true }, echoes }, { maxConnections: 1 });
    await getKnown(pool);
    const before = chatsTo(ci);
    ci.peers.at(-1)?.onRequest(() => {});
    const outstanding = Array.from({ length: held }, (_, i) => watch(pool.ask('apollo', `held ${i}`)));
    await stage.advance(100, 1);
    expect(tally(outstanding)).toEqual({ pending: held });
    ci.peers.at(-1)?.fail();
    await settled();
    expect(tally(outstanding)).toEqual({ [LOST]: held });
    wire.reset();
    const next = watch(pool.ask('apollo', 'next'));
    await settled();
    expect([next.outcome, wire.begun.length]).toEqual(['reply', 1]);
    expect(backoffs(changes)).toEqual([]);
    expect(chatsTo(ci)).toEqual([...before, 'next']);
  });

  test('waiting requests go on over the next link', async () => {
    const { ci, pool } = poolFor({ leaves: { never: true }, echoes: false }, { maxConnections: 1 });
    await getKnown(pool);
    ci.peers.at(-1)?.onRequest(() => {});
    const asked = ['held', 'q1', 'q2'].map((content) => watch(pool.ask('apollo', content)));
    await stage.advance(50, 1);
    ci.peers.at(-1)?.close();
    await stage.advance(100, 1);
    expect(asked.map(({ outcome }) => outcome)).toEqual([LOST, 'reply', 'reply']);
  });
});

describe('free redials', () => {
  /** Callers that ask again 1 ms after each end, for one second of virtual time. */
  async function hotLoop(pool: Pool, callers: number): Promise<Watched<Reply>[]> {
    const asked: Watched<Reply>[] = [];
    const endMs = stage.clock.now() + 1_000;
    const again = (): void => {
      if (stage.clock.now() >= endMs) return;
      const one = watch(pool.ask('apollo', 'hot'));
      asked.push(one);
      one.subscription.add(() => stage.clock.setTimeout(again, 1, 'background'));
    };
    for (let i = 0; i < callers; i += 1) again();
    await stage.advance(1_100, 1);
    return asked;
  }

  const oneShot = { leaves: { lines: 1 }, echoes: true, answerMs: 1 } as const;

  test.each([
    { maxConnections: 1, limits: {}, intervalMs: REDIAL_MS },
    { maxConnections: 4, limits: {}, intervalMs: REDIAL_MS },
    { maxConnections: 1, limits: { minRedialIntervalMs: 100 }, intervalMs: 100 },
  ])('are limited in a hot loop: $intervalMs ms apart, $maxConnections connections', async (row) => {
    const { wire, pool, changes } = poolFor(oneShot, { maxConnections: row.maxConnections, ...row.limits });
    const asked = await hotLoop(pool, 8);
    // The first dials are not redials.
    const redials = wire.begun.slice(row.maxConnections);
    expect(Math.min(...gaps(redials))).toBeGreaterThanOrEqual(row.intervalMs);
    // The redials are not too slow either: an answer takes 1 ms.
    expect(redials.length).toBeGreaterThanOrEqual(0.8 * (1_000 / (row.intervalMs + 2)));
    expect(asked.some(({ outcome }) => outcome === 'reply')).toBe(true);
    const codes = new Set(asked.map(({ error }) => error?.code));
    expect([...codes].filter((code) => code !== undefined && code !== 'connection_lost')).toEqual([]);
    expect(backoffs(changes)).toEqual([]);
  });

  test('cost no request if the peer sends no ids: each has a connection of its own', async () => {
    const { wire, pool, changes } = poolFor({ ...oneShot, echoes: false }, { maxConnections: 1 });
    const asked = await hotLoop(pool, 8);
    const lost = asked.filter(({ outcome }) => outcome !== 'reply');
    expect(lost.length).toBeLessThanOrEqual(1);
    expect(wire.begun.length).toBeLessThanOrEqual(asked.length);
    expect(backoffs(changes)).toEqual([]);
  });

  test('have a separate interval for each CI', async () => {
    const slow = leavingCi(stage, 'slow', oneShot);
    const quick = leavingCi(stage, 'quick', oneShot);
    const wire = watchDials(stage.wire, stage.clock);
    const cis = { slow: { url: slow.url, minRedialIntervalMs: 200 }, quick: quick.url };
    const pool = stage.pool({ cis, transports: { memory: wire }, minRedialIntervalMs: 50, maxConnections: 1 });
    for (let atMs = 0; atMs < 2_000; atMs += 10) {
      for (const ci of pool.cis) watch(pool.ask(ci, 'hello'));
      await stage.advance(10, 1);
    }
    await stage.advance(500, 1);
    const redialsOf = (name: string) => wire.begun.filter(({ ci }) => ci === name).slice(1);
    expect(Math.min(...gaps(redialsOf('slow')))).toBeGreaterThanOrEqual(200);
    expect(Math.min(...gaps(redialsOf('quick')))).toBeGreaterThanOrEqual(50);
    expect(redialsOf('slow').length).toBeGreaterThanOrEqual(8);
    expect(redialsOf('quick').length).toBeGreaterThanOrEqual(30);
  });

  test('are shared by all waiting requests: one dial for a hundred', async () => {
    const { wire, pool } = poolFor({ leaves: { idleMs: 300 }, echoes: true, answerMs: 1 }, {}, 10);
    await askInTurn(pool, 1, 1_000);
    wire.reset();
    const asked = Array.from({ length: 100 }, (_, i) => watch(pool.ask('apollo', `q${i}`)));
    await stage.advance(9, 1);
    expect([tally(asked), wire.begun.length]).toEqual([{ pending: 100 }, 1]);
    // Once it is up, others may be opened beside it.
    await stage.advance(REDIAL_MS, 1);
    expect(tally(asked)).toEqual({ reply: 100 });
    expect(wire.begun.length).toBeLessThanOrEqual(4);
    expectOwnAnswers(asked);
  });

  test('are not made for requests that have gone, and leave no timer', async () => {
    const { wire, pool } = poolFor({ leaves: { lines: 1 }, echoes: true }, { minRedialIntervalMs: 1_000 });
    await askInTurn(pool, 2, 1);
    wire.reset();
    const hasty = watch(pool.ask('apollo', 'hasty', { deadlineMs: 100 }));
    const fickle = watch(pool.ask('apollo', 'fickle'));
    await stage.advance(200, 1);
    fickle.subscription.unsubscribe();
    expect([hasty.error?.code, hasty.error?.delivery, fickle.ends]).toEqual(['deadline_exceeded', 'not_sent', 0]);
    await stage.advance(5_000, 100);
    expect([wire.begun.length, stage.clock.pending]).toEqual([0, 0]);
    const asked = await askInTurn(pool, 1, 0);
    expect(tally(asked)).toEqual({ reply: 1 });
  });

  test('come in time, even if an early dial of an earlier outage is still planned', async () => {
    const { ci, pool } = poolFor({ leaves: { lines: 1 }, echoes: true }, { maxConnections: 1, reconnectDelayMs: 10 });
    ci.leave();
    const waiting = watch(pool.ask('apollo', 'waiting', { waitForReady: true }));
    await stage.advance(5, 1);
    // One is planned: a second after the last dial, if the CI is down then.
    watch(pool.ask('apollo', 'beside', { waitForReady: true }));
    ci.comeBack();
    await stage.advance(100, 1);
    expect(waiting.outcome).toBe('reply');
    // One after the other, each on its own link.
    for (let i = 0; i < 5; i += 1) {
      const asked = watch(pool.ask('apollo', `q${i}`));
      for (let waitedMs = 0; asked.ends === 0 && waitedMs < 2 * REDIAL_MS; waitedMs += 1) await stage.advance(1);
      expect(asked.outcome).toBe('reply');
    }
  });

  test('begin the backoff if they fail', async () => {
    const { ci, wire, pool, changes } = poolFor({ leaves: { idleMs: 300 }, echoes: true });
    await askInTurn(pool, 1, 1_000);
    ci.leave();
    wire.reset();
    const asked = await askInTurn(pool, 2, 10);
    expect(tally(asked)).toEqual({ 'unavailable not_sent connect': 2 });
    expect(backoffs(changes)).toMatchObject([{ reason: 'unavailable', attempt: 1 }]);
    expect(wire.begun.length).toBe(1);
  });
});

describe('a link that never answered leads to a backoff when it is lost', () => {
  const useless: {
    readonly peer: string;
    readonly onPeer?: 'close' | 'fail' | 'greet';
    readonly script?: MemoryScript;
  }[] = [
    { peer: 'closes', onPeer: 'close' },
    { peer: 'resets', onPeer: 'fail' },
    { peer: 'greets and closes', onPeer: 'greet' },
    { peer: 'reads the question and closes', script: (_, peer) => peer.close() },
    { peer: 'begins an answer and closes', script: (_, peer) => sendPart(peer) },
  ];

  test.each(useless)('when the peer accepts, and then $peer', async ({ onPeer, script }) => {
    const ci = stage.ci('apollo', script, (peer) => {
      if (onPeer === 'greet') peer.send({ type: 'hello' });
      if (onPeer === 'fail') peer.fail();
      else if (onPeer !== undefined) peer.close();
    });
    const wire = watchDials(stage.wire, stage.clock);
    const pool = stage.pool({ cis: { apollo: ci.url }, transports: { memory: wire } });
    const changes = changesOf(pool);
    const asked: Watched<Reply>[] = [];
    for (let i = 0; i < 200; i += 1) {
      asked.push(watch(pool.ask('apollo', `q${i}`)));
      await stage.advance(50, 1);
    }
    expect(asked.some(({ outcome }) => outcome === 'reply')).toBe(false);
    expect(backoffs(changes).map(({ attempt }) => attempt)).toEqual(backoffs(changes).map((_, i) => i + 1));
    expect(backoffs(changes).length).toBe(wire.begun.length);
    // One dial a second at most, on demand.
    expect(Math.min(...gaps(wire.begun))).toBeGreaterThanOrEqual(1_000);
  });
});

describe('a warm CI whose link had answered and is lost', () => {
  /** Its link had answered and was lost; its redial is planned. */
  async function resting(echoes: boolean) {
    const scene = poolFor({ leaves: { idleMs: 300 }, echoes }, { maxConnections: 1 });
    void scene.pool.warm();
    await getKnown(scene.pool);
    await stage.advance(301, 1);
    expect(scene.pool.snapshot().cis.apollo).toMatchObject({ state: 'idle', attempt: 0 });
    const loss = scene.changes.at(-1) as StateChange;
    expect(loss).toMatchObject({ to: 'idle', reason: 'connection_lost', attempt: 0 });
    expect(loss.delayMs).toBeGreaterThan(1_000);
    expect(backoffs(scene.changes)).toEqual([]);
    scene.changes.length = 0;
    return { ...scene, delayMs: loss.delayMs };
  }

  test.each(manners)(
    'is idle, and dialled again after a while, even without requests ($correlation)',
    async ({ echoes }) => {
      const { wire, pool, changes, delayMs } = await resting(echoes);
      wire.reset();
      await stage.advance(delayMs - 10, 10);
      expect(wire.begun).toEqual([]);
      await stage.advance(10, 1);
      expect(changes).toMatchObject([
        { to: 'connecting', reason: 'kept_up' },
        { to: 'healthy', reason: 'link_up' },
      ]);
      expect([wire.begun.length, pool.snapshot().cis.apollo?.state]).toEqual([1, 'healthy']);
    },
  );

  test.each(manners)('is idle, and a request then dials at once ($correlation)', async ({ echoes }) => {
    const { wire, pool, changes } = await resting(echoes);
    await stage.advance(100);
    wire.reset();
    const asked = watch(pool.ask('apollo', 'again'));
    await settled();
    expect([asked.outcome, wire.begun]).toEqual(['reply', [{ ci: 'apollo', atMs: stage.clock.now() }]]);
    expect(changes[0]).toMatchObject({ to: 'connecting', reason: 'wanted' });
  });

  test.each(manners)(
    'answers 60 of 60, one a second, with a peer that closes when idle ($correlation)',
    async (row) => {
      const { pool } = poolFor({ leaves: { idleMs: 300 }, echoes: row.echoes });
      void pool.warm();
      const asked = await askInTurn(pool, 60, 1_000);
      expect(tally(asked)).toEqual({ reply: 60 });
      expect(failuresOf(pool).failed).toEqual({});
    },
  );

  test('is redialled only by its backoff without requests, with growing random delays', async () => {
    const cis = Array.from({ length: 20 }, (_, i) => stage.ci(`ci${i}`, answers));
    const wire = watchDials(stage.wire, stage.clock);
    const urls = Object.fromEntries(cis.map(({ url }, i) => [`ci${i}`, url]));
    const pool = stage.pool({ cis: urls, transports: { memory: wire }, random: drawn(3) });
    void pool.warm();
    await settled();
    for (const ci of pool.cis) watch(pool.ask(ci, 'hello'));
    await stage.advance(1_000, 10);
    const changes = changesOf(pool);
    for (const ci of cis) ci.leave();
    for (const ci of cis) ci.peers[0]?.close();
    wire.reset();
    await stage.advance(300_000, 100);
    const delays = backoffs(changes);
    expect(wire.begun.length).toBe(delays.length - delays.filter(({ reason }) => reason === 'connection_lost').length);
    for (const { attempt, delayMs } of delays)
      expect(delayMs).toBeLessThanOrEqual(Math.min(60_000, 5_000 * 2 ** attempt));
    const firsts = delays.filter(({ attempt }) => attempt === 1).map(({ delayMs }) => Math.round(delayMs));
    expect(new Set(firsts).size).toBeGreaterThan(15);
    expect(wire.begun.length / cis.length).toBeLessThan(25);
    expect(wire.begun.length / cis.length).toBeGreaterThan(6);
  });
});
