const SECOND_MS = 1_000;

/** So many things a second; of the others, only how many they were. */
export class Allowance {
  readonly #most: number;
  #second = Number.NaN;
  #taken = 0;
  #refused = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether there is room for one more in this second. */
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

  /** How many there was no room for since it was asked last. */
  takeRefused(): number {
    const refused = this.#refused;
    this.#refused = 0;
    return refused;
  }
}
