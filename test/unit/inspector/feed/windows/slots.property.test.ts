import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { WindowName } from '../../../../../src/inspector/feed/records.js';
import { Series } from '../../../../../src/inspector/feed/windows/series.js';
import { MOST_STEPS, TimeSum } from '../../../../../src/inspector/feed/windows/slot.js';
import { MOST_SLOTS, Slots } from '../../../../../src/inspector/feed/windows/slots.js';
import { ALL_STEPS, Histogram } from '../../../../../src/observe/histogram.js';

const lengths: Readonly<Record<WindowName, number>> = { s30: 30, m1: 60, m5: 300, h1: 3_600 };
const names = Object.keys(lengths) as WindowName[];

/** A request that ended between two samples. `ms` is its service time; it failed without one. */
interface Ended {
  readonly atMs: number;
  readonly ms: number | undefined;
}

/** Counts by keeping every request. */
class Reference {
  readonly #ended: Ended[] = [];

  add(ended: readonly Ended[]): void {
    this.#ended.push(...ended);
  }

  /** What ended in the last `seconds` before a time, at a sample's end included. */
  within(seconds: number, untilMs: number) {
    const fromMs = untilMs - seconds * 1_000;
    const inside = this.#ended.filter(({ atMs }) => atMs > fromMs + 0.5 && atMs <= untilMs);
    const times = inside.flatMap(({ ms }) => (ms === undefined ? [] : [ms])).sort((a, b) => a - b);
    const at = (share: number) => times[Math.max(0, Math.ceil(share * times.length) - 1)] ?? 0;
    return { succeeded: times.length, failed: inside.length - times.length, p50: at(0.5), p99: at(0.99) };
  }
}

/** A time between two samples, usually 5 s; long after a blocked event loop. The requests end anywhere within. */
const gap = fc.oneof(
  { weight: 12, arbitrary: fc.integer({ min: 5_000, max: 5_100 }) },
  { weight: 1, arbitrary: fc.integer({ min: 5_000, max: 120_000 }) },
);
const requests = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  {
    weight: 2,
    arbitrary: fc.array(
      fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.option(fc.integer({ min: 1, max: 9_000 }))),
      {
        maxLength: 5,
      },
    ),
  },
);
const sample = fc.record({ gapMs: gap, requests });

function run(samples: readonly { gapMs: number; requests: readonly (readonly [number, number | null])[] }[]) {
  const histogram = new Histogram();
  const reference = new Reference();
  const counts = { succeeded: 0, failed: 0 };
  const series = new Series(0);
  let nowMs = 0;
  for (const { gapMs, requests } of samples) {
    reference.add(
      requests.map(([share, ms]) => ({ atMs: nowMs + 1 + Math.floor(share * (gapMs - 1)), ms: ms ?? undefined })),
    );
    for (const [, ms] of requests) {
      if (ms === null) counts.failed += 1;
      else {
        counts.succeeded += 1;
        histogram.record(ms);
      }
    }
    nowMs += gapMs;
    series.sample(nowMs, { ...counts, service: histogram });
  }
  return { windows: series.windows(), reference, nowMs, longestMs: Math.max(...samples.map(({ gapMs }) => gapMs)) };
}

describe('windows of time', () => {
  test('hold exactly what ended in the time that they say they cover', () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 300 }), (samples) => {
        const { windows, reference, nowMs, longestMs } = run(samples);
        if (windows === undefined) {
          expect(reference.within(3_600, nowMs)).toMatchObject({ succeeded: 0, failed: 0 });
          return;
        }
        for (const name of names) {
          const { seconds, p50, p99, ...counts } = windows[name];
          const { p50: true50, p99: true99, ...truth } = reference.within(seconds, nowMs);
          expect(counts).toEqual(truth);
          // The resolution of the histogram, and that of a slot with many different times.
          expect(Math.abs(p50 - true50)).toBeLessThanOrEqual(true50 * 0.3 + 0.001);
          expect(Math.abs(p99 - true99)).toBeLessThanOrEqual(true99 * 0.3 + 0.001);
          // It is as long as its name says, but for half a slot, a blocked loop and the start.
          const slotMs = { s30: 5_100, m1: 5_100, m5: 35_200, h1: 305_200 }[name];
          const whole = Math.min(lengths[name] * 1_000, nowMs);
          expect(seconds * 1_000).toBeGreaterThanOrEqual(whole - Math.max(slotMs, longestMs) * 0.5 - longestMs);
          expect(seconds * 1_000).toBeLessThanOrEqual(
            Math.max(whole, longestMs) + Math.max(slotMs, longestMs) * 0.5 + longestMs,
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  test('need at most 34 slots, with at most 32 service times each, whatever happens', () => {
    expect([MOST_SLOTS, MOST_STEPS]).toEqual([34, 32]);
    const slots = new Slots(0);
    const sizes: number[] = [];
    for (let second = 5; second < 8_000; second += 5) {
      slots.add(second * 1_000, { succeeded: 1, failed: 0, times: [] });
      sizes.push(slots.size);
    }
    expect(Math.max(...sizes)).toBe(MOST_SLOTS);
    const sum = new TimeSum();
    for (let step = 0; step < ALL_STEPS; step += 1) {
      sum.add(step, 1);
      const times = sum.packed();
      expect(times.length).toBeLessThanOrEqual(MOST_STEPS);
      const unpacked = new TimeSum();
      unpacked.addAll(times);
      expect(unpacked.count).toBe(step + 1);
    }
  });

  test('go when the last request is an hour old, and need no memory then', () => {
    const slots = new Slots(0);
    slots.add(5_000, { succeeded: 1, failed: 0, times: [] });
    slots.pass(3_602_500);
    expect(slots.windows()?.h1).toMatchObject({ seconds: 3_602.5, succeeded: 1 });
    slots.pass(3_602_501);
    expect([slots.size, slots.windows()]).toEqual([0, undefined]);
  });
});
