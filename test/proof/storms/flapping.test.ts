import { describe, expect, test } from 'vitest';
import type { Pool, StateChange } from '../../../src/index.js';
import type { MemoryPeer } from '../../../src/testing/index.js';
import { answers, changesOf, type MemoryScript, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { type Watched, watch } from '../../support/watch.js';
import { type BegunDial, watchDials } from './dial-watch.js';
import { drawn } from './drawn.js';
import { tenthsOf } from './spread.js';

const stage = useVirtualStage();

const CIS = 20;
const TEN_MINUTES_MS = 600_000;
/** The defaults of the pool. */
const RECONNECT_MS = 5_000;
const MAX_RECONNECT_MS = 60_000;
/** The upper limit of a random delay: full jitter. */
const ceilingMs = (attempt: number): number => Math.min(MAX_RECONNECT_MS, RECONNECT_MS * 2 ** attempt);

interface Flapping {
  readonly pool: Pool;
  readonly asked: readonly Watched<unknown>[];
  /** The backoffs of each CI, in order. */
  readonly backoffs: ReadonlyMap<string, readonly StateChange[]>;
  /** After the loss of a link that had answered: how long each CI rested until it was dialled again, to keep it up. */
  readonly rests: readonly StateChange[];
  readonly dials: readonly BegunDial[];
}

/** Ten minutes of warm CIs with short-lived links; each gets requests whenever it is up. */
async function tenMinutesOf(onPeer: (peer: MemoryPeer) => void, script: MemoryScript = answers): Promise<Flapping> {
  const cis = Array.from({ length: CIS }, (_, i) => stage.ci(`ci${i}`, script, onPeer));
  const wire = watchDials(stage.wire, stage.clock);
  const urls = Object.fromEntries(cis.map(({ url }, i) => [`ci${i}`, url]));
  const pool = stage.pool({ cis: urls, transports: { memory: wire }, random: drawn(3) });
  const changes = changesOf(pool);
  const asked: Watched<unknown>[] = [];
  pool.states$.subscribe(({ ci, to }) => {
    if (to === 'healthy') asked.push(watch(pool.ask(ci, 'hello')));
  });
  void pool.warm();
  await stage.advance(TEN_MINUTES_MS, 1_000);
  const backoffs = new Map(pool.cis.map((ci) => [ci, [] as StateChange[]]));
  for (const change of changes) if (change.to === 'reconnecting') backoffs.get(change.ci)?.push(change);
  return { pool, asked, backoffs, rests: changes.filter(({ to }) => to === 'idle'), dials: wire.begun };
}

function expectBackoffToGrow({ backoffs, dials, asked }: Flapping): void {
  const all = [...backoffs.values()];
  for (const changes of all) {
    // Never reset: one more with each loss.
    expect(changes.map(({ attempt }) => attempt)).toEqual(changes.map((_, i) => i + 1));
    expect(changes.length).toBeGreaterThan(8);
    for (const { attempt, delayMs } of changes) {
      expect(delayMs).toBeGreaterThanOrEqual(0);
      expect(delayMs).toBeLessThanOrEqual(ceilingMs(attempt));
    }
  }
  // Random over the whole window below the ceiling, at each stage of the growth.
  const shares = all.flat().map(({ attempt, delayMs }) => delayMs / ceilingMs(attempt));
  for (const share of tenthsOf(shares, 1)) {
    expect(share).toBeGreaterThan(0.04);
    expect(share).toBeLessThan(0.2);
  }
  // 10 s, 20 s, 40 s, then a minute at most, half of it on average: about 22 in ten minutes, and no hot loop.
  expect(dials.length / CIS).toBeGreaterThan(15);
  expect(dials.length / CIS).toBeLessThan(30);
  expect(asked.every(({ ends }) => ends <= 1)).toBe(true);
}

/** A peer that answers is up, even if it closes soon: no backoff, but no loop of dials to keep it up either. */
function expectUpkeepToBeSpread({ backoffs, rests, dials, asked }: Flapping, lifeMs: number): void {
  expect([...backoffs.values()].flat()).toEqual([]);
  expect(rests.every(({ attempt, reason }) => attempt === 0 && reason === 'connection_lost')).toBe(true);
  // Each rest is random like a first backoff: links that were lost together do not come back together.
  const shares = rests.map(({ delayMs }) => delayMs / ceilingMs(1));
  for (const share of tenthsOf(shares, 1)) {
    expect(share).toBeGreaterThan(0.06);
    expect(share).toBeLessThan(0.14);
  }
  // One life and 5 s of rest, on average.
  const expected = TEN_MINUTES_MS / (lifeMs + RECONNECT_MS);
  expect(dials.length / CIS).toBeGreaterThan(0.8 * expected);
  expect(dials.length / CIS).toBeLessThan(1.2 * expected);
  expect(asked.length).toBe(dials.length);
  expect(asked.every(({ outcome, ends }) => outcome === 'reply' && ends === 1)).toBe(true);
}

describe('over ten minutes, no peer resets a backoff', () => {
  test('that accepts and closes at once', async () => {
    const flapping = await tenMinutesOf((peer) => peer.close());
    expectBackoffToGrow(flapping);
    expect(flapping.asked.every(({ error }) => error?.code === 'connection_lost')).toBe(true);
  });

  test('that flaps every second, and reads requests in between', async () => {
    const flapping = await tenMinutesOf(
      (peer) => {
        const timer = stage.clock.setTimeout(() => peer.fail(), 1_000, 'background');
        void peer.closed.then(() => stage.clock.clearTimeout(timer));
      },
      () => {},
    );
    expectBackoffToGrow(flapping);
    const ended = flapping.asked.filter(({ ends }) => ends === 1);
    expect(ended.every(({ outcome }) => outcome === 'connection_lost maybe_sent total')).toBe(true);
    // The links of the last second are open.
    expect(flapping.asked.length - ended.length).toBeLessThanOrEqual(CIS);
  });

  test('that stays up for long, but never answers', async () => {
    const flapping = await tenMinutesOf(
      (peer) => {
        const timer = stage.clock.setTimeout(() => peer.fail(), 15_000, 'background');
        void peer.closed.then(() => stage.clock.clearTimeout(timer));
      },
      () => {},
    );
    for (const changes of flapping.backoffs.values()) {
      expect(changes.map(({ attempt }) => attempt)).toEqual(changes.map((_, i) => i + 1));
    }
  });
});

describe('over ten minutes, a warm CI is dialled again after a while, without a backoff, when its peer', () => {
  test('flaps every second, and answers requests in between', async () => {
    const flapping = await tenMinutesOf((peer) => {
      const timer = stage.clock.setTimeout(() => peer.fail(), 1_000, 'background');
      void peer.closed.then(() => stage.clock.clearTimeout(timer));
    });
    expectUpkeepToBeSpread(flapping, 1_000);
  });

  test('answers each first request, and closes after the answer', async () => {
    const flapping = await tenMinutesOf(
      () => {},
      (request, peer) => {
        answers(request, peer);
        peer.close();
      },
    );
    expectUpkeepToBeSpread(flapping, 0);
  });
});

test('a link that answers resets it, even if it is lost soon: the next failure counts as the first', async () => {
  let script: MemoryScript = () => {};
  const ci = stage.ci(
    'apollo',
    (request, peer) => script(request, peer),
    (peer) => {
      const timer = stage.clock.setTimeout(() => peer.fail(), 1_000, 'background');
      void peer.closed.then(() => stage.clock.clearTimeout(timer));
    },
  );
  const pool = stage.pool({ cis: { apollo: ci.url }, random: drawn(5) });
  const changes = changesOf(pool);
  pool.states$.subscribe(({ to }) => {
    if (to === 'healthy') watch(pool.ask('apollo', 'hello'));
  });
  void pool.warm();
  await stage.advance(120_000, 500);
  const attempts = (): number[] => changes.filter(({ to }) => to === 'reconnecting').map(({ attempt }) => attempt);
  const before = attempts().length;
  expect(attempts()).toEqual(Array.from({ length: before }, (_, i) => i + 1));
  expect(before).toBeGreaterThan(2);
  // From the next link on it answers.
  script = answers;
  await stage.advance(120_000, 500);
  expect(changes.at(-1)?.attempt).toBe(0);
  // At most the current backoff ended in a link that was lost without an answer.
  expect(attempts().length - before).toBeLessThanOrEqual(1);
  const until = attempts().length;
  ci.leave();
  await stage.advance(60_000, 500);
  await settled();
  expect(attempts().slice(until).slice(0, 2)).toEqual([1, 2]);
});
