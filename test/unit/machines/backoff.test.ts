import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffDelayMs, nextSeed, restMs } from '../../../machines/backoff.js';

const base = { reconnectDelayMs: 5_000, maxReconnectDelayMs: 60_000 };

/** The delays of one attempt over many seeds, each derived from the last. */
function delaysOf(attempt: number, count: number, config = base): number[] {
  let seed = 42;
  return Array.from({ length: count }, () => {
    seed = nextSeed(seed);
    return backoffDelayMs({ ...config, seed }, attempt);
  });
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe('backoffDelayMs', () => {
  test('the first delay averages reconnectDelayMs, within 2 % over 20,000 successive seeds', () => {
    expect(Math.abs(meanOf(delaysOf(1, 20_000)) / base.reconnectDelayMs - 1)).toBeLessThan(0.02);
  });

  test('the seeds 0 to 19,999 give the same average: close seeds do not give close delays', () => {
    const delays = Array.from({ length: 20_000 }, (_, seed) => backoffDelayMs({ ...base, seed }, 1));
    expect(Math.abs(meanOf(delays) / base.reconnectDelayMs - 1)).toBeLessThan(0.02);
  });

  test('full jitter: spread evenly from 0 to twice the mean', () => {
    const tenths = new Array<number>(10).fill(0);
    for (const delay of delaysOf(1, 20_000)) tenths[Math.min(9, Math.floor(delay / 1_000))]! += 1;
    for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });

  test.each([
    [1, 10_000],
    [2, 20_000],
    [3, 40_000],
    [4, 60_000],
    [5, 60_000],
  ])('attempt %i is random from 0 to %i ms', (attempt, ceilingMs) => {
    const delays = delaysOf(attempt, 5_000);
    expect(Math.max(...delays)).toBeLessThanOrEqual(ceilingMs);
    expect(Math.max(...delays)).toBeGreaterThan(ceilingMs * 0.99);
    expect(Math.min(...delays)).toBeLessThan(ceilingMs * 0.01);
  });

  test('follows mulberry32: the first delays of the seeds 0, 1 and 2', () => {
    const drawn = [0, 1, 2].map((seed) =>
      backoffDelayMs({ seed, reconnectDelayMs: 500_000, maxReconnectDelayMs: 1e9 }, 1),
    );
    // The author's own program gives 0.266429, 0.627074 and 0.734251 for them; times a million.
    expect(drawn).toEqual([266_429, 627_074, 734_251]);
  });

  test('a cap below the first ceiling applies to the first delay, too', () => {
    expect(Math.max(...delaysOf(1, 5_000, { reconnectDelayMs: 5_000, maxReconnectDelayMs: 300 }))).toBeLessThanOrEqual(
      300,
    );
  });

  test('returns whole milliseconds from 0 to the cap, for any seed and any attempt', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        (seed, attempt, reconnectDelayMs, maxReconnectDelayMs) => {
          const delayMs = backoffDelayMs({ seed, reconnectDelayMs, maxReconnectDelayMs }, attempt);
          expect(Number.isInteger(delayMs)).toBe(true);
          expect(delayMs).toBeGreaterThanOrEqual(0);
          expect(delayMs).toBeLessThanOrEqual(maxReconnectDelayMs);
        },
      ),
      { seed: 2 },
    );
  });

  test('spreads evenly from the shortest delay on, if one is set', () => {
    const drawn = [0, 1, 2].map((seed) => backoffDelayMs({ ...base, seed }, 1, 1_000));
    expect(drawn).toEqual([0.266429, 0.627074, 0.734251].map((share) => Math.round(1_000 + share * 9_000)));
    const fixed = { seed: 2, reconnectDelayMs: 10, maxReconnectDelayMs: 10 };
    expect(backoffDelayMs(fixed, 1, 10)).toBe(10);
  });

  test('the same seed gives the same delay', () => {
    expect(backoffDelayMs({ ...base, seed: 7 }, 3)).toBe(backoffDelayMs({ ...base, seed: 7 }, 3));
  });
});

describe('restMs', () => {
  test.each([
    ['demand', 1, 5_000, 60_000, 1_000],
    ['demand', 2, 5_000, 60_000, 1_000],
    ['demand', 1, 999, 60_000, 999],
    ['demand', 1, 5_000, 300, 300],
    ['upkeep', 1, 5_000, 60_000, 0],
    ['upkeep', 2, 5_000, 60_000, 1_000],
    ['upkeep', 3, 10, 60_000, 10],
  ] as const)(
    'after a dial for %s, attempt %i, with delays of %i to %i ms: %i ms',
    (dialledFor, attempt, reconnectDelayMs, maxReconnectDelayMs, restsMs) => {
      expect(restMs({ dialledFor, reconnectDelayMs, maxReconnectDelayMs }, attempt)).toBe(restsMs);
    },
  );
});

describe('nextSeed', () => {
  test('stays a 32-bit integer and does not repeat within 100,000 steps', () => {
    const seen = new Set<number>();
    let seed = 2 ** 31 - 1;
    for (let i = 0; i < 100_000; i += 1) {
      seed = nextSeed(seed);
      seen.add(seed);
    }
    expect([...seen].filter((each) => (each | 0) !== each)).toEqual([]);
    expect(seen.size).toBe(100_000);
  });
});
