import type { Pool } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { addressOfUrl } from './address.js';

/** The CIs that may be added for addresses that no CI of the pool has. @internal */
export const maxAddedCis = 1_000;

/** The added CIs that may be on their way out of the pool at once. @internal */
export const maxLeavingCis = 64;

/** A CI in use: it is not removed before it is released. @internal */
export interface Lease {
  readonly ci: string;
  release(): void;
}

/** An added CI: how many requests are under way at it. */
interface Added {
  underWay: number;
}

const books = new WeakMap<Pool, AddressBook>();

/** The pool's address book: one a pool, whoever asks, so that nobody removes a CI that another one uses. @internal */
export function addressBookOf(pool: Pool): AddressBook {
  const known = books.get(pool);
  if (known !== undefined) return known;
  const book = new AddressBook(pool);
  books.set(pool, book);
  return book;
}

/**
 * Which CI of a pool an address leads to; adds one where there is none.
 *
 * A CI that the pool was given under the same address is found, so that both share its connections.
 *
 * @internal
 */
export class AddressBook {
  readonly #pool: Pool;
  /** The pool's CIs when it was last looked through. */
  #cis: readonly string[] = [];
  readonly #urls = new Map<string, string>();
  readonly #byAddress = new Map<string, string>();
  /** The least recently used one first. */
  readonly #added = new Map<string, Added>();
  readonly #leaving = new Set<string>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The CIs that others gave to the pool. */
  get givenCis(): readonly string[] {
    return this.#pool.cis.filter((ci) => !this.#added.has(ci) && !this.#leaving.has(ci));
  }

  /** The CI at an address, one that was given to the pool before one that was added; undefined where there is none. */
  find(address: string): string | undefined {
    this.#refresh();
    return this.#byAddress.get(address) ?? (this.#added.has(address) ? address : undefined);
  }

  /** The URL of a CI, or undefined where the pool never had it. */
  urlOf(ci: string): string | undefined {
    this.#refresh();
    return this.#urls.get(ci);
  }

  /** Takes note that a CI is in use. */
  lease(ci: string): Lease {
    const added = this.#added.get(ci);
    if (added === undefined) return { ci, release: () => {} };
    this.#use(ci, added, 1);
    return { ci, release: () => this.#use(ci, added, -1) };
  }

  /**
   * Adds the CI at an address, under the address as its name, in the place of one that is not in use once there are many.
   *
   * @throws ChoragusError `overloaded` when no more can be added now; `closed` or `invalid_config` by the pool.
   */
  add(address: string): string {
    if (this.#leaving.has(address)) throw overloaded(`the CI ${address} is being removed`);
    if (this.#added.size >= maxAddedCis) this.#removeOldest();
    const url = `tcp://${address}`;
    this.#pool.add(address, url);
    this.#added.set(address, { underWay: 0 });
    this.#urls.set(address, url);
    this.#cis = [...this.#pool.cis];
    return address;
  }

  #use(ci: string, added: Added, change: 1 | -1): void {
    added.underWay += change;
    // Removed meanwhile, and perhaps added anew: that one is not ours to move.
    if (this.#added.get(ci) !== added) return;
    this.#added.delete(ci);
    this.#added.set(ci, added);
  }

  #removeOldest(): void {
    const oldest = this.#leaving.size < maxLeavingCis ? firstIdle(this.#added) : undefined;
    if (oldest === undefined) throw overloaded(`${maxAddedCis} added CIs are in use, or being removed`);
    this.#added.delete(oldest);
    this.#urls.delete(oldest);
    this.#leaving.add(oldest);
    const left = (): void => {
      this.#leaving.delete(oldest);
    };
    // A failed removal says that it was removed by another: gone in either case.
    this.#pool.remove(oldest).then(left, left);
  }

  /**
   * Looks the pool's CIs through again, if they are not those of the last time. By their names, in their order: a full
   * look at each call would cost more than the message. It misses a CI only if it was the last one given, and was
   * removed and given anew elsewhere with no message between.
   */
  #refresh(): void {
    const { cis } = this.#pool;
    if (cis.length === this.#cis.length && cis.every((ci, index) => ci === this.#cis[index])) return;
    this.#cis = [...cis];
    const { cis: statuses, state } = this.#pool.snapshot();
    // A pool that is closed may have forgotten its CIs; where they were is still needed, to reach them directly.
    if (state === 'running') this.#forgetAllBut(statuses);
    for (const [ci, { url }] of Object.entries(statuses)) {
      this.#urls.set(ci, url);
      const address = addressOfUrl(url);
      const isOurs = this.#added.has(ci) || this.#leaving.has(ci);
      if (address !== undefined && !isOurs && !this.#byAddress.has(address)) this.#byAddress.set(address, ci);
    }
  }

  #forgetAllBut(cis: Readonly<Record<string, unknown>>): void {
    this.#urls.clear();
    this.#byAddress.clear();
    for (const ci of this.#added.keys()) if (!Object.hasOwn(cis, ci)) this.#added.delete(ci);
  }
}

function firstIdle(added: ReadonlyMap<string, Added>): string | undefined {
  for (const [ci, { underWay }] of added) if (underWay === 0) return ci;
  return undefined;
}

function overloaded(message: string): ChoragusError {
  return new ChoragusError('overloaded', message, { delivery: 'not_sent', phase: 'queue' });
}
