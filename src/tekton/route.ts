import type { Pool } from '../contract/index.js';
import { addressOf } from './address.js';
import { addressBookOf, type Lease } from './address-book.js';

/** The way to a CI. @internal */
export interface Route {
  readonly pool: Pool;
  readonly ci: string;
  /** Where the CI is; undefined where that is not known. */
  readonly url: string | undefined;
  /** Takes the CI into use, and adds it to the pool where it is new. May throw what the pool would. */
  lease(): Lease;
}

/** The way to a CI by its name in the pool. @internal */
export function routeToName(pool: Pool, name: string): Route {
  const book = addressBookOf(pool);
  return { pool, ci: name, url: book.urlOf(name), lease: () => book.lease(name) };
}

/**
 * The way to the CI at an address.
 *
 * @throws ChoragusError `invalid_config` for a host or a port that is none.
 * @internal
 */
export function routeToAddress(pool: Pool, host: string, port: number): Route {
  const address = addressOf(host, port);
  const book = addressBookOf(pool);
  const ci = book.find(address);
  if (ci !== undefined) return routeToName(pool, ci);
  return { pool, ci: address, url: `tcp://${address}`, lease: () => book.lease(book.add(address)) };
}
