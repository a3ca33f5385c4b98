import type { Environment } from '../config/index.js';
import { clip } from './clip.js';
import { eraseLine, type Style, styleFor } from './style.js';

/** What the command writes to; `process.stdout` is one. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

const plainWidth = 80;
const narrowest = 60;
const widest = 110;

/** Lines that stay, and on a terminal one below them that is redrawn while something goes on. */
export class Screen {
  readonly style: Style;
  /** Whether the line of progress is shown at all. */
  readonly isLive: boolean;
  /** Columns to fill. */
  readonly width: number;
  readonly #output: Output;
  #progress = '';

  constructor(output: Output, env: Environment) {
    this.#output = output;
    this.isLive = output.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
    this.style = styleFor(this.isLive ? 'terminal' : 'plain');
    const columns = (output.isTTY === true && output.columns) || plainWidth;
    this.width = Math.min(Math.max(columns, narrowest), widest);
  }

  /** Writes a line, above the progress where there is any. */
  line(text = ''): void {
    this.#write(`${text}\n`);
  }

  heading(text: string): void {
    this.line();
    this.line(this.style.heading(text));
    this.line();
  }

  /** Writes a part of a line. Takes the progress away. */
  part(text: string): void {
    this.progress('');
    this.#output.write(text);
  }

  /** Redraws the progress; an empty text takes it away. */
  progress(text: string): void {
    if (!this.isLive || text === this.#progress) return;
    this.#output.write(eraseLine);
    this.#progress = text;
    this.#draw();
  }

  #write(text: string): void {
    if (this.#progress !== '') this.#output.write(eraseLine);
    this.#output.write(text);
    this.#draw();
  }

  #draw(): void {
    // One letter less than the width: a full line would wrap, and could not be erased.
    if (this.#progress !== '') this.#output.write(this.style.faint(clip(`  ${this.#progress}`, this.width - 1)));
  }
}
