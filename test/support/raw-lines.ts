/** Returns the UTF-8 bytes of a text, one character a byte: raw peers read and write these. */
export function raw(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/**
 * Cuts bytes at each `
 * `, and changes nothing else.
 */
export class Lines {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /**
   * The bytes after the last `
   * `.
   */
  get rest(): string {
    return this.#rest;
  }

  push(bytes: Buffer): void {
    const lines = (this.#rest + bytes.toString('latin1')).split('\n');
    this.#rest = lines.pop() as string;
    for (const line of lines) this.#onLine(line);
  }
}
