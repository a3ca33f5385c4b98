/** The character code of the digit 0. */
const ZERO = 48;
/** So many digits are exact in a number, and more than will ever be issued. */
const MOST_DIGITS = 15;

/** Numbers that differ in the last three digits alone. */
const BLOCK = 1_000;
const lastDigits = Array.from({ length: BLOCK }, (_, number) => String(number).padStart(3, '0'));

/**
 * The ids of one connection, as they stand on the wire: a prefix that no other has, and a number.
 *
 * Numbers are spelled from strings that are there already. What V8 spells it keeps in a cache of its old space: where each
 * request had a new number, moving the digits there took three quarters of the time of a young collection.
 */
export class RequestIds {
  readonly #prefix: string;
  /** The digits above the last three of the number spelled last, and the prefix with them. */
  #block = 0;
  #head = '';
  /** The id that was read last, since the frames of a stream come one after the other with the same one. */
  #lastId = '';
  #lastNumber = Number.NaN;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  idOf(number: number): string {
    // The small ones are the same on every connection: what V8 keeps of them is kept once.
    if (number < BLOCK) return this.#prefix + number;
    const low = number % BLOCK;
    const block = (number - low) / BLOCK;
    if (block !== this.#block) {
      this.#block = block;
      this.#head = this.#prefix + block;
    }
    return this.#head + lastDigits[low];
  }

  /** The number of an id; NaN for what is not the exact spelling of one of ours. */
  numberOf(id: unknown): number {
    if (id === this.#lastId) return this.#lastNumber;
    if (typeof id !== 'string') return Number.NaN;
    const number = this.#read(id);
    // One that is not ours may be as long as a line: it must not be kept.
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
    // No number begins with a zero, and none is empty, whose code is NaN.
    if (!(id.charCodeAt(first) > ZERO)) return Number.NaN;
    for (let i = first; i < id.length; i += 1) {
      const digit = id.charCodeAt(i) - ZERO;
      if (digit < 0 || digit > 9) return Number.NaN;
      number = number * 10 + digit;
    }
    return number;
  }
}
