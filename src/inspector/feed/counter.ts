/** Counts what the feed reports, so that of two statements the newer one is known: transitions, and removals of CIs. */
export class Counter {
  #last = 0;

  /** The number of the newest statement. */
  get last(): number {
    return this.#last;
  }

  /** Returns the number of a new statement. */
  next(): number {
    this.#last += 1;
    return this.#last;
  }
}
