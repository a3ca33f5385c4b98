import type { Output } from '../../src/terminal/screen.js';

/** An output that keeps everything written to it. */
export class CapturedOutput implements Output {
  readonly isTTY: boolean;
  readonly columns: number | undefined;
  readonly #onWrite: (text: string) => void;
  #text = '';

  constructor(surface: 'pipe' | 'terminal' = 'pipe', columns?: number, onWrite: (text: string) => void = () => {}) {
    this.isTTY = surface === 'terminal';
    this.columns = columns;
    this.#onWrite = onWrite;
  }

  get text(): string {
    return this.#text;
  }

  get lines(): readonly string[] {
    return this.#text.split('\n').slice(0, -1);
  }

  write(text: string): void {
    this.#text += text;
    this.#onWrite(text);
  }
}
