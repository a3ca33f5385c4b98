import type { Pool } from '../contract/index.js';
import { wrongArgument } from '../errors/index.js';
import { addressOf } from './address.js';
import { addressBookOf, type Lease } from './address-book.js';

/** The pool and the CI for a request. @internal */
export interface Route {
  readonly pool: Pool;
  readonly ci: string;
  /** The CI's URL; undefined if it is unknown. */
  readonly url: string | undefined;
  /** Marks the CI as in use, and adds it to the pool if it is new. @throws ChoragusError from the pool */
  lease(): Lease;
}

/** Returns the route to a CI of the pool, by its exact name. @internal */
export function routeToCi(pool: Pool, ci: string): Route {
  const book = addressBookOf(pool);
  return { pool, ci, url: book.urlOf(ci), lease: () => book.lease(ci) };
}

/**
 * Returns the route to a CI by its name, in any accepted spelling.
 *
 * @param of - The function that was called, for the message.
 * @throws ChoragusError `unknown_ci`; `invalid_config` for a name that is not a string.
 * @internal
 */
export function routeToName(of: string, pool: Pool, name: unknown): Route {
  if (typeof name !== 'string' || name === '')
    throw wrongArgument(of, 'name', name, 'the name of a CI, for example "apollo"');
  return routeToCi(pool, addressBookOf(pool).resolve(name));
}

/**
 * Returns the route to the CI at an address.
 *
 * @param of - The function that was called, for the message.
 * @throws ChoragusError `invalid_config` for a bad host or port.
 * @internal
 */
export function routeToAddress(of: string, pool: Pool, host: unknown, port: unknown): Route {
  const address = addressOf(of, host, port);
  const book = addressBookOf(pool);
  const ci = book.find(address);
  if (ci !== undefined) return routeToCi(pool, ci);
  return { pool, ci: address, url: `tcp://${address}`, lease: () => book.lease(book.add(address)) };
}
