/** Slots at first; always a power of two, and at least twice as many as there are items. */
const FEWEST_SLOTS = 4;

/** The number of a slot that no item has had. */
const NONE_YET = 0;

/** What a slot's last item was when it left. */
export type Ending = 'answered' | 'abandoned';

/** What is known of a number that names no present item. */
export type Past = Ending | 'issued' | 'unknown';

/**
 * Items by number, found by array index: numbers count up from 1, and a number's slot is its remainder by the number of
 * slots. One whose slot is taken by an item that stays long is passed over. No number is issued twice.
 *
 * Not a `Map`: one that sees a set and a delete per request rehashes all the time, and costs a third of the throughput
 * (`docs/decisions/0005-slot-table.md`). Numbers stay small, since to spell a large one costs a microsecond.
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

  /** Puts an item in, and returns its number. */
  add(item: T): number {
    if (this.#size * 2 > this.#mask) this.#grow();
    let number = this.#last + 1;
    // Less than half are taken: a free one is never far, and half of all numbers at least are issued.
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

  /** Puts another item in the place of the one with this number. */
  replace(number: number, item: T): void {
    if (this.get(number) !== undefined) this.#items[number & this.#mask] = item;
  }

  /** Takes an item out; its number is never used again. */
  remove(number: number, ending: Ending): void {
    if (this.get(number) === undefined) return;
    const slot = number & this.#mask;
    this.#items[slot] = undefined;
    this.#endings[slot] = ending;
    this.#size -= 1;
  }

  /** What became of a number that names no present item; `issued` when its slot has been used again since. */
  pastOf(number: number): Past {
    if (!(Number.isInteger(number) && number >= 1 && number <= this.#last)) return 'unknown';
    const slot = number & this.#mask;
    return this.#numbers[slot] === number ? (this.#endings[slot] ?? 'issued') : 'issued';
  }

  /** The present items with their numbers, in no promised order. */
  *entries(): Generator<[number, T]> {
    for (let slot = 0; slot < this.#items.length; slot += 1) {
      const item = this.#items[slot];
      if (item !== undefined) yield [this.#numbers[slot] as number, item];
    }
  }

  /** Twice the slots. What is known of the past goes along, since numbers that shared no slot do not share one now. */
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
