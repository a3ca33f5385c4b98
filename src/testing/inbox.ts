interface Waiter<T> {
  resolve(item: T): void;
  reject(error: Error): void;
}

/**
 * Hands items out in the order in which they came, each once, to whoever asks, before or after they come.
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

  /** Rejects when the inbox is closed, or gets closed, with nothing left in it. */
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
