import type { Exchange } from '../contract/index.js';

/** Who wants to be told of the requests of single connections, and what they came to. Asked on the path of every request. */
export class ExchangeTaps {
  readonly #taps = new Map<string, Set<(exchange: Exchange) => void>>();

  /** True while nobody wants to know: nothing need be put together. */
  get isEmpty(): boolean {
    return this.#taps.size === 0;
  }

  /** Has an observer, which must not throw, told of a connection's requests until the returned function is called. */
  add(connection: string, observer: (exchange: Exchange) => void): () => void {
    // A function of its own each time: the same one can be given twice.
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
