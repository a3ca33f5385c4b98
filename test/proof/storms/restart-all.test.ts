import { describe, expect, test } from 'vitest';
import type { Pool } from '../../../src/index.js';
import { noteFigures } from '../../support/figures.js';
import { answers, changesOf, type MemoryCi, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { type Watched, watch } from '../../support/watch.js';
import { watchDials } from './dial-watch.js';
import { drawn } from './drawn.js';
import { tenthsOf } from './spread.js';

const stage = useVirtualStage();

/** `STORM_CIS`: how many CIs restart at once. Default: 1,000. */
const CIS = Number(process.env.STORM_CIS ?? 1_000);
/** For storms that do not depend on their size. */
const FEWER_CIS = Math.ceil(CIS / 5);
const DIAL_MS = 100;
const RECONNECT_MS = 5_000;
/** The first delay is random from 0 to twice its mean. */
const WINDOW_MS = 2 * RECONNECT_MS;
/** The wheel fires at most one tick late. */
const WHEEL_MS = 9;

interface Chorus {
  readonly size: number;
  readonly maxDials: number;
  /** Mean of the first delay, in ms. */
  readonly reconnectDelayMs?: number;
  /** Whether each got a request, so that its link has answered. Default: yes. */
  readonly past?: 'asked' | 'not asked';
}

/** A warm pool of very many CIs, whose dials take time. A request with the text `hold` is not answered. */
async function warmChorus({ size, maxDials, reconnectDelayMs = RECONNECT_MS, past = 'asked' }: Chorus) {
  const cis = Array.from({ length: size }, (_, i) =>
    stage.ci(`ci${i}`, (request, peer) => {
      if (request.content !== 'hold') answers(request, peer);
    }),
  );
  const wire = watchDials(stage.wire, stage.clock, { dialMs: DIAL_MS });
  const pool = stage.pool({
    cis: Object.fromEntries(cis.map(({ url }, i) => [`ci${i}`, url])),
    transports: { memory: wire },
    reconnectDelayMs,
    random: drawn(1),
    maxDials,
  });
  const warming = pool.warm();
  await stage.advance(Math.ceil(size / maxDials) * DIAL_MS, DIAL_MS);
  expect((await warming).up.length).toBe(size);
  expect(wire.most).toBe(Math.min(maxDials, size));
  wire.reset();
  if (past === 'asked') {
    const { asked } = askAll(pool, 'before', { deadlineMs: 1_000 });
    await settled();
    expect(tally(asked)).toEqual({ reply: size });
  }
  return { cis, wire, pool };
}

function restart(cis: readonly MemoryCi[]): void {
  for (const ci of cis) {
    ci.leave();
    ci.peers.at(-1)?.fail();
  }
}

/** Sends the same request to every CI, and records when each ended. */
function askAll(pool: Pool, content: string, options: { deadlineMs: number; waitForReady?: boolean }) {
  const startedMs = stage.clock.now();
  const tookMs: number[] = [];
  const asked = pool.cis.map((ci) => {
    const one = watch(pool.ask(ci, `${content} ${ci}`, options));
    void one.ended.then(() => tookMs.push(stage.clock.now() - startedMs));
    return one;
  });
  return { asked, tookMs };
}

function tally(asked: readonly Watched<unknown>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of asked) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** Even over the window of a first delay: about a tenth in each tenth; far from the third that would be a herd. */
function expectEvenSpread(delaysMs: readonly number[]): void {
  for (const share of tenthsOf(delaysMs, WINDOW_MS)) {
    expect(share).toBeGreaterThan(0.03);
    expect(share).toBeLessThan(0.2);
  }
}

describe(`${CIS} CIs that restart at once`, () => {
  test('come back spread by jitter, under the limit of dials, without requests', async () => {
    const maxDials = 64;
    const { cis, wire, pool } = await warmChorus({ size: CIS, maxDials });
    const changes = changesOf(pool);
    const held = pool.cis.map((ci) => watch(pool.ask(ci, 'hold')));
    await settled();
    restart(cis);
    await settled();
    // Requests in flight fail at once.
    expect(tally(held)).toEqual({ 'connection_lost maybe_sent total': CIS });
    const startedMs = stage.clock.now();
    await stage.advance(1_000, 100);
    for (const ci of cis) ci.comeBack();
    await stage.advance(9_000 + 10 * DIAL_MS, 100);

    // Links that had answered lead to no backoff, but CIs that lost them together do not come back together.
    const rests = changes.filter(({ to }) => to === 'idle');
    expect(rests.length).toBe(CIS);
    expect(rests.every(({ attempt, reason }) => attempt === 0 && reason === 'connection_lost')).toBe(true);
    expectEvenSpread(rests.map(({ delayMs }) => delayMs));
    const firstDials = new Map([...wire.begun].reverse().map(({ ci, atMs }) => [ci, atMs - startedMs]));
    expect(firstDials.size).toBe(CIS);
    for (const share of tenthsOf([...firstDials.values()], WINDOW_MS)) expect(share).toBeLessThan(1 / 3);

    // The few whose first dial found no listener back off; then all are up, with one link each.
    await stage.advance(60_000, 2_000);
    const { totals } = pool.snapshot();
    expect(totals.states.healthy).toBe(CIS);
    expect([totals.connections, totals.inFlight, totals.waiting]).toEqual([CIS, 0, 0]);
    expect(cis.every(({ open }) => open === 1)).toBe(true);
    expect(wire.most).toBeLessThanOrEqual(maxDials);
    expect(wire.begun.length).toBeLessThan(1.3 * CIS);
    noteFigures('storm', { cis: CIS, maxDials, most: wire.most, dials: wire.begun.length, requests: 2 * CIS });
  });

  test('are dialled at once for requests: only the limit of dials bounds them, and all requests settle in time', async () => {
    const maxDials = 64;
    const { cis, wire, pool } = await warmChorus({ size: CIS, maxDials });
    restart(cis);
    await settled();
    const hasty = askAll(pool, 'hasty', { deadlineMs: 4_000 });
    const patient = askAll(pool, 'patient', { deadlineMs: 4_000, waitForReady: true });
    await settled();
    expect([wire.begun.length, wire.underWay]).toEqual([maxDials, maxDials]);
    await stage.advance(1_000, 100);
    for (const ci of cis) ci.comeBack();
    const backMs = stage.clock.now();
    await stage.advance(3_000 + 2 * DIAL_MS, 100);

    // One dial for both requests of a CI. A dial without a listener fails the request that does not wait, and no CI that is back is
    // missed.
    const first = [...new Map([...wire.begun].reverse().map(({ ci, atMs }) => [ci, atMs])).values()];
    expect(first.length).toBe(CIS);
    const missed = first.filter((atMs) => atMs + DIAL_MS <= backMs).length;
    expect(missed).toBeGreaterThan(CIS / 3);
    expect(tally(hasty.asked)).toEqual({ 'unavailable not_sent connect': missed, reply: CIS - missed });
    // By their deadline: a reply if the CI was dialled in time, otherwise a failure that was not sent.
    const outcomes = tally(patient.asked);
    expect(Object.keys(outcomes).sort()).toEqual(['deadline_exceeded not_sent connect', 'reply']);
    expect(outcomes.reply).toBeGreaterThan(CIS - missed);
    for (const { asked, tookMs } of [hasty, patient]) {
      expect(asked.every(({ ends }) => ends === 1)).toBe(true);
      expect(tookMs.length).toBe(CIS);
      expect(Math.max(...tookMs)).toBeLessThanOrEqual(4_000 + 100 + WHEEL_MS);
    }
    for (const [i, ci] of cis.entries()) {
      for (const [name, { asked }] of Object.entries({ hasty, patient })) {
        const content = `${name} ci${i}`;
        const { outcome, values } = asked[i] as Watched<unknown>;
        expect(ci.contents.filter((found) => found === content).length).toBe(outcome === 'reply' ? 1 : 0);
        if (outcome === 'reply') expect(values).toMatchObject([{ ci: `ci${i}`, content }]);
      }
    }

    await stage.advance(60_000, 2_000);
    const { totals } = pool.snapshot();
    expect([totals.states.healthy, totals.inFlight, totals.waiting]).toEqual([CIS, 0, 0]);
    // Of two requests one had a new link to itself, since it had not shown ids yet: another link may have opened beside it.
    expect(cis.every(({ open }) => open === 1 || open === 2)).toBe(true);
    expect(wire.most).toBe(maxDials);
    // One at once, one more if that found no listener, and one beside.
    expect(wire.begun.length).toBeLessThanOrEqual(2 * CIS + missed);
  });

  test('and have not answered yet: they back off, and are still spread', async () => {
    const reconnectDelayMs = 1_000;
    const { cis, pool } = await warmChorus({ size: FEWER_CIS, maxDials: 64, reconnectDelayMs, past: 'not asked' });
    const changes = changesOf(pool);
    restart(cis);
    for (const ci of cis) ci.comeBack();
    await settled();
    expect(changes.every(({ to, attempt }) => to === 'reconnecting' && attempt === 1)).toBe(true);
    expect(changes.length).toBe(FEWER_CIS);
    const delaysMs = changes.map(({ delayMs }) => delayMs);
    for (const share of tenthsOf(delaysMs, 2 * reconnectDelayMs)) expect(share).toBeLessThan(1 / 3);
    // No herd comes at one moment.
    expect(new Set(delaysMs).size).toBeGreaterThan(0.8 * FEWER_CIS);
  });

  test('with a limit far below the rate at which they come back: each waits its turn, and none is forgotten', async () => {
    const maxDials = Math.ceil(FEWER_CIS / 200);
    const { cis, wire, pool } = await warmChorus({ size: FEWER_CIS, maxDials });
    restart(cis);
    for (const ci of cis) ci.comeBack();
    await settled();
    const waiting = askAll(pool, 'waiting', { deadlineMs: 60_000, waitForReady: true });
    // Fewer dials a second than needed: the rest waits, and not one more begins.
    await stage.advance(FEWER_CIS * (DIAL_MS / maxDials) + DIAL_MS, 100);
    expect(wire.most).toBe(maxDials);
    expect(wire.begun.length).toBe(FEWER_CIS);
    expect(tally(waiting.asked)).toEqual({ reply: FEWER_CIS });
    expect(pool.snapshot().totals.states.healthy).toBe(FEWER_CIS);
    // The wait for permission to dial is no dial: no dial counted as too long for it. And the lost links had answered.
    expect(pool.snapshot().totals.metrics.reconnects).toEqual({});
  });

  test('and hang when they are dialled: the limit holds, and each dial ends by its timeout', async () => {
    const maxDials = Math.ceil(FEWER_CIS / 25);
    const { cis, wire, pool } = await warmChorus({ size: FEWER_CIS, maxDials });
    restart(cis);
    for (let i = 0; i < FEWER_CIS; i += 1) stage.wire.hangs(`ci${i}`);
    await settled();
    const waiting = askAll(pool, 'waiting', { deadlineMs: 20_000, waitForReady: true });
    await stage.advance(20_000 + 2 * WHEEL_MS, 500);
    expect(tally(waiting.asked)).toEqual({ 'deadline_exceeded not_sent connect': FEWER_CIS });
    expect(wire.most).toBe(maxDials);
    expect(wire.underWay).toBeLessThanOrEqual(maxDials);
    for (const ci of cis) ci.comeBack();
    await stage.advance(180_000, 1_000);
    expect(pool.snapshot().totals.states.healthy).toBe(FEWER_CIS);
    expect(wire.most).toBe(maxDials);
  });
});
