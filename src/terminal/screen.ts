import { clip } from './columns.js';

/** The variables of the environment that say what a terminal can show. */
export interface TerminalVariables {
  readonly TERM?: string | undefined;
  readonly NO_COLOR?: string | undefined;
}

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

  constructor(output: Output, env: TerminalVariables) {
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
export function isLive(output: Output, env: TerminalVariables): boolean {
  return output.isTTY === true && env.TERM !== 'dumb';
}

/** Returns the colours of a terminal, or none: also if `NO_COLOR` is set, and not empty. */
export function styleOf(output: Output, env: TerminalVariables): Style {
  return styleFor(isLive(output, env) && !env.NO_COLOR ? 'terminal' : 'plain');
}

/** How a piece of text is set off. */
export type Style = Readonly<Record<Mark, (text: string) => string>>;

type Mark = 'heading' | 'faint' | 'good' | 'bad' | 'name';

const codes: Readonly<Record<Mark, readonly [on: number, off: number]>> = {
  heading: [1, 22],
  faint: [2, 22],
  good: [32, 39],
  bad: [33, 39],
  name: [36, 39],
};

/** Takes the line that the cursor is in away, and puts the cursor at its beginning. */
export const eraseLine = '\r\u001b[2K';

/** The colours of a terminal, or none at all. */
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

/** Lines on a terminal that are drawn again in place. Each must fit into the width, and all into the height. */
export class LiveBlock {
  readonly #output: Output;
  #drawn = 0;

  constructor(output: Output) {
    this.#output = output;
  }

  draw(lines: readonly string[]): void {
    const text = lines.map((line) => `${line}${clearRight}\n`).join('');
    // In one write, so that no half of it is seen.
    this.#output.write(`\r${up(this.#drawn)}${text}${clearBelow}`);
    this.#drawn = lines.length;
  }
}
