/** Longest time in one turn of the event loop, in ms. One more item takes some µs. */
const TURN_MS = 1;

/** Lets a long work go on in later turns of the event loop. */
export class Turns {
  #beginMs = performance.now();

  /** Returns whether the present turn has lasted long enough. */
  get isOver(): boolean {
    return performance.now() - this.#beginMs >= TURN_MS;
  }

  /** Resolves in the next turn. */
  async next(): Promise<void> {
    // Not unref'd: the loop of a quiet process would not turn. The work ends it.
    await new Promise((resolve) => setImmediate(resolve));
    this.#beginMs = performance.now();
  }
}
