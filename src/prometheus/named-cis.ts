import { CiMetrics } from '../observe/metrics.js';
import type { CiReading, PoolLoads } from '../observe/watchable.js';
import { OTHER } from './sample-text.js';

/**
 * Decides which CIs keep a name of their own: the first `max` in the order of their addition. A CI keeps its place until
 * it is removed, so no counter is ever the sum of other CIs than before. The place of a removed CI goes to the next one
 * that is added.
 */
export class NamedCis {
  readonly #max: number;
  /** Those with a name, and the last pass in which each was in the pool. */
  readonly #named = new Map<CiReading, number>();
  readonly #others = new WeakSet<CiReading>();
  #pass = 0;
  #hasOthers = false;
  /** The counts of CIs that had a name of their own, and have left. */
  readonly left = new CiMetrics();

  constructor(max: number) {
    this.#max = max;
  }

  /** Returns whether a CI ever had no name of its own: from then on the sum of these is shown, and never vanishes. */
  get hasOthers(): boolean {
    return this.#hasOthers;
  }

  has(ci: CiReading): boolean {
    return this.#named.has(ci);
  }

  /** Gives names to new CIs, and takes them from those that have left. Call it in the turn in which `loads` was read. */
  update({ cis, leaving }: PoolLoads): void {
    this.#pass += 1;
    let present = 0;
    for (const [, ci] of cis) if (this.#isSeen(ci)) present += 1;
    for (const ci of leaving) this.#isSeen(ci);
    for (const [ci, pass] of this.#named) {
      if (pass === this.#pass) continue;
      this.left.addLeft(ci.metrics);
      this.#named.delete(ci);
    }
    for (const [name, ci] of cis) {
      if (this.#named.has(ci) || this.#others.has(ci)) continue;
      if (present < this.#max && name !== OTHER) {
        this.#named.set(ci, this.#pass);
        present += 1;
      } else {
        this.#others.add(ci);
        this.#hasOthers = true;
      }
    }
  }

  #isSeen(ci: CiReading): boolean {
    const isNamed = this.#named.has(ci);
    if (isNamed) this.#named.set(ci, this.#pass);
    return isNamed;
  }
}
