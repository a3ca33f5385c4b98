/** Most requests outstanding on one connection. */
const PLACES = 2 ** 20;

/**
 * What is outstanding, by number. A number is `generation * 2^20 + place`: it is found by array index, and none comes
 * twice in a connection's life. Not a Map: one that sees an entry come and go for each request grows garbage that
 * outlives the young generation.
 */
export class SlotTable {
  #items = [];
  #generations = [];
  #free = [];

  /** Takes an item in, and gives its number. */
  add(item) {
    const place = this.#free.pop() ?? this.#grow();
    this.#items[place] = item;
    this.#generations[place] += 1;
    return this.#generations[place] * PLACES + place;
  }

  /** The item of a number, or `undefined` for one that is unknown or was removed. */
  get(number) {
    const place = number % PLACES;
    return this.#generations[place] * PLACES + place === number ? this.#items[place] : undefined;
  }

  /** Takes out an item that is there. */
  remove(number) {
    const place = number % PLACES;
    this.#items[place] = undefined;
    this.#free.push(place);
  }

  /** Takes out all of them. */
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
