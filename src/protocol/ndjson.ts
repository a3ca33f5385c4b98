import { replyTooLarge } from '../errors/index.js';
import { isWholeObject } from './raw-line.js';

const NEWLINE = 10;
const BYTE_ORDER_MARK = 0xfeff;
const SPACE = 32;
const EMPTY = Buffer.alloc(0);
/** A tail buffer above this size is freed when its line ends. */
const KEPT_TAIL_BYTES = 65_536;

/**
 * Splits bytes into lines, in time linear in the bytes, whatever the size of the packets. The beginning of a line is
 * copied once, into a buffer that doubles; each run of whole lines is decoded once. UTF-8 is decoded only up to a
 * line's end, so a character that is split between two packets stays whole. Invalid UTF-8 becomes U+FFFD.
 *
 * Skips blank lines, and a byte order mark at the beginning. Throws `reply_too_large` for a line over `maxLineBytes`;
 * the decoder cannot be used after that.
 *
 * @example
 * ```ts
 * const decoder = new LineDecoder(65_536);
 * decoder.push(Buffer.from('{"a":1}\n{"b"'), (line) => console.log(line)); // {"a":1}
 * ```
 */
export class LineDecoder {
  readonly #maxLineBytes: number;
  #tail: Buffer = EMPTY;
  #tailBytes = 0;
  #position: 'at the beginning' | 'further on' = 'at the beginning';

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** Returns true while the beginning of a line is kept. */
  get hasPartialLine(): boolean {
    return this.#tailBytes > 0;
  }

  /** Adds bytes, and calls `onLine` for each line that they complete. */
  push(bytes: Buffer, onLine: (line: string) => void): void {
    const last = bytes.lastIndexOf(NEWLINE);
    if (last === -1) return this.#keep(bytes);
    // No line is longer than the whole run, so only a long run is checked line by line.
    const end = this.#tailBytes + last <= this.#maxLineBytes ? last : this.#endOfGood(bytes, last);
    try {
      const begin = this.#tailBytes > 0 ? this.#handKept(bytes, onLine) : 0;
      // Also if that is empty: after a line end, a byte order mark is no longer at the beginning.
      this.#hand(bytes.toString('utf8', begin, end), onLine);
    } finally {
      // The lines before the one that is too long are still delivered.
      if (end < last) this.#refuse();
      if (last + 1 < bytes.length) this.#keep(bytes.subarray(last + 1));
    }
  }

  /** Passes on a last line without a line end. Call it when the stream has ended. */
  end(onLine: (line: string) => void): void {
    if (this.#tailBytes === 0) return;
    const line = this.#tail.toString('utf8', 0, this.#tailBytes);
    this.#tail = EMPTY;
    this.#tailBytes = 0;
    this.#hand(line, onLine);
  }

  /**
   * Does the same, but passes the last line on only if it is a whole object.
   *
   * @returns Whether a line was cut.
   */
  endWhole(onLine: (line: string) => void): boolean {
    let isCut = false;
    this.end((line) => {
      if (isWholeObject(line)) onLine(line);
      else isCut = true;
    });
    return isCut;
  }

  #hand(text: string, onLine: (line: string) => void): void {
    let start = this.#position === 'at the beginning' && text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
    this.#position = 'further on';
    while (start < text.length) {
      let end = text.indexOf('\n', start);
      if (end === -1) end = text.length;
      if (end > start) {
        const line = start === 0 && end === text.length ? text : text.slice(start, end);
        if (!isBlank(line)) onLine(line);
      }
      start = end + 1;
    }
  }

  /** Returns the end of the last line before the first one that is too long. */
  #endOfGood(bytes: Buffer, last: number): number {
    let start = -this.#tailBytes;
    let good = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, end + 1)) {
      if (end - start > this.#maxLineBytes) return good;
      good = end;
      start = end + 1;
    }
    return last;
  }

  #keep(bytes: Buffer): void {
    const length = this.#tailBytes + bytes.length;
    if (length > this.#maxLineBytes) this.#refuse();
    if (length > this.#tail.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(Math.max(length, this.#tail.length * 2, 64), this.#maxLineBytes));
      this.#tail.copy(grown, 0, 0, this.#tailBytes);
      this.#tail = grown;
    }
    bytes.copy(this.#tail, this.#tailBytes);
    this.#tailBytes = length;
  }

  /** Passes on the line whose beginning was kept. Returns the start of the next one. */
  #handKept(bytes: Buffer, onLine: (line: string) => void): number {
    const first = bytes.indexOf(NEWLINE);
    this.#keep(bytes.subarray(0, first));
    const line = this.#tail.toString('utf8', 0, this.#tailBytes);
    this.#tailBytes = 0;
    if (this.#tail.length > KEPT_TAIL_BYTES) this.#tail = EMPTY;
    this.#hand(line, onLine);
    return first + 1;
  }

  #refuse(): never {
    this.#tail = EMPTY;
    this.#tailBytes = 0;
    throw replyTooLarge('a line', this.#maxLineBytes, 'bytes');
  }
}

function isBlank(line: string): boolean {
  // A fast check first: nearly all lines begin with a brace.
  return line.charCodeAt(0) <= SPACE && /^[\t\r ]*$/.test(line);
}

/**
 * Returns a message of a message-based wire as a line, without a byte order mark and surrounding white space; `''` if
 * it is blank.
 */
export function textOfMessage(data: Buffer): string {
  // For `trim`, a byte order mark is white space.
  return data.toString().trim();
}
