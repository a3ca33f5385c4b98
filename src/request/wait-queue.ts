import type { Priority } from '../contract/index.js';

/** An item that can wait. The queue owns the three link fields. */
export interface Waiting {
  readonly priority: Priority;
  /** `wait`: it waits for as long as the CI is down. */
  readonly whenDown: 'fail' | 'wait';
  queueNext: this | undefined;
  queuePrevious: this | undefined;
  isQueued: boolean;
}

interface Lane<T> {
  first: T | undefined;
  last: T | undefined;
}

/**
 * Holds the requests that wait for a slot: first in, first out within each priority. It is a linked list, so that a
 * cancelled request is removed in constant time.
 */
export class WaitQueue<T extends Waiting> {
  readonly #lanes: Record<Priority, Lane<T>> = { high: emptyLane(), normal: emptyLane(), low: emptyLane() };
  #size = 0;
  #patient = 0;

  get size(): number {
    return this.#size;
  }

  /** Returns how many wait for as long as the CI is down. */
  get patient(): number {
    return this.#patient;
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
    if (item.whenDown === 'wait') this.#patient += 1;
  }

  /** Returns the first one. */
  get first(): T | undefined {
    return this.#lanes.high.first ?? this.#lanes.normal.first ?? this.#lanes.low.first;
  }

  /** Removes and returns the first one. */
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
    if (item.whenDown === 'wait') this.#patient -= 1;
  }

  /** Returns all of them in order, as a copy, so that they may leave meanwhile. */
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
