/** The number of removed items from which their space is freed, once they fill half of the array. */
const COMPACT_FROM = 64;

/** A queue that removes its oldest item in constant time; `Array.shift` moves all others. @internal */
export class FifoQueue<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get size(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Removes and returns the oldest item; undefined if the queue is empty. */
  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#head];
    // The slot must not keep the item alive.
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.size === 0) this.clear();
    else if (this.#head >= COMPACT_FROM && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
