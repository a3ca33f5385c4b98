import type { Priority } from '../contract/index.js';

/** Something that can wait. The queue owns the three link fields. */
export interface Waiting {
  readonly priority: Priority;
  queueNext: this | undefined;
  queuePrevious: this | undefined;
  isQueued: boolean;
}

interface Lane<T> {
  first: T | undefined;
  last: T | undefined;
}

/**
 * Who waits for a place: first come, first served within each priority. A linked list, so that one who gives up
 * leaves in constant time, and can never be served later.
 */
export class WaitQueue<T extends Waiting> {
  readonly #lanes: Record<Priority, Lane<T>> = { high: emptyLane(), normal: emptyLane(), low: emptyLane() };
  #size = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    const lane = this.#lanes[item.priority];
    item.isQueued = true;
    item.queuePrevious = lane.last;
    item.queueNext = undefined;
    if (lane.last === undefined) lane.first = item;
    else lane.last.queueNext = item;
    lane.last = item;
    this.#size += 1;
  }

  /** The next one. */
  get first(): T | undefined {
    return this.#lanes.high.first ?? this.#lanes.normal.first ?? this.#lanes.low.first;
  }

  /** Takes the next one out. */
  shift(): T | undefined {
    const next = this.first;
    if (next !== undefined) this.remove(next);
    return next;
  }

  remove(item: T): void {
    if (!item.isQueued) return;
    const lane = this.#lanes[item.priority];
    const { queueNext: next, queuePrevious: previous } = item;
    if (previous === undefined) lane.first = next;
    else previous.queueNext = next;
    if (next === undefined) lane.last = previous;
    else next.queuePrevious = previous;
    item.isQueued = false;
    item.queueNext = undefined;
    item.queuePrevious = undefined;
    this.#size -= 1;
  }

  /** All that wait, in order; a copy, so that they may leave meanwhile. */
  toArray(): T[] {
    const items: T[] = [];
    for (const lane of Object.values(this.#lanes)) {
      for (let item = lane.first; item !== undefined; item = item.queueNext) items.push(item);
    }
    return items;
  }
}

function emptyLane<T>(): Lane<T> {
  return { first: undefined, last: undefined };
}
