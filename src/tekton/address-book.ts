import type { Pool } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { addressOfUrl } from './address.js';
import { resolveName } from './resolve-name.js';

/** Most CIs that are added for addresses unknown to the pool. @internal */
export const maxAddedCis = 1_000;

/** Most added CIs that are removed at the same time. @internal */
export const maxLeavingCis = 64;

/** Keeps a CI from being removed until it is released. @internal */
export interface Lease {
  readonly ci: string;
  release(): void;
}

/** An added CI. */
interface Added {
  /** Requests in flight. */
  inFlight: number;
}

const books = new WeakMap<Pool, AddressBook>();

/** Returns the pool's address book. All clients share it, so that none removes a CI that another uses. @internal */
export function addressBookOf(pool: Pool): AddressBook {
  const known = books.get(pool);
  if (known !== undefined) return known;
  const book = new AddressBook(pool);
  books.set(pool, book);
  return book;
}

/**
 * Finds the CI of a pool by its name or its address, and adds a CI for a new address.
 *
 * If a configured CI has the same address, it is used, so that its connections are shared.
 *
 * @internal
 */
export class AddressBook {
  readonly #pool: Pool;
  /** The pool's CIs at the last refresh. */
  #cis: readonly string[] = [];
  readonly #urls = new Map<string, string>();
  readonly #byAddress = new Map<string, string>();
  /** Least recently used first. */
  readonly #added = new Map<string, Added>();
  readonly #leaving = new Set<string>();
  /** Messages that each CI has answered. */
  readonly #answers = new Map<string, number>();

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  /** The configured CIs: the pool's CIs without the added ones. */
  get givenCis(): readonly string[] {
    return this.#pool.cis.filter(this.#isGiven);
  }

  /**
   * Returns the pool's name for a CI. The names of added CIs are addresses, and match only exactly.
   *
   * @throws ChoragusError `unknown_ci`
   */
  resolve(name: string): string {
    this.#refresh();
    return this.#urls.has(name) ? name : resolveName(name, [...this.#urls.keys()].filter(this.#isGiven));
  }

  /** Returns the CI at an address: a configured one, otherwise an added one, otherwise undefined. */
  find(address: string): string | undefined {
    this.#refresh();
    return this.#byAddress.get(address) ?? (this.#added.has(address) ? address : undefined);
  }

  /** Returns the URL of a CI, or undefined if the pool never had it. */
  urlOf(ci: string): string | undefined {
    this.#refresh();
    return this.#urls.get(ci);
  }

  /** Counts an answer of a CI, and returns how many it has given. */
  countAnswer(ci: string): number {
    const count = (this.#answers.get(ci) ?? 0) + 1;
    this.#answers.set(ci, count);
    return count;
  }

  /** Marks a CI as in use. */
  lease(ci: string): Lease {
    const added = this.#added.get(ci);
    if (added === undefined) return { ci, release: () => {} };
    this.#use(ci, added, 1);
    return { ci, release: () => this.#use(ci, added, -1) };
  }

  /**
   * Adds a CI for an address, and names it after the address. At the limit, replaces the least recently used added CI.
   *
   * @throws ChoragusError `overloaded` if all added CIs are in use; `closed` or `invalid_config` from the pool.
   */
  add(address: string): string {
    if (this.#leaving.has(address)) throw overloaded(`the CI ${address} is being removed: try again later`);
    if (this.#added.size >= maxAddedCis) this.#removeOldest();
    const url = `tcp://${address}`;
    this.#pool.add(address, url);
    this.#added.set(address, { inFlight: 0 });
    this.#urls.set(address, url);
    this.#cis = [...this.#pool.cis];
    return address;
  }

  #use(ci: string, added: Added, change: 1 | -1): void {
    added.inFlight += change;
    // Removed meanwhile, and perhaps added again: then other leases count it.
    if (this.#added.get(ci) !== added) return;
    this.#added.delete(ci);
    this.#added.set(ci, added);
  }

  #removeOldest(): void {
    const oldest = this.#leaving.size < maxLeavingCis ? firstIdle(this.#added) : undefined;
    if (oldest === undefined)
      throw overloaded(`${maxAddedCis} added CIs are in use, or being removed: try again later`);
    this.#added.delete(oldest);
    this.#urls.delete(oldest);
    this.#answers.delete(oldest);
    this.#leaving.add(oldest);
    const left = (): void => {
      this.#leaving.delete(oldest);
    };
    // A removal fails if other code has removed the CI: it is gone in both cases.
    this.#pool.remove(oldest).then(left, left);
  }

  readonly #isGiven = (ci: string): boolean => !this.#added.has(ci) && !this.#leaving.has(ci);

  /**
   * Reads the pool's CIs again if their names or order have changed: a snapshot for each call would cost more than the
   * message. Misses one change: the last CI is removed and added again with another URL, without a message between.
   */
  #refresh(): void {
    const { cis } = this.#pool;
    if (cis.length === this.#cis.length && cis.every((ci, index) => ci === this.#cis[index])) return;
    this.#cis = [...cis];
    const { cis: statuses, state } = this.#pool.snapshot();
    // A closed pool may have forgotten its CIs. Their URLs are still needed for direct connections.
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
    for (const kept of [this.#added, this.#answers]) {
      for (const ci of kept.keys()) if (!Object.hasOwn(cis, ci)) kept.delete(ci);
    }
  }
}

function firstIdle(added: ReadonlyMap<string, Added>): string | undefined {
  for (const [ci, { inFlight }] of added) if (inFlight === 0) return ci;
  return undefined;
}

function overloaded(message: string): ChoragusError {
  return new ChoragusError('overloaded', message, { delivery: 'not_sent', phase: 'queue' });
}
