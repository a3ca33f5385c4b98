import { printable } from '../terminal/printable.js';
import type { Screen } from '../terminal/screen.js';

const indent = '  ';

/** Writes the pieces of a text at once, and breaks its lines between words. */
export class WrappedText {
  readonly #screen: Screen;
  #column = 0;
  /** The space after the last word. Not written if the next word starts a new line. */
  #blank = '';

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  write(piece: string): void {
    for (const part of printable(piece).match(/\n|\S+|[^\S\n]+/g) ?? []) {
      if (part === '\n') this.end();
      else if (part.trim() === '') this.#blank += part;
      else this.#writeWord(part);
    }
  }

  /** Ends the line, if it has text. */
  end(): void {
    if (this.#column > 0) this.#screen.part('\n');
    this.#column = 0;
    this.#blank = '';
  }

  #writeWord(word: string): void {
    if (this.#column > 0 && this.#column + this.#blank.length + word.length > this.#screen.width) this.end();
    const text = this.#column === 0 ? indent + word : this.#blank + word;
    this.#screen.part(text);
    this.#column += text.length;
    this.#blank = '';
  }
}
