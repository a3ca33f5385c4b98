import type { ServerResponse } from 'node:http';
import type { Feed } from '../feed/feed.js';
import type { Hello, Recorded } from '../feed/records.js';
import { type Encode, Watcher } from '../feed/watcher.js';

/** Most watchers at once. */
export const MOST_WATCHERS = 100;
/** How long records are collected before they are sent, in ms. */
const BATCH_MS = 100;

/** What a watcher receives. `summary`: a summary once a second. `states`: also each change. */
export type Level = 'summary' | 'states';

/** Records that are not sent at level `summary`. */
const DETAILS: readonly Recorded['t'][] = ['transition', 'trace', 'trace-ended'];

/** Encodes records as one server-sent event. */
const encode: Encode = (records) => `data: ${JSON.stringify(records)}\n\n`;

/**
 * Holds all watchers of one feed. Subscribes to the feed with the first watcher, until the last one leaves. Encodes each batch once for all
 * watchers.
 */
export class Watchers {
  readonly #feed: Feed;
  readonly #all = new Map<Watcher, Level>();
  #batch: Recorded[] = [];
  #timer: NodeJS.Timeout | undefined;
  #leave: (() => void) | undefined;

  constructor(feed: Feed) {
    this.#feed = feed;
  }

  get size(): number {
    return this.#all.size;
  }

  /** Adds a watcher, and sends it its own terms in the hello record. Returns false if there are too many. */
  add(response: ServerResponse, own: Pick<Hello, 'csrf' | 'may'>, level: Level): boolean {
    if (this.#all.size >= MOST_WATCHERS) return false;
    // The new watcher's whole state contains the collected records already.
    this.#flush();
    const watcher = new Watcher(response, this.#feed, encode, () => this.#flush());
    this.#all.set(watcher, level);
    response.once('close', () => this.#remove(watcher));
    this.#leave ??= this.#feed.subscribe((record) => this.#collect(record));
    watcher.begin({ ...this.#feed.hello(), ...own });
    return true;
  }

  close(): void {
    for (const watcher of [...this.#all.keys()]) watcher.end();
  }

  #remove(watcher: Watcher): void {
    this.#all.delete(watcher);
    watcher.end();
    if (this.#all.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#batch = [];
    this.#leave?.();
    this.#leave = undefined;
  }

  #collect(record: Recorded): void {
    if (record.t === 'beat') {
      this.#flush();
      const text = encode([record]);
      for (const watcher of this.#all.keys()) watcher.beat(text);
      return;
    }
    this.#batch.push(record);
    this.#timer ??= setTimeout(() => this.#flush(), BATCH_MS).unref();
  }

  #send(batch: readonly Recorded[], level: Level): void {
    const records = level === 'states' ? batch : batch.filter(({ t }) => !DETAILS.includes(t));
    if (records.length === 0) return;
    const text = encode(records);
    for (const [watcher, its] of this.#all) if (its === level) watcher.send(text, records.length);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    for (const level of new Set(this.#all.values())) this.#send(batch, level);
  }
}
