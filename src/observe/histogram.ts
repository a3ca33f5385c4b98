import type { Distribution } from '../contract/index.js';

/**
 * Steps in each doubling: 16 keep a value exact to 1/16. The middle of the step is reported, so the error is at most
 * 3.5 %.
 */
const STEPS = 16;
/** Doublings above the first 16 microseconds: up to 12 days. */
const DOUBLINGS = 36;
/** Number of steps that there are. */
export const ALL_STEPS = STEPS * (DOUBLINGS + 1);

const NONE: Distribution = Object.freeze({ count: 0, p50: 0, p90: 0, p99: 0, max: 0 });
const NO_COUNTS = new Uint32Array(0);

/** What a {@link Histogram} had counted at one moment. At most 2.4 kB. */
export class HistogramCopy {
  counts = NO_COUNTS;
  first = 0;
}

/**
 * Counts durations in steps that grow with the value. Memory is bounded by 2.4 kB: 64 bytes for each doubling between
 * the shortest and the longest. Recording costs as much as an increment.
 *
 * @see HdrHistogram (G. Tene): this is its log-linear bucketing.
 */
export class Histogram {
  /** Counts of the steps from `#first` on, in whole doublings. */
  #counts = NO_COUNTS;
  #first = 0;
  #count = 0;
  #maxMs = 0;
  /** Whole µs: sums of these are exact in any order, and never fall. */
  #sumMicros = 0;
  /** The last summary, valid until the next duration is recorded. */
  #summary: Distribution = NONE;
  readonly #whole: Histogram | undefined;

  /**
   * @param whole - Records all durations, too: a second increment is cheaper than adding up thousands of histograms.
   */
  constructor(whole?: Histogram) {
    this.#whole = whole;
  }

  get count(): number {
    return this.#count;
  }

  /** Returns the sum of all durations, in ms. */
  get sumMs(): number {
    return this.#sumMicros / 1_000;
  }

  get meanMs(): number {
    return this.#count === 0 ? 0 : this.#sumMicros / 1_000 / this.#count;
  }

  record(durationMs: number): void {
    const micros = microsOf(durationMs);
    const step = stepOfMicros(micros);
    this.#cover(step, step);
    const index = step - this.#first;
    this.#counts[index] = (this.#counts[index] as number) + 1;
    this.#count += 1;
    this.#sumMicros += micros;
    if (durationMs > this.#maxMs) this.#maxMs = durationMs;
    this.#whole?.record(durationMs);
  }

  /** Returns the count, the percentiles and the maximum so far, as data that does not change. */
  summary(): Distribution {
    if (this.#summary.count === this.#count) return this.#summary;
    const [p50, p90, p99] = this.#percentiles();
    this.#summary = Object.freeze({ count: this.#count, p50, p90, p99, max: rounded(this.#maxMs) });
    return this.#summary;
  }

  /** Calls `take` for each step that has grown since a copy was last passed, lowest first, and brings the copy up to date. */
  takeGrowth(copy: HistogramCopy, take: (step: number, growth: number) => void): void {
    const counts = this.#counts;
    if (copy.counts.length !== counts.length) {
      const longer = new Uint32Array(counts.length);
      longer.set(copy.counts, copy.counts.length === 0 ? 0 : copy.first - this.#first);
      copy.counts = longer;
      copy.first = this.#first;
    }
    for (let i = 0; i < counts.length; i += 1) {
      const growth = ((counts[i] as number) - (copy.counts[i] as number)) >>> 0;
      if (growth === 0) continue;
      take(this.#first + i, growth);
      copy.counts[i] = counts[i] as number;
    }
  }

  /**
   * Returns how many durations are shorter than each limit. The limits are steps, as {@link stepOf} returns them, lowest
   * first.
   */
  countsBelow(limits: readonly number[]): number[] {
    const counts = this.#counts;
    const below: number[] = [];
    let sum = 0;
    let i = 0;
    for (const limit of limits) {
      const end = Math.min(limit - this.#first, counts.length);
      for (; i < end; i += 1) sum += counts[i] as number;
      below.push(sum);
    }
    return below;
  }

  /** Adds the durations of another histogram. */
  add(other: Histogram): void {
    if (other.#count === 0) return;
    this.#cover(other.#first, other.#first + other.#counts.length - 1);
    const offset = other.#first - this.#first;
    for (let i = 0; i < other.#counts.length; i += 1) {
      this.#counts[offset + i] = (this.#counts[offset + i] as number) + (other.#counts[i] as number);
    }
    this.#count += other.#count;
    this.#sumMicros += other.#sumMicros;
    if (other.#maxMs > this.#maxMs) this.#maxMs = other.#maxMs;
  }

  /** Extends the counts to the steps from `lowest` to `highest`. */
  #cover(lowest: number, highest: number): void {
    if (lowest >= this.#first && highest < this.#first + this.#counts.length) return;
    const isEmpty = this.#counts.length === 0;
    const first = isEmpty ? lowest : Math.min(this.#first, lowest);
    const last = isEmpty ? highest : Math.max(this.#first + this.#counts.length - 1, highest);
    const begin = first - (first % STEPS);
    const counts = new Uint32Array(last + STEPS - (last % STEPS) - begin);
    counts.set(this.#counts, isEmpty ? 0 : this.#first - begin);
    this.#counts = counts;
    this.#first = begin;
  }

  /** Returns the median and the 90th and 99th percentiles, computed in one pass. */
  #percentiles(): [number, number, number] {
    const found: [number, number, number] = [0, 0, 0];
    let seen = 0;
    let next = 0;
    for (let i = 0; i < this.#counts.length && next < SHARES.length; i += 1) {
      seen += this.#counts[i] as number;
      while (next < SHARES.length && seen >= (SHARES[next] as number) * this.#count) {
        found[next] = rounded(Math.min(middleOf(i + this.#first), this.#maxMs));
        next += 1;
      }
    }
    return found;
  }
}

const SHARES = [0.5, 0.9, 0.99];

/** Returns the step in which a duration is counted: a higher one for a duration that is 7 % or 1 µs longer. */
export function stepOf(durationMs: number): number {
  return stepOfMicros(microsOf(durationMs));
}

function microsOf(durationMs: number): number {
  return Math.max(0, Math.round(durationMs * 1_000));
}

function stepOfMicros(micros: number): number {
  if (micros < STEPS) return micros;
  // Bit operations up to 31 bits: a logarithm takes ten times as long.
  if (micros < 2 ** 31) {
    const doubling = 28 - Math.clz32(micros);
    return doubling * STEPS + (micros >> (doubling - 1)) - STEPS;
  }
  const doubling = Math.min(Math.floor(Math.log2(micros)) - 3, DOUBLINGS);
  const step = Math.floor(micros / 2 ** (doubling - 1)) - STEPS;
  return doubling * STEPS + Math.min(step, STEPS - 1);
}

/** Returns the middle of a step, in ms. */
export function middleOf(index: number): number {
  if (index < STEPS) return index / 1_000;
  const doubling = Math.floor(index / STEPS);
  return (((index % STEPS) + STEPS + 0.5) * 2 ** (doubling - 1)) / 1_000;
}

/** Rounds to whole microseconds. */
export function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
