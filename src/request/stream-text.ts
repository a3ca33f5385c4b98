import type { ChunkKind } from '../contract/index.js';

/** Pieces that hang together as V8 leaves them, before they are made one flat text. */
const LOOSE_PIECES = 1_024;

/**
 * The text of a stream as far as it has come. A text that grows by `+=` is a tree of its pieces, which costs the least to make: a
 * list that is joined costs a tenth of all that a chunk does. But each branch takes 32 bytes, of a chunk of one letter, too, so
 * the tree is flattened now and then, which leaves a byte for each letter.
 */
export class StreamText {
  #text = '';
  #recent = '';
  #count = 0;
  #characters = 0;

  /** How many pieces have come, of all kinds. */
  get count(): number {
    return this.#count;
  }

  /** Their characters. */
  get characters(): number {
    return this.#characters;
  }

  /** Takes the next piece; one that is no text is counted, and not kept. */
  add(piece: string, kind: ChunkKind = 'text'): void {
    this.#count += 1;
    this.#characters += piece.length;
    if (kind !== 'text') return;
    this.#recent += piece;
    if (this.#count % LOOSE_PIECES === 0) this.#flatten();
  }

  toString(): string {
    return this.#text + this.#recent;
  }

  #flatten(): void {
    // To look at one letter of a tree, V8 makes it flat, in place.
    this.#recent.charCodeAt(0);
    this.#text += this.#recent;
    this.#recent = '';
  }
}
