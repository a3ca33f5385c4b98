import type { Distribution } from '../contract/index.js';

/** Steps in each doubling: 16 keep a value exact to within 1/16 (7 %, read at the step's middle 3.5 %). */
const STEPS = 16;
/** Doublings above the first 16 microseconds: up to 12 days. */
const DOUBLINGS = 36;

const NONE: Distribution = Object.freeze({ count: 0, p50: 0, p90: 0, p99: 0, max: 0 });

/**
 * Counts durations in steps that grow with the value, so that memory is fixed (2.4 kB, taken at the first record) and
 * recording costs no more than an increment.
 *
 * @see HdrHistogram (G. Tene), of which this is the log-linear bucketing.
 */
export class Histogram {
  #counts: Uint32Array | undefined;
  /** The lowest and the highest step in use, so that a summary looks at no more. */
  #lowest = Number.POSITIVE_INFINITY;
  #highest = -1;
  #count = 0;
  #maxMs = 0;
  #sumMs = 0;
  /** The last summary; as good as new until something is recorded. */
  #summary: Distribution = NONE;

  get count(): number {
    return this.#count;
  }

  get meanMs(): number {
    return this.#count === 0 ? 0 : this.#sumMs / this.#count;
  }

  record(durationMs: number): void {
    this.#counts ??= new Uint32Array(STEPS * (DOUBLINGS + 1));
    const index = indexOf(durationMs);
    this.#counts[index] = (this.#counts[index] as number) + 1;
    if (index < this.#lowest) this.#lowest = index;
    if (index > this.#highest) this.#highest = index;
    this.#count += 1;
    this.#sumMs += durationMs;
    if (durationMs > this.#maxMs) this.#maxMs = durationMs;
  }

  /** Adds another's counts to these. */
  add(other: Histogram): void {
    if (other.#counts === undefined) return;
    this.#counts ??= new Uint32Array(STEPS * (DOUBLINGS + 1));
    for (let i = other.#lowest; i <= other.#highest; i += 1) {
      this.#counts[i] = (this.#counts[i] as number) + (other.#counts[i] as number);
    }
    this.#lowest = Math.min(this.#lowest, other.#lowest);
    this.#highest = Math.max(this.#highest, other.#highest);
    this.#count += other.#count;
    this.#sumMs += other.#sumMs;
    this.#maxMs = Math.max(this.#maxMs, other.#maxMs);
  }

  /** The count, the percentiles and the most so far, as data that does not change any more. */
  summary(): Distribution {
    if (this.#summary.count === this.#count) return this.#summary;
    const [p50, p90, p99] = this.#percentiles();
    this.#summary = Object.freeze({ count: this.#count, p50, p90, p99, max: rounded(this.#maxMs) });
    return this.#summary;
  }

  /** The median and the 90th and 99th percentiles, in one pass. */
  #percentiles(): [number, number, number] {
    const found: [number, number, number] = [0, 0, 0];
    if (this.#counts === undefined) return found;
    let seen = 0;
    let next = 0;
    for (let i = this.#lowest; i <= this.#highest && next < SHARES.length; i += 1) {
      seen += this.#counts[i] as number;
      while (next < SHARES.length && seen >= (SHARES[next] as number) * this.#count) {
        found[next] = rounded(Math.min(middleOf(i), this.#maxMs));
        next += 1;
      }
    }
    return found;
  }
}

const SHARES = [0.5, 0.9, 0.99];

function indexOf(durationMs: number): number {
  const micros = Math.max(0, Math.round(durationMs * 1_000));
  if (micros < STEPS) return micros;
  const doubling = Math.min(Math.floor(Math.log2(micros)) - 3, DOUBLINGS);
  const step = Math.floor(micros / 2 ** (doubling - 1)) - STEPS;
  return doubling * STEPS + Math.min(step, STEPS - 1);
}

/** The middle of a step, in ms. */
function middleOf(index: number): number {
  if (index < STEPS) return index / 1_000;
  const doubling = Math.floor(index / STEPS);
  return (((index % STEPS) + STEPS + 0.5) * 2 ** (doubling - 1)) / 1_000;
}

function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
