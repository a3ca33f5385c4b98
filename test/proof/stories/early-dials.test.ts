import { describe, expect, test } from 'vitest';
import type { Pool, Reply, StateChange } from '../../../src/index.js';
import { type LeavingOptions, leavingCi } from '../../support/leaving-ci.js';
import { changesOf, type MemoryCi, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { type Watched, watch } from '../../support/watch.js';
import { type BegunDial, watchDials } from '../storms/dial-watch.js';
import { drawn } from '../storms/drawn.js';

const stage = useVirtualStage();

/** At most one early dial for each CI in this time. */
const EARLY_MS = 1_000;
const FOUND_WITHIN_MS = 1_500;
/** Twenty requests a second. */
const ASK_EVERY_MS = 50;
const LATER_MS = 60_000;
const DOWN = 'unavailable not_sent connect';
const manners = [
  { correlation: 'echoes ids', echoes: true },
  { correlation: 'sends no ids', echoes: false },
] as const;

interface Watch {
  readonly cis: readonly MemoryCi[];
  readonly pool: Pool;
  readonly wire: ReturnType<typeof watchDials>;
  readonly changes: readonly StateChange[];
}

/** A pool whose CIs have answered, and had no requests for a while. */
async function useful(names: readonly string[], echoes: LeavingOptions['echoes'], limits: object = {}): Promise<Watch> {
  const cis = names.map((name) => leavingCi(stage, name, { leaves: { never: true }, echoes }));
  const wire = watchDials(stage.wire, stage.clock);
  const urls = Object.fromEntries(cis.map(({ url }, i) => [names[i], url]));
  const pool = stage.pool({ cis: urls, transports: { memory: wire }, ...limits });
  const asked = names.map((name) => watch(pool.ask(name, 'before')));
  await stage.advance(5_000, 100);
  expect(tally(asked)).toEqual({ reply: names.length });
  const changes = changesOf(pool);
  return { cis, pool, wire, changes };
}

/** Closes all listeners and all connections. */
async function breakDown({ cis, wire }: Watch): Promise<void> {
  wire.reset();
  for (const ci of cis) {
    ci.leave();
    for (const peer of ci.peers) peer.fail();
  }
  await settled();
}

/** Down, in a backoff that began with the failed dial of a request. */
async function backingOff(names: readonly string[], echoes: boolean, limits: object = {}): Promise<Watch> {
  const all = await useful(names, echoes, limits);
  await breakDown(all);
  for (const name of names) expect(await watch(all.pool.ask(name, 'to fail')).ended).toBe(DOWN);
  expect(all.wire.begun.length).toBe(names.length);
  return all;
}

/** Sends twenty requests a second to each CI, until it has answered or the time is over. */
class SteadyCaller {
  readonly asked: Watched<Reply>[] = [];
  readonly answeredMs = new Map<string, number>();
  readonly #pool: Pool;
  readonly #options: { readonly waitForReady: boolean; readonly deadlineMs: number };

  constructor(pool: Pool, waitForReady: boolean) {
    this.#pool = pool;
    this.#options = { waitForReady, deadlineMs: 120_000 };
  }

  async ask(forMs: number, isOver: () => boolean = () => false): Promise<void> {
    for (let passedMs = 0; passedMs < forMs && !isOver(); passedMs += ASK_EVERY_MS) {
      for (const ci of this.#pool.cis) {
        const note = () => this.answeredMs.has(ci) || this.answeredMs.set(ci, stage.clock.now());
        this.asked.push(watch(this.#pool.ask(ci, `q${this.asked.length}`, this.#options), note));
      }
      await stage.advance(ASK_EVERY_MS, 10);
    }
  }

  /** Sends requests until all CIs have answered. Returns the time from `sinceMs` to the last answer. */
  async untilFound(sinceMs: number): Promise<number> {
    const { cis } = this.#pool;
    await this.ask(LATER_MS, () => this.answeredMs.size === cis.length);
    return Math.max(...cis.map((ci) => this.answeredMs.get(ci) ?? Number.POSITIVE_INFINITY)) - sinceMs;
  }
}

function tally(asked: readonly Watched<unknown>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of asked) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

/** The shortest time between two dials of a CI, in ms. */
function shortestGap(dials: readonly BegunDial[], name = dials[0]?.ci): number {
  const moments = dials.filter(({ ci }) => ci === name).map(({ atMs }) => atMs);
  return Math.min(...moments.slice(1).map((atMs, i) => atMs - (moments[i] as number)));
}

const outages = [3_000, 20_000].flatMap((outageMs) =>
  [false, true].flatMap((waitForReady) => manners.map((correlation) => ({ outageMs, waitForReady, ...correlation }))),
);
/** The first backoff: none, half of the maximum, nearly the maximum, and random. */
const draws = [
  { drawnAs: '0', random: () => 0 },
  { drawnAs: '0.5', random: () => 0.5 },
  { drawnAs: '0.999', random: () => 0.999 },
  { drawnAs: 'it comes', random: drawn(11) },
];

describe('an outage under twenty requests a second', () => {
  describe.each(draws)('with jitter drawn as $drawnAs', ({ random }) => {
    test.each(outages)(
      'of $outageMs ms, waitForReady $waitForReady: a CI that $correlation is found within 1.5 s, with at most one dial a second',
      async ({ outageMs, waitForReady, echoes }) => {
        const all = await useful(['apollo'], echoes, { random });
        await breakDown(all);
        const caller = new SteadyCaller(all.pool, waitForReady);
        await caller.ask(outageMs);
        const during = [...all.wire.begun];
        const outcomes = tally(caller.asked);
        all.cis[0]?.comeBack();
        const foundMs = await caller.untilFound(stage.clock.now());
        expect(foundMs).toBeLessThanOrEqual(FOUND_WITHIN_MS);
        expect(shortestGap(during)).toBeGreaterThanOrEqual(EARLY_MS);
        expect(during.length).toBeGreaterThanOrEqual(Math.floor(outageMs / EARLY_MS) - 1);
        // Requests that do not wait fail at once, all of them; those that wait are all answered.
        const count = outageMs / ASK_EVERY_MS;
        expect(outcomes).toEqual(waitForReady ? { pending: count } : { [DOWN]: count });
        await stage.advance(1_000, 10);
        const later = caller.asked.slice(waitForReady ? 0 : -1);
        expect(tally(later)).toEqual({ reply: later.length });
        expect(caller.asked.every(({ ends }) => ends === 1)).toBe(true);
      },
    );
  });

  test('is the same if dials hang instead of failing: a dial in progress is shared', async () => {
    const all = await useful(['apollo'], true);
    await breakDown(all);
    stage.wire.hangs('apollo');
    const caller = new SteadyCaller(all.pool, true);
    await caller.ask(20_000);
    expect(all.wire.most).toBe(1);
    expect(shortestGap(all.wire.begun)).toBeGreaterThanOrEqual(EARLY_MS);
    // Each hangs for `connectTimeoutMs`, 2 s.
    expect(all.wire.begun.length).toBeGreaterThanOrEqual(8);
    all.cis[0]?.comeBack();
    expect(await caller.untilFound(stage.clock.now())).toBeLessThanOrEqual(2_000 + EARLY_MS);
  });
});

describe('an early dial', () => {
  test.each(manners)(
    'continues after its request has failed at once: the next one is answered ($correlation)',
    async (row) => {
      const { cis, pool, wire } = await backingOff(['apollo'], row.echoes);
      await stage.advance(EARLY_MS);
      cis[0]?.comeBack();
      wire.reset();
      const first = watch(pool.ask('apollo', 'first', { waitForReady: false }));
      expect(first.outcome).toBe(DOWN);
      await stage.advance(1);
      expect([wire.begun.length, pool.snapshot().cis.apollo?.state]).toEqual([1, 'healthy']);
      const second = watch(pool.ask('apollo', 'second'));
      await settled();
      expect([second.outcome, wire.begun.length]).toEqual(['reply', 1]);
    },
  );

  test('does not begin within a second of the last dial', async () => {
    const { pool, wire } = await backingOff(['apollo'], true);
    await stage.advance(EARLY_MS - 10);
    const asked = Array.from({ length: 10 }, () => watch(pool.ask('apollo', 'too soon')));
    await settled();
    expect([tally(asked), wire.begun.length]).toEqual([{ [DOWN]: 10 }, 1]);
  });

  test.each(manners)(
    'is one for a thousand waiting requests, and all are answered ($correlation)',
    async ({ echoes }) => {
      const { cis, pool, wire } = await backingOff(['apollo'], echoes, { maxWaiting: 1_000 });
      await stage.advance(EARLY_MS);
      wire.reset();
      const options = { waitForReady: true, deadlineMs: 120_000 };
      const waiting = Array.from({ length: 1_000 }, (_, i) => watch(pool.ask('apollo', `w${i}`, options)));
      await stage.advance(EARLY_MS - 1, 1);
      expect([tally(waiting), wire.begun.length]).toEqual([{ pending: 1_000 }, 1]);
      // Others keep asking, and do not wait.
      const caller = new SteadyCaller(pool, false);
      await caller.ask(5_000);
      expect(shortestGap(wire.begun)).toBeGreaterThanOrEqual(EARLY_MS);
      cis[0]?.comeBack();
      const backMs = stage.clock.now();
      await caller.ask(LATER_MS, () => waiting.some(({ outcome }) => outcome === 'reply'));
      expect(stage.clock.now() - backMs).toBeLessThanOrEqual(FOUND_WITHIN_MS);
      await stage.advance(1_000, 10);
      expect(tally(waiting)).toEqual({ reply: 1_000 });
      expect(waiting.map(({ values }) => values[0]?.content)).toEqual(waiting.map((_, i) => `w${i}`));
    },
  );

  test('has a limit for each CI: five that are down are found as soon as one', async () => {
    const names = ['apollo', 'athena', 'hermes', 'numa', 'rhetor'];
    const all = await useful(names, true);
    await breakDown(all);
    const caller = new SteadyCaller(all.pool, false);
    await caller.ask(10_000);
    for (const name of names) {
      expect(shortestGap(all.wire.begun, name)).toBeGreaterThanOrEqual(EARLY_MS);
      expect(all.wire.begun.filter(({ ci }) => ci === name).length).toBeGreaterThanOrEqual(9);
    }
    for (const ci of all.cis) ci.comeBack();
    expect(await caller.untilFound(stage.clock.now())).toBeLessThanOrEqual(FOUND_WITHIN_MS);
  });

  test('is not made for a CI without requests', async () => {
    const all = await useful(['asked', 'quiet'], true);
    await breakDown(all);
    for (let i = 0; i < 400; i += 1) {
      watch(all.pool.ask('asked', `q${i}`));
      await stage.advance(ASK_EVERY_MS);
    }
    expect(all.wire.begun.filter(({ ci }) => ci === 'quiet')).toEqual([]);
    expect(all.pool.snapshot().cis.quiet?.state).toBe('idle');
    expect(all.changes.filter(({ ci, to }) => ci === 'quiet' && to === 'reconnecting')).toEqual([]);
    all.wire.reset();
    // From now on there are no requests.
    await stage.advance(120_000, 100);
    expect([all.wire.begun, all.pool.snapshot().cis.asked?.state]).toEqual([[], 'idle']);
    expect(stage.clock.pending).toBe(0);
  });

  test.each([
    { dials: 'fail', hang: false },
    { dials: 'hang', hang: true },
  ])(
    'does not begin, and no timer is left, once all waiting requests have unsubscribed (dials $dials)',
    async ({ hang }) => {
      const { pool, wire } = await backingOff(['apollo'], true);
      if (hang) stage.wire.hangs('apollo');
      await stage.advance(EARLY_MS);
      const options = { waitForReady: true, deadlineMs: 120_000 };
      const waiting = Array.from({ length: 50 }, (_, i) => watch(pool.ask('apollo', `w${i}`, options)));
      await stage.advance(1_300, 10);
      wire.reset();
      for (const { subscription } of waiting) subscription.unsubscribe();
      // The dial in progress may end; the deadline wheel stops within a second.
      await stage.advance(3_000, 100);
      expect(stage.clock.pending).toBeLessThanOrEqual(1);
      expect(stage.clock.pendingKeepAlive).toBe(0);
      await stage.advance(120_000, 100);
      expect([wire.begun, stage.clock.pending, waiting.some(({ ends }) => ends > 0)]).toEqual([[], 0, false]);
      expect(pool.snapshot().cis.apollo?.state).toBe('idle');
    },
  );

  test('is followed, after a failure, by no other for a reconnectDelayMs under one second', async () => {
    for (const waitForReady of [false, true]) {
      const name = `apollo-${waitForReady}`;
      const all = await useful([name], true, { reconnectDelayMs: 200, random: () => 0 });
      await breakDown(all);
      const caller = new SteadyCaller(all.pool, waitForReady);
      await caller.ask(10_000);
      expect(shortestGap(all.wire.begun)).toBeGreaterThanOrEqual(200);
      expect(all.wire.begun.length).toBeGreaterThanOrEqual(9);
      all.cis[0]?.comeBack();
      expect(await caller.untilFound(stage.clock.now())).toBeLessThanOrEqual(FOUND_WITHIN_MS);
      await stage.advance(1_000, 10);
    }
  });
});
