/** Most requests outstanding on one connection. */
const PLACES = 2 ** 20;

/**
 * Outstanding items by number. A number is `generation * 2^20 + slot`: it is found by array index, and never repeats
 * in a connection's life. Not a Map: a Map whose entries come and go with each request grows garbage that
 * outlives the young generation.
 */
export class SlotTable {
  #items = [];
  #generations = [];
  #free = [];

  /** Adds an item. Returns its number. */
  add(item) {
    const place = this.#free.pop() ?? this.#grow();
    this.#items[place] = item;
    this.#generations[place] += 1;
    return this.#generations[place] * PLACES + place;
  }

  /** Returns the item of a number, or `undefined` for one that is unknown or was removed. */
  get(number) {
    const place = number % PLACES;
    return this.#generations[place] * PLACES + place === number ? this.#items[place] : undefined;
  }

  /** Removes an existing item. */
  remove(number) {
    const place = number % PLACES;
    this.#items[place] = undefined;
    this.#free.push(place);
  }

  /** Removes all of them. */
  drain() {
    const items = this.#items.filter((item) => item !== undefined);
    this.#items = [];
    this.#generations = [];
    this.#free = [];
    return items;
  }

  #grow() {
    this.#generations.push(0);
    return this.#items.push(undefined) - 1;
  }
}
