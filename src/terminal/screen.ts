import { clip } from './columns.js';

/** The environment variables that describe the terminal. */
export interface TerminalVariables {
  readonly TERM?: string | undefined;
  readonly NO_COLOR?: string | undefined;
}

/** A stream that the command writes to, for example `process.stdout`. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

const plainWidth = 80;
const narrowest = 20;
const widest = 110;

/** Writes lines. On a terminal, also shows a line of progress below them. */
export class Screen {
  readonly style: Style;
  /** True if a line of progress is shown. */
  readonly isLive: boolean;
  /** Columns to fill. */
  readonly width: number;
  readonly #output: Output;
  #progress = '';

  constructor(output: Output, env: TerminalVariables) {
    this.#output = output;
    this.isLive = isLive(output, env);
    this.style = styleOf(output, env);
    const columns = (output.isTTY === true && output.columns) || plainWidth;
    this.width = Math.min(Math.max(columns, narrowest), widest);
  }

  /** Writes a line above the progress. */
  line(text = ''): void {
    this.#write(`${text}\n`);
  }

  heading(text: string): void {
    this.line();
    this.line(this.style.heading(text));
    this.line();
  }

  /** Writes a part of a line. Removes the progress. */
  part(text: string): void {
    this.progress('');
    this.#output.write(text);
  }

  /** Redraws the progress. An empty text removes it. */
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
    // One column less than the width: a full line would wrap, and could not be erased.
    if (this.#progress !== '') this.#output.write(this.style.faint(clip(`  ${this.#progress}`, this.width - 1)));
  }
}

/** Returns true if lines can be redrawn: on any terminal except a dumb one. */
export function isLive(output: Output, env: TerminalVariables): boolean {
  return output.isTTY === true && env.TERM !== 'dumb';
}

/** Returns the colours of a terminal. Returns none if the output is no terminal, or if `NO_COLOR` is set and not empty. */
export function styleOf(output: Output, env: TerminalVariables): Style {
  return styleFor(isLive(output, env) && !env.NO_COLOR ? 'terminal' : 'plain');
}

/** Functions that colour a text. */
export type Style = Readonly<Record<Mark, (text: string) => string>>;

type Mark = 'heading' | 'faint' | 'good' | 'bad' | 'name';

const codes: Readonly<Record<Mark, readonly [on: number, off: number]>> = {
  heading: [1, 22],
  faint: [2, 22],
  good: [32, 39],
  bad: [33, 39],
  name: [36, 39],
};

/** Erases the cursor's line, and moves the cursor to its beginning. */
export const eraseLine = '\r\u001b[2K';

/** Returns the colours of a terminal, or functions that change nothing. */
export function styleFor(surface: 'terminal' | 'plain'): Style {
  const marks = Object.entries(codes).map(([mark, [on, off]]) => {
    const paint = (text: string): string => `\u001b[${on}m${text}\u001b[${off}m`;
    return [mark, surface === 'terminal' ? paint : (text: string) => text];
  });
  return Object.fromEntries(marks) as Style;
}

const clearRight = '\u001b[K';
const clearBelow = '\u001b[J';
const up = (lines: number): string => (lines === 0 ? '' : `\u001b[${lines}A`);

/** Redraws lines in place on a terminal. Each line must fit the width, and all lines the height. */
export class LiveBlock {
  readonly #output: Output;
  #drawn = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  draw(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}${clearRight}\n`).join('');
    // In one write, so that the terminal shows no half of it.
    this.#output.write(`\r${up(this.#drawn)}${text}${clearBelow}`);
    this.#drawn = lines.length;
  }
}
