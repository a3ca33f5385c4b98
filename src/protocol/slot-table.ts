/** Initial number of slots. It is always a power of two, and at least twice the number of items. */
const FEWEST_SLOTS = 4;

/** The number of an unused slot. */
const NONE_YET = 0;

/** How a slot's last item ended. */
export type Ending = 'answered' | 'abandoned';

/** What is known about a number without a present item. */
export type Past = Ending | 'issued' | 'unknown';

/**
 * Stores items by number, and finds them by array index. Numbers count up from 1; a number's slot is its remainder by
 * the number of slots. A number whose slot is in use by an older item is skipped. No number is issued twice.
 *
 * A `Map` with a set and a delete per request rehashes all the time, which costs a third of the throughput
 * (`docs/decisions/0005-slot-table.md`). Numbers stay small, because converting a large one to a string costs a
 * microsecond.
 */
export class SlotTable<T> {
  #items: (T | undefined)[] = [];
  #numbers: number[] = [];
  #endings: (Ending | undefined)[] = [];
  #mask = -1;
  #last = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds an item, and returns its number. */
  add(item: T): number {
    if (this.#size * 2 > this.#mask) this.#grow();
    let number = this.#last + 1;
    // Less than half of the slots are in use, so a free one is near, and at least half of the numbers are issued.
    while (this.#items[number & this.#mask] !== undefined) number += 1;
    const slot = number & this.#mask;
    this.#items[slot] = item;
    this.#numbers[slot] = number;
    this.#last = number;
    this.#size += 1;
    return number;
  }

  get(number: number): T | undefined {
    const slot = number & this.#mask;
    return this.#numbers[slot] === number ? this.#items[slot] : undefined;
  }

  /** Replaces the item with this number. */
  replace(number: number, item: T): void {
    if (this.get(number) !== undefined) this.#items[number & this.#mask] = item;
  }

  /** Removes an item. Its number is never used again. */
  remove(number: number, ending: Ending): void {
    if (this.get(number) === undefined) return;
    const slot = number & this.#mask;
    this.#items[slot] = undefined;
    this.#endings[slot] = ending;
    this.#size -= 1;
  }

  /** Returns how the item of a number ended; `issued` if its slot has been used again since. */
  pastOf(number: number): Past {
    if (!(Number.isInteger(number) && number >= 1 && number <= this.#last)) return 'unknown';
    const slot = number & this.#mask;
    return this.#numbers[slot] === number ? (this.#endings[slot] ?? 'issued') : 'issued';
  }

  /** Iterates over the present items with their numbers, in no guaranteed order. */
  *entries(): Generator<[number, T]> {
    for (let slot = 0; slot < this.#items.length; slot += 1) {
      const item = this.#items[slot];
      if (item !== undefined) yield [this.#numbers[slot] as number, item];
    }
  }

  /** Doubles the slots, and keeps the endings: numbers that shared no slot share none afterwards. */
  #grow(): void {
    const slots = Math.max(this.#items.length * 2, FEWEST_SLOTS);
    const [items, numbers, endings] = [this.#items, this.#numbers, this.#endings];
    this.#items = new Array(slots).fill(undefined);
    this.#numbers = new Array(slots).fill(NONE_YET);
    this.#endings = new Array(slots).fill(undefined);
    this.#mask = slots - 1;
    for (const [old, number] of numbers.entries()) {
      if (number === NONE_YET) continue;
      const slot = number & this.#mask;
      this.#items[slot] = items[old];
      this.#numbers[slot] = number;
      this.#endings[slot] = endings[old];
    }
  }
}
