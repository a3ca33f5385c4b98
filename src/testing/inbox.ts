interface Waiter<T> {
  resolve(item: T): void;
  reject(error: Error): void;
}

/**
 * Delivers each item once, in the order of arrival. `next` can be called before or after an item arrives.
 *
 * @internal
 */
export class Inbox<T> {
  readonly #items: T[] = [];
  readonly #waiters: Waiter<T>[] = [];
  #closedBy: Error | undefined;

  put(item: T): void {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#items.push(item);
    else waiter.resolve(item);
  }

  /** Returns the next item. Rejects if the inbox is empty and closed, or is closed while waiting. */
  next(): Promise<T> {
    if (this.#items.length > 0) return Promise.resolve(this.#items.shift() as T);
    if (this.#closedBy !== undefined) return Promise.reject(this.#closedBy);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  close(error: Error): void {
    this.#closedBy = error;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error);
  }
}
