import type { ServerResponse } from 'node:http';
import type { Feed } from '../feed/feed.js';
import type { Recorded } from '../feed/records.js';
import { type Encode, Watcher } from '../feed/watcher.js';

/** Watchers at once. */
export const MOST_WATCHERS = 100;
/** Records are collected for so long before they are sent. */
const BATCH_MS = 100;

/** How much a watcher is told: of the whole once a second, or of each change as well. */
export type Level = 'summary' | 'states';

/** What a watcher of the summary is not told. */
const DETAILS: readonly Recorded['t'][] = ['transition', 'trace', 'trace-ended'];

/** As one server-sent event. */
const encode: Encode = (records) => `data: ${JSON.stringify(records)}\n\n`;

/**
 * All who watch one feed. It is subscribed with the first of them and let go with the last; what happens is made into
 * text once for all.
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

  /** Takes one in; false when there are too many. `csrf` is told to this one alone. */
  add(response: ServerResponse, csrf: string, level: Level): boolean {
    if (this.#all.size >= MOST_WATCHERS) return false;
    // What was collected so far is in the state that the new one is about to be told.
    this.#flush();
    const watcher = new Watcher(response, this.#feed, encode, () => this.#flush());
    this.#all.set(watcher, level);
    response.once('close', () => this.#remove(watcher));
    this.#leave ??= this.#feed.subscribe((record) => this.#collect(record));
    watcher.begin({ ...this.#feed.hello(), csrf });
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
