import type { Writable } from 'node:stream';
import type { Feed } from './feed.js';
import type { Recorded } from './records.js';

/** Unsent bytes above which a watcher counts as slow. */
const SLOW_BYTES = 1_048_576;

/** Converts records to text. */
export type Encode = (records: readonly Recorded[]) => string;

/** Sends records to one stream: a browser or a file. Never waits for it: a slow one misses records, and gets their number. */
export class Watcher {
  readonly #sink: Writable;
  readonly #encode: Encode;
  readonly #feed: Feed;
  /** The first record, until it is sent. */
  #hello: Recorded | undefined;
  /** The rest of the whole state that is still to be sent. */
  #state: Iterator<Recorded> | undefined;
  #turn: NodeJS.Immediate | undefined;
  /** Changes that arrived during the whole state. They are sent after it. */
  #held: string[] = [];
  #heldBytes = 0;
  #heldRecords = 0;
  #dropped = 0;
  #wish: 'go on' | 'end once sent' = 'go on';
  readonly #flush: () => void;

  /** @param flush - Sends the collected records. They are older than the next whole state, and must not follow it. */
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
    // In the next turn: this one has already run much code for the first time, which is slow.
    clearImmediate(this.#turn);
    this.#turn = setImmediate(() => this.#later());
  }

  /** Sends records that are already text: the text is created once for all watchers. */
  send(text: string, records: number): void {
    if (this.#dropped > 0) this.#dropped += records;
    else if (this.#state !== undefined) this.#hold(text, records);
    else if (this.#isSlow) this.#drop(records);
    else this.#write(text);
  }

  /** Sends a beat at once, also before the rest of the whole state: it must not be late. A slow watcher gets it, unless it is full. */
  beat(text: string): void {
    if (this.#hello === undefined && !this.#isSlow) this.#write(text);
  }

  /** True if the watcher has received the whole state and all changes since. */
  get isCurrent(): boolean {
    return this.#state === undefined && this.#dropped === 0;
  }

  /** Ends as soon as everything is sent, and keeps the process alive until then. */
  finish(): void {
    this.#wish = 'end once sent';
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

  /** Starts to send the whole state, one piece in each turn of the event loop. */
  #restate(): void {
    this.#state = this.#feed.state()[Symbol.iterator]();
    this.#held = [];
    this.#heldBytes = 0;
    this.#heldRecords = 0;
    this.#later();
  }

  /**
   * Schedules the next piece. Several calls in one turn schedule one piece. It is not unref'd: the loop of a quiet process
   * would not turn. That keeps no process alive for ever, because a sink that nobody reads is soon full.
   */
  #later(): void {
    clearImmediate(this.#turn);
    this.#turn = setImmediate(() => this.#piece());
  }

  #piece(): void {
    if (this.#greet()) return this.#later();
    const next = this.#state?.next();
    if (next === undefined) return;
    if (next.done === true) return this.#stated();
    // A full socket emits 'drain' later.
    if (this.#write(this.#encode([next.value]))) this.#later();
  }

  /** Sends the changes that arrived during the whole state. The state can contain some of them already: their times show it. */
  #stated(): void {
    this.#state = undefined;
    for (const text of this.#held) this.#write(text);
    this.#held = [];
    if (this.#wish === 'end once sent') this.end();
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
    // A socket that is not full emits no 'drain'.
    if (!this.#sink.writableNeedDrain) this.#turn = setImmediate(() => this.#drained());
  }

  /** Sends the first record, if it is not sent yet. Returns true if it sent it. */
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
