/** Pieces that are put together at once. */
const PIECES = 256;

/**
 * The text of a stream as far as it has come. Neither one text that grows, of which each step is an object, nor one list of all
 * pieces, which the garbage collector would go through again and again: short lists, put together when they are full.
 */
export class StreamText {
  #text = '';
  #pieces: string[] = [];
  #count = 0;
  #characters = 0;

  /** How many pieces have come. */
  get count(): number {
    return this.#count;
  }

  get characters(): number {
    return this.#characters;
  }

  add(piece: string): void {
    this.#count += 1;
    this.#characters += piece.length;
    this.#pieces.push(piece);
    if (this.#pieces.length < PIECES) return;
    this.#text += this.#pieces.join('');
    this.#pieces = [];
  }

  toString(): string {
    return this.#text + this.#pieces.join('');
  }
}
