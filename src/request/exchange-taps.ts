import type { Exchange } from '../contract/index.js';

/** Holds the observers of single connections' requests. Read for every request. */
export class ExchangeTaps {
  readonly #taps = new Map<string, Set<(exchange: Exchange) => void>>();

  /** Returns true if there are no subscribers: skip building the record. */
  get isEmpty(): boolean {
    return this.#taps.size === 0;
  }

  /**
   * Calls `observer`, which must not throw, for each request of a connection, until the returned function is called.
   */
  add(connection: string, observer: (exchange: Exchange) => void): () => void {
    // A new function each time, because the same observer can be added twice.
    const own = (exchange: Exchange): void => observer(exchange);
    const all = this.#taps.get(connection) ?? new Set();
    this.#taps.set(connection, all.add(own));
    return () => {
      all.delete(own);
      if (all.size === 0 && this.#taps.get(connection) === all) this.#taps.delete(connection);
    };
  }

  tell(connection: string, exchangeOf: () => Exchange): void {
    const all = this.#taps.get(connection);
    if (all === undefined) return;
    const exchange = exchangeOf();
    for (const observer of all) observer(exchange);
  }
}
