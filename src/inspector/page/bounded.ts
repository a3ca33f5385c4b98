/** A list that holds the newest so many. */
export class Bounded<T> {
  readonly #most: number;
  #items: T[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get length(): number {
    return this.items.length;
  }

  /** Oldest first. */
  get items(): readonly T[] {
    return this.#items.length <= this.#most ? this.#items : this.#items.slice(-this.#most);
  }

  push(item: T): void {
    this.#items.push(item);
    // Shortened now and then, since each time would copy all of it each time.
    if (this.#items.length >= this.#most * 2) this.#items = this.#items.slice(-this.#most);
  }

  clear(): void {
    this.#items = [];
  }
}
