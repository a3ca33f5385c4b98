import { ALL_STEPS, middleOf, rounded } from '../../../observe/histogram.js';

/** Most different steps of the service time in one slot. With more, neighbours are joined. */
export const MOST_STEPS = 32;
/** A packed entry is the step times this, plus the count. */
const UNIT = 2 ** 32;

/** The requests that ended in a span of time. Nothing was counted between two slots. */
export interface Slot {
  /** The span's start and end, on the sampler's clock in ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly succeeded: number;
  readonly failed: number;
  /** The service times: one number for each step of the histogram, to need half the memory of objects. */
  readonly times: readonly number[];
}

/** Adds up service times, to find their percentiles or to pack them. One is shared by all, because it is large. */
export class TimeSum {
  readonly #counts = new Float64Array(ALL_STEPS);
  #lowest = ALL_STEPS;
  #highest = -1;
  #count = 0;

  get count(): number {
    return this.#count;
  }

  clear(): void {
    if (this.#highest >= 0) this.#counts.fill(0, this.#lowest, this.#highest + 1);
    this.#lowest = ALL_STEPS;
    this.#highest = -1;
    this.#count = 0;
  }

  /** A property, because the histogram takes it as a function. */
  readonly add = (step: number, count: number): void => {
    this.#counts[step] = (this.#counts[step] as number) + count;
    if (step < this.#lowest) this.#lowest = step;
    if (step > this.#highest) this.#highest = step;
    this.#count += count;
  };

  addAll(times: readonly number[]): void {
    for (const time of times) this.add(Math.floor(time / UNIT), time % UNIT);
  }

  /** Returns the times as a slot keeps them: exact to a step while they are few, in groups of steps otherwise. */
  packed(): number[] {
    for (let group = 1; ; group *= 2) {
      const times = this.#packedBy(group);
      if (times !== undefined) return times;
    }
  }

  /** Returns a percentile in ms; 0 without times. @param share - 0.5 for the median. */
  percentile(share: number): number {
    let seen = 0;
    for (let step = this.#lowest; step <= this.#highest; step += 1) {
      seen += this.#counts[step] as number;
      if (seen >= share * this.#count) return rounded(middleOf(step));
    }
    return 0;
  }

  #packedBy(group: number): number[] | undefined {
    const times: number[] = [];
    const start = this.#lowest - (this.#lowest % group);
    for (let first = start; first <= this.#highest; first += group) {
      let count = 0;
      for (let step = first; step < first + group && step <= this.#highest; step += 1) {
        count += this.#counts[step] as number;
      }
      if (count === 0) continue;
      if (times.length === MOST_STEPS) return undefined;
      times.push((first + (group >> 1)) * UNIT + Math.min(count, UNIT - 1));
    }
    // A list that has grown has room to spare; its copy has none.
    return times.slice();
  }
}

const sum = new TimeSum();

/** Returns one slot for two, the older first. */
export function joined(older: Slot, newer: Slot): Slot {
  sum.clear();
  sum.addAll(older.times);
  sum.addAll(newer.times);
  return {
    fromMs: older.fromMs,
    toMs: newer.toMs,
    succeeded: older.succeeded + newer.succeeded,
    failed: older.failed + newer.failed,
    times: sum.packed(),
  };
}
