/** The most items that a table holds; also the factor between a number's generation and its slot. */
const SLOTS = 1 << 20;

/** What a slot's last item was when it left. */
export type Ending = 'answered' | 'abandoned';

/** What is known of a number that names no present item. */
export type Past = Ending | 'issued' | 'unknown';

/**
 * Items by number, found by array index. A number is `generation · 2²⁰ + slot`: never issued twice by one table.
 *
 * Not a `Map`: one that sees a set and a delete per request rehashes all the time, and costs a third of the throughput
 * (`docs/decisions/0005-slot-table.md`).
 */
export class SlotTable<T> {
  readonly #items: (T | undefined)[] = [];
  readonly #generations: number[] = [];
  readonly #endings: (Ending | undefined)[] = [];
  readonly #free: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Puts an item in, and returns its number. */
  add(item: T): number {
    let slot = this.#free.pop();
    if (slot === undefined) {
      slot = this.#items.length;
      this.#items.push(undefined);
      this.#generations.push(0);
      this.#endings.push(undefined);
    }
    this.#items[slot] = item;
    this.#size += 1;
    const generation = (this.#generations[slot] as number) + 1;
    this.#generations[slot] = generation;
    return generation * SLOTS + slot;
  }

  get(number: number): T | undefined {
    const slot = number % SLOTS;
    return (this.#generations[slot] as number) * SLOTS + slot === number ? this.#items[slot] : undefined;
  }

  /** Puts another item in the place of the one with this number. */
  replace(number: number, item: T): void {
    if (this.get(number) !== undefined) this.#items[number % SLOTS] = item;
  }

  /** Takes an item out; its number is never used again. */
  remove(number: number, ending: Ending): void {
    if (this.get(number) === undefined) return;
    const slot = number % SLOTS;
    this.#items[slot] = undefined;
    this.#endings[slot] = ending;
    this.#size -= 1;
    this.#free.push(slot);
  }

  /** What became of a number that names no present item; `issued` when its slot has been used again since. */
  pastOf(number: number): Past {
    const slot = number % SLOTS;
    const generation = this.#generations[slot];
    if (generation === undefined || !Number.isInteger(number)) return 'unknown';
    const issued = Math.floor(number / SLOTS);
    if (issued < 1 || issued > generation) return 'unknown';
    return issued === generation ? (this.#endings[slot] ?? 'issued') : 'issued';
  }

  /** The present items with their numbers, in no promised order. */
  *entries(): Generator<[number, T]> {
    for (let slot = 0; slot < this.#items.length; slot += 1) {
      const item = this.#items[slot];
      if (item !== undefined) yield [(this.#generations[slot] as number) * SLOTS + slot, item];
    }
  }
}
