import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { pino } from 'pino';
import { ChoragusError, type Logger, type Pool } from '../../../src/index.js';

/** Everything a pool shows to others than the caller of a request: its log, its errors, its states and its snapshots. */
export class Evidence {
  /** A pino logger that keeps every line, at the most verbose level. */
  readonly logger: Logger;
  /** A text with the place where it was seen. */
  readonly #seen: { readonly where: string; readonly text: string }[] = [];
  readonly #pino: ReturnType<typeof pino>;
  readonly lines: string[] = [];

  constructor() {
    const sink = new Writable({
      write: (line: Buffer, _encoding, done) => {
        this.lines.push(line.toString());
        done();
      },
    });
    this.#pino = pino({ level: 'trace' }, sink);
    this.logger = this.#pino;
  }

  /** Collects everything visible of a pool: as data, as an object, and each state change. */
  watch(pool: Pool): void {
    pool.states$.subscribe((change) => {
      this.see('states$', change);
      this.see('snapshot()', pool.snapshot());
    });
    this.see('the pool', pool);
  }

  /** Collects every form in which a value can get into a log. */
  see(where: string, value: unknown): void {
    this.#note(where, jsonOf(value));
    this.#note(where, inspect(value, { depth: 20, maxStringLength: null, maxArrayLength: null }));
    if (!(value instanceof Error)) return;
    if (!(value instanceof ChoragusError)) this.#note(`${where}: a cause`, `${value.message}\n${value.stack}`);
    else this.#note(where, `${value.message}\n${value.reason}\n${value.stack}\n${value}`);
    // The way in which most services log an error.
    this.#pino.error({ err: value }, 'a request failed');
    if (value.cause !== undefined) this.see(`${where}: the cause`, value.cause);
  }

  /** A failure whose message quotes the CI: the rest of it without that text. */
  seeCiError(where: string, error: ChoragusError): void {
    this.#note(where, jsonOf(error));
    const { ci, delivery, phase, timings, cause } = error;
    this.see(where, { ci, delivery, phase, timings, cause });
  }

  /** Returns the places where any of these words was seen, each with an excerpt. */
  find(words: readonly string[] | RegExp): string[] {
    const test = (text: string) =>
      words instanceof RegExp ? words.test(text) : words.some((word) => text.includes(word));
    const logged = this.lines.filter(test).map((line) => `the log: ${line.slice(0, 500)}`);
    return [...logged, ...this.#seen.filter(({ text }) => test(text)).map(({ where, text }) => `${where}: ${text}`)];
  }

  #note(where: string, text: string): void {
    this.#seen.push({ where, text });
  }
}

/** Returns JSON, if possible: live objects, for example a pool, have cycles. */
function jsonOf(value: unknown): string {
  const above: unknown[] = [];
  const json = JSON.stringify(value, function (this: unknown, _key, inner: unknown) {
    while (above.length > 0 && above.at(-1) !== this) above.pop();
    if (typeof inner !== 'object' || inner === null) return typeof inner === 'bigint' ? String(inner) : inner;
    if (above.includes(inner)) return '(above)';
    above.push(inner);
    return inner;
  });
  return json ?? '';
}
