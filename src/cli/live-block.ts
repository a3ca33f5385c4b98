import type { Output } from './screen.js';

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
