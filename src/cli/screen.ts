import type { Environment } from '../config/index.js';
import { clip } from './clip.js';
import { eraseLine, type Style, styleFor } from './style.js';

/** What the command writes to; `process.stdout` is one. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

const plainWidth = 80;
const narrowest = 20;
const widest = 110;

/** Lines that stay, and on a terminal a line of progress below them. */
export class Screen {
  readonly style: Style;
  /** Whether a line of progress is shown. */
  readonly isLive: boolean;
  /** Columns to fill. */
  readonly width: number;
  readonly #output: Output;
  #progress = '';

  constructor(output: Output, env: Environment) {
    this.#output = output;
    this.isLive = isLive(output, env);
    this.style = styleOf(output, env);
    const columns = (output.isTTY === true && output.columns) || plainWidth;
    this.width = Math.min(Math.max(columns, narrowest), widest);
  }

  /** Writes a line, above the progress if there is any. */
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

/** Whether lines can be drawn again: on any terminal but a dumb one. */
export function isLive(output: Output, env: Environment): boolean {
  return output.isTTY === true && env.TERM !== 'dumb';
}

/** Returns the colours of a terminal, or none: also if `NO_COLOR` is set, and not empty. */
export function styleOf(output: Output, env: Environment): Style {
  return styleFor(isLive(output, env) && !env.NO_COLOR ? 'terminal' : 'plain');
}
