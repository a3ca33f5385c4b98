const SECOND_MS = 1_000;

/** Allows a number of events each second, and counts the refused ones. */
export class Allowance {
  readonly #most: number;
  #second = Number.NaN;
  #taken = 0;
  #refused = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Returns true if one more event is allowed in this second. */
  take(): boolean {
    const second = Math.floor(performance.now() / SECOND_MS);
    if (second !== this.#second) {
      this.#second = second;
      this.#taken = 0;
    }
    if (this.#taken >= this.#most) {
      this.#refused += 1;
      return false;
    }
    this.#taken += 1;
    return true;
  }

  /** Returns the number of refused events since the last call. */
  takeRefused(): number {
    const refused = this.#refused;
    this.#refused = 0;
    return refused;
  }
}
