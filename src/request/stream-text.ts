import type { ChunkKind } from '../contract/index.js';

/** The number of parts that stay as a tree before they are joined to one flat string. */
const LOOSE_PIECES = 1_024;

/**
 * Holds the text of a stream so far. A string that grows by `+=` is a tree of its parts in V8, which is the cheapest
 * way: joining a list would cost a tenth of a chunk's time. But each branch takes 32 bytes, even for a chunk of one
 * letter. So the tree is flattened now and then, to one byte for each letter.
 */
export class StreamText {
  #text = '';
  #recent = '';
  #count = 0;
  #characters = 0;

  /** Returns how many parts have arrived, of all kinds. */
  get count(): number {
    return this.#count;
  }

  /** Returns their characters. */
  get characters(): number {
    return this.#characters;
  }

  /** Adds a part. A part that is not text is counted, but not kept. */
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
    // Reading one character makes V8 flatten the tree in place.
    this.#recent.charCodeAt(0);
    this.#text += this.#recent;
    this.#recent = '';
  }
}
