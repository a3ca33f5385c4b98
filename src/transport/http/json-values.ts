const QUOTE = 34;
const BACKSLASH = 92;
const NEWLINE = 10;
const RETURN = 13;
const OPENING = new Set([123, 91]); // { [
const CLOSING = new Set([125, 93]); // } ]

/**
 * Splits text into JSON values, wherever the text is cut: one value a line, a value over several lines, several values
 * on one line, or a last line without its end. Text outside of any object or array is passed on line by line.
 *
 * It only finds the ends of values: a value that it passes on may be invalid JSON.
 *
 * @example
 * ```ts
 * const values = new JsonValues((text) => console.log(text));
 * values.push('{"a":1}\n{"b":');
 * values.push('2}{"c":3}'); // {"a":1} {"b":2} {"c":3}
 * ```
 */
export class JsonValues {
  readonly #onValue: (text: string) => void;
  #kept = '';
  #depth = 0;
  #place: 'between' | 'value' | 'string' | 'escape' | 'stray' = 'between';

  constructor(onValue: (text: string) => void) {
    this.#onValue = onValue;
  }

  /** Returns how many characters of an unfinished value are kept. */
  get pending(): number {
    return this.#kept.length;
  }

  push(text: string): void {
    let start = 0;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      switch (this.#place) {
        case 'between':
          if (code <= 32) start = at + 1;
          else if (OPENING.has(code)) this.#open();
          else this.#place = 'stray';
          break;
        case 'value':
          if (code === QUOTE) this.#place = 'string';
          else if (OPENING.has(code)) this.#depth += 1;
          else if (CLOSING.has(code)) {
            this.#depth -= 1;
            if (this.#depth === 0) {
              this.#hand(text.slice(start, at + 1));
              start = at + 1;
            }
          }
          break;
        case 'string':
          if (code === QUOTE) this.#place = 'value';
          else if (code === BACKSLASH) this.#place = 'escape';
          else if (code === NEWLINE || code === RETURN) {
            // JSON has no bare line end within a string: the value was broken off, and the next one begins on the next
            // line.
            this.#hand(text.slice(start, at));
            start = at + 1;
          }
          break;
        case 'escape':
          this.#place = 'string';
          break;
        case 'stray':
          if (code === NEWLINE || code === RETURN) {
            this.#hand(text.slice(start, at));
            start = at + 1;
          }
      }
    }
    if (this.#place !== 'between') this.#kept += text.slice(start);
  }

  /** Ends the text, and passes the rest on unchanged. */
  end(): void {
    if (this.#kept !== '') this.#hand('');
  }

  #open(): void {
    this.#place = 'value';
    this.#depth = 1;
  }

  #hand(rest: string): void {
    const value = this.#kept + rest;
    this.#kept = '';
    this.#depth = 0;
    this.#place = 'between';
    this.#onValue(value);
  }
}
