import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram, HistogramCopy, stepOf } from '../../../src/observe/histogram.js';

const HOUR_MICROS = 3_600_000_000;
/** Durations are counted in whole microseconds. */
const RESOLUTION_MS = 0.001;

function histogramOf(durationsMs: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const ms of durationsMs) histogram.record(ms);
  return histogram;
}

/** Whole microseconds, with as many small ones as large ones. */
const micros = fc
  .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant(Math.log(HOUR_MICROS)))
  .map(([share, log]) => Math.max(1, Math.round(Math.exp(share * log))));

const EMPTY = { count: 0, p50: 0, p90: 0, p99: 0, max: 0 };

describe('Histogram', () => {
  test('empty: all 0', () => {
    expect(new Histogram().summary()).toEqual(EMPTY);
    expect(new Histogram().meanMs).toBe(0);
  });

  test('a value from 1 µs to 1 h is exact to within 7 %', () => {
    fc.assert(
      fc.property(micros, (value) => {
        const ms = value / 1_000;
        // The maximum is stored exactly, so a longer value is added to show the value's own bucket.
        const { p50, max } = histogramOf([ms, ms, 10 * HOUR_MICROS]).summary();
        expect(Math.abs(p50 - ms) / ms).toBeLessThanOrEqual(0.07);
        expect(max).toBe(10 * HOUR_MICROS);
      }),
      { numRuns: 2_000 },
    );
  });

  test('also at the bucket limits', () => {
    for (let doubling = 4; doubling < 32; doubling += 1) {
      for (const value of [2 ** doubling - 1, 2 ** doubling, 2 ** doubling + 1, 1.5 * 2 ** doubling]) {
        const { p50 } = histogramOf([value / 1_000, value / 1_000, 10 * HOUR_MICROS]).summary();
        expect(Math.abs(p50 * 1_000 - value) / value, `${value} µs`).toBeLessThanOrEqual(0.07);
      }
    }
  });

  test('rounds fractions of a microsecond', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.000_1, max: 0.05, noNaN: true }), (ms) => {
        const { p50 } = histogramOf([ms, ms, 1_000]).summary();
        expect(Math.abs(p50 - ms)).toBeLessThanOrEqual(0.07 * ms + RESOLUTION_MS);
      }),
    );
  });

  test('the percentiles match the sorted durations, to within 7 %', () => {
    fc.assert(
      fc.property(fc.array(micros, { minLength: 1, maxLength: 300 }), (values) => {
        const { count, p50, p90, p99, max } = histogramOf(values.map((value) => value / 1_000)).summary();
        const sorted = values.map((value) => value / 1_000).sort((a, b) => a - b);
        expect([count, max]).toEqual([values.length, sorted.at(-1)]);
        for (const [share, found] of [
          [0.5, p50],
          [0.9, p90],
          [0.99, p99],
        ] as const) {
          const exact = sorted[Math.ceil(share * sorted.length) - 1] as number;
          expect(Math.abs(found - exact) / exact, `p${share * 100}`).toBeLessThanOrEqual(0.07);
        }
        expect(p50 <= p90 && p90 <= p99 && p99 <= max).toBe(true);
      }),
    );
  });

  test('the mean is exact', () => {
    expect(histogramOf([1, 2, 6]).meanMs).toBe(3);
  });

  test('an outlier changes the maximum, not the percentiles', () => {
    const { p50, p99, max } = histogramOf([...Array(999).fill(10), 60_000]).summary();
    expect(p50).toBeCloseTo(10, 0);
    expect(p99).toBeCloseTo(10, 0);
    expect(max).toBe(60_000);
  });
});

describe('a total', () => {
  test('equals one histogram that records everything', () => {
    fc.assert(
      fc.property(fc.array(micros), fc.array(micros), (some, others) => {
        const whole = new Histogram();
        const parts = [some, others].map((values) => {
          const part = new Histogram(whole);
          for (const value of values) part.record(value / 1_000);
          return part.summary();
        });
        const inMs = [some, others].map((values) => values.map((value) => value / 1_000)) as [number[], number[]];
        expect(whole.summary()).toEqual(histogramOf(inMs.flat()).summary());
        expect(whole.meanMs).toBeCloseTo(histogramOf(inMs.flat()).meanMs, 6);
        expect(parts).toEqual(inMs.map((values) => histogramOf(values).summary()));
      }),
    );
  });
});

describe('unusual durations', () => {
  test('zero', () => {
    expect(histogramOf([0, 0]).summary()).toEqual({ ...EMPTY, count: 2 });
  });

  test('negative counts as 0, and does no other harm', () => {
    expect(histogramOf([-5]).summary()).toEqual({ ...EMPTY, count: 1 });
    const { count, p50, max } = histogramOf([-5, 10, 10]).summary();
    expect([count, max]).toEqual([3, 10]);
    expect(p50).toBeCloseTo(10, 0);
  });

  test.each([12 * 86_400_000, 24.8 * 86_400_000, 1e12, Number.MAX_SAFE_INTEGER])('huge: %i ms', (ms) => {
    const { count, p50, p99, max } = histogramOf([1, ms, ms]).summary();
    expect([count, max]).toEqual([3, ms]);
    // From 12 days on, the last bucket holds all.
    expect(p50).toBeGreaterThan(11 * 86_400_000);
    expect(p99).toBeLessThanOrEqual(ms);
  });
});

describe('the growth since a copy', () => {
  const durations = fc.array(micros, { maxLength: 30 });

  test('is what was recorded since, in the steps of the histogram', () => {
    fc.assert(
      fc.property(fc.array(durations, { maxLength: 8 }), (batches) => {
        const whole = new Histogram();
        const copy = new HistogramCopy();
        for (const batch of batches) {
          for (const value of batch) whole.record(value / 1_000);
          const since: (readonly [number, number])[] = [];
          whole.takeGrowth(copy, (step, growth) => since.push([step, growth]));
          const fresh: (readonly [number, number])[] = [];
          histogramOf(batch.map((value) => value / 1_000)).takeGrowth(new HistogramCopy(), (...one) => fresh.push(one));
          expect(since).toEqual(fresh);
        }
      }),
    );
  });
});

describe('the counts below a limit', () => {
  test('are exact at each limit of a step, and lowest first', () => {
    const limits = [16, 17, 1_024, 1_088, 2 ** 20, 2 ** 30, 2 ** 33];
    fc.assert(
      fc.property(
        fc.array(fc.oneof(micros, fc.constantFrom(...limits, ...limits.map((limit) => limit - 1)))),
        (values) => {
          const histogram = histogramOf(values.map((value) => value / 1_000));
          const below = histogram.countsBelow(limits.map((limit) => stepOf(limit / 1_000)));
          expect(below).toEqual(limits.map((limit) => values.filter((value) => value < limit).length));
        },
      ),
    );
  });
});

describe('a histogram that is added', () => {
  test('counts as if its durations had been recorded', () => {
    fc.assert(
      fc.property(fc.array(micros), fc.array(micros), (some, others) => {
        const sum = histogramOf(some.map((value) => value / 1_000));
        sum.add(histogramOf(others.map((value) => value / 1_000)));
        const all = histogramOf([...some, ...others].map((value) => value / 1_000));
        expect(sum.summary()).toEqual(all.summary());
        expect(sum.sumMs).toBe(all.sumMs);
        expect(sum.countsBelow([100, 300, 500])).toEqual(all.countsBelow([100, 300, 500]));
      }),
    );
  });

  test('leaves the other one as it was, and its total, too', () => {
    const whole = new Histogram();
    const other = new Histogram(whole);
    other.record(3);
    const sum = new Histogram();
    sum.add(other);
    sum.record(3);
    expect([sum.count, other.count, whole.count]).toEqual([2, 1, 1]);
  });
});
