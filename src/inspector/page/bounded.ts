/** A list that keeps only its newest items. */
export class Bounded<T> {
  readonly #most: number;
  #items: T[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  get length(): number {
    return this.items.length;
  }

  /** The items, oldest first. */
  get items(): readonly T[] {
    return this.#items.length <= this.#most ? this.#items : this.#items.slice(-this.#most);
  }

  push(item: T): void {
    this.#items.push(item);
    // Cut only at twice the size: cutting at each push would copy the list each time.
    if (this.#items.length >= this.#most * 2) this.#items = this.#items.slice(-this.#most);
  }

  clear(): void {
    this.#items = [];
  }
}

/** Sets an entry of a map. Drops the entry that was added first if there are too many. */
export function remember<V>(map: Map<string, V>, key: string, value: V, most: number): void {
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value as string);
}
