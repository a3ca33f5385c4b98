/** A text as the bytes of its UTF-8, one character a byte: what raw peers read and write. */
export function raw(text: string): string {
  return Buffer.from(text).toString('latin1');
}

/** Cuts bytes at each `\n`, and changes nothing else. */
export class Lines {
  readonly #onLine: (line: string) => void;
  #rest = '';

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** What came after the last `\n`. */
  get rest(): string {
    return this.#rest;
  }

  push(bytes: Buffer): void {
    const lines = (this.#rest + bytes.toString('latin1')).split('\n');
    this.#rest = lines.pop() as string;
    for (const line of lines) this.#onLine(line);
  }
}
