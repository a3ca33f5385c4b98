import type { Writable } from 'node:stream';
import type { Feed } from './feed.js';
import type { Recorded } from './records.js';

/** Unsent bytes above which a watcher counts as slow. */
const SLOW_BYTES = 1_048_576;

/** Makes text of some records. */
export type Encode = (records: readonly Recorded[]) => string;

/** One who watches, at the other end of a stream: a browser, or a file. Never waited for: whoever is slow is skipped, and told so. */
export class Watcher {
  readonly #sink: Writable;
  readonly #encode: Encode;
  readonly #feed: Feed;
  /** The first record, until it is sent. */
  #hello: Recorded | undefined;
  /** What of the first state is still to be sent. */
  #state: Iterator<Recorded> | undefined;
  #turn: NodeJS.Immediate | undefined;
  /** Changes that came while the first state was being sent: they belong after it. */
  #held: string[] = [];
  #heldBytes = 0;
  #heldRecords = 0;
  #dropped = 0;
  #wish: 'go on' | 'end once told' = 'go on';
  readonly #flush: () => void;

  /** `flush` sends what was collected so far: it is older than a state that is told from now on, and must not follow it. */
  constructor(sink: Writable, feed: Feed, encode: Encode, flush: () => void) {
    this.#sink = sink;
    this.#feed = feed;
    this.#encode = encode;
    this.#flush = flush;
    sink.on('drain', () => this.#drained());
  }

  begin(hello: Recorded): void {
    this.#hello = hello;
    this.#restate();
    // Not in this turn, which has run code that was not compiled yet, all that leads to here: it was long enough.
    clearImmediate(this.#turn);
    this.#turn = setImmediate(() => this.#later()).unref();
  }

  /** Some records, as text already: it is made once for all. */
  send(text: string, records: number): void {
    if (this.#dropped > 0) this.#dropped += records;
    else if (this.#state !== undefined) this.#hold(text, records);
    else if (this.#isSlow) this.#drop(records);
    else this.#write(text);
  }

  /** Whether the whole state was told, and all since. */
  get isCurrent(): boolean {
    return this.#state === undefined && this.#dropped === 0;
  }

  /** Ends as soon as all was told, and keeps the process alive until then. */
  finish(): void {
    this.#wish = 'end once told';
    this.#turn?.ref();
    if (this.isCurrent) this.end();
  }

  /** Ends now. */
  end(): void {
    clearImmediate(this.#turn);
    this.#hello = undefined;
    this.#state = undefined;
    this.#held = [];
    this.#sink.end();
  }

  get #isSlow(): boolean {
    return this.#sink.writableLength > SLOW_BYTES;
  }

  /** Begins to tell the whole state, a piece a turn. */
  #restate(): void {
    this.#state = this.#feed.state()[Symbol.iterator]();
    this.#held = [];
    this.#heldBytes = 0;
    this.#heldRecords = 0;
    this.#later();
  }

  /** One piece a turn, whoever asks for it. */
  #later(): void {
    clearImmediate(this.#turn);
    this.#turn = setImmediate(() => this.#piece());
    if (this.#wish === 'go on') this.#turn.unref();
  }

  #piece(): void {
    if (this.#greet()) return this.#later();
    const next = this.#state?.next();
    if (next === undefined) return;
    if (next.done === true) return this.#stated();
    // A full socket calls again when it is empty.
    if (this.#write(this.#encode([next.value]))) this.#later();
  }

  /** The state is told; what happened meanwhile follows. Some of it is in that state already, and says so by its time. */
  #stated(): void {
    this.#state = undefined;
    for (const text of this.#held) this.#write(text);
    this.#held = [];
    if (this.#wish === 'end once told') this.end();
  }

  #hold(text: string, records: number): void {
    this.#heldBytes += text.length;
    this.#heldRecords += records;
    if (this.#heldBytes <= SLOW_BYTES) this.#held.push(text);
    else this.#drop(this.#heldRecords);
  }

  #drop(records: number): void {
    clearImmediate(this.#turn);
    this.#state = undefined;
    this.#held = [];
    this.#dropped = records;
    // Where the socket is not full, nobody will call.
    if (!this.#sink.writableNeedDrain) this.#turn = setImmediate(() => this.#drained()).unref();
  }

  /** Says hello, where that was not done yet: it comes before all else. */
  #greet(): boolean {
    const hello = this.#hello;
    if (hello === undefined) return false;
    this.#hello = undefined;
    this.#write(this.#encode([hello]));
    return true;
  }

  #drained(): void {
    this.#greet();
    if (this.#dropped > 0) {
      this.#flush();
      this.#write(this.#encode([{ t: 'dropped', at: Date.now(), count: this.#dropped }]));
      this.#dropped = 0;
      this.#restate();
    } else if (this.#state !== undefined) this.#later();
  }

  #write(text: string): boolean {
    if (this.#sink.writableEnded || this.#sink.destroyed) return false;
    return this.#sink.write(text);
  }
}
