/** The character code of the digit 0. */
const ZERO = 48;
/** The most digits of an id's number: still exact in a double, and more than will ever be issued. */
const MOST_DIGITS = 15;

/** The numbers that differ in the last three digits only. */
const BLOCK = 1_000;
const lastDigits = Array.from({ length: BLOCK }, (_, number) => String(number).padStart(3, '0'));

/**
 * Makes and reads the ids of one connection: a unique prefix and a number.
 *
 * Ids are built from cached strings. V8 keeps every number that it converts in a cache in old space: with a new number
 * for each request, moving these strings took three quarters of each young garbage collection.
 */
export class RequestIds {
  readonly #prefix: string;
  /** The number last written, without its last three digits; `#head` is the prefix with it. */
  #block = 0;
  #head = '';
  /** The id read last: all frames of a stream have the same one. */
  #lastId = '';
  #lastNumber = Number.NaN;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  idOf(number: number): string {
    // The small numbers are the same on every connection, so V8 caches each of them once.
    if (number < BLOCK) return this.#prefix + number;
    const low = number % BLOCK;
    const block = (number - low) / BLOCK;
    if (block !== this.#block) {
      this.#block = block;
      this.#head = this.#prefix + block;
    }
    return this.#head + lastDigits[low];
  }

  /** Returns the number of an id; NaN if it is not the exact form of one of this connection's ids. */
  numberOf(id: unknown): number {
    if (id === this.#lastId) return this.#lastNumber;
    if (typeof id !== 'string') return Number.NaN;
    const number = this.#read(id);
    // A foreign id can be as long as a line, so it is not kept.
    if (!Number.isNaN(number)) {
      this.#lastId = id;
      this.#lastNumber = number;
    }
    return number;
  }

  #read(id: string): number {
    const first = this.#prefix.length;
    if (!id.startsWith(this.#prefix) || id.length > first + MOST_DIGITS) return Number.NaN;
    let number = 0;
    // Refuses a leading zero, and an empty number, whose character code is NaN.
    if (!(id.charCodeAt(first) > ZERO)) return Number.NaN;
    for (let i = first; i < id.length; i += 1) {
      const digit = id.charCodeAt(i) - ZERO;
      if (digit < 0 || digit > 9) return Number.NaN;
      number = number * 10 + digit;
    }
    return number;
  }
}
