import type { Observable } from 'rxjs';
import type { CiStatus, Exchange, Incident, Pool, PoolSnapshot, StateChange } from '../contract/index.js';
import { wrongArgument } from '../errors/index.js';
import type { Inspect } from './inspect.js';

/** What can be done to a running pool by hand. `connection` is a connection's name, such as `apollo#1`. */
export type Intervention =
  /** Closes the link now, whatever is on it, and dials anew without a backoff. */
  | { readonly do: 'reconnect'; readonly connection: string }
  /** Takes no more requests on it; closes once those that it has are over. */
  | { readonly do: 'retire'; readonly connection: string }
  /** Sends a heartbeat. */
  | { readonly do: 'ping'; readonly connection: string }
  /** Removes the CI once its requests are over. */
  | { readonly do: 'drain'; readonly ci: string }
  /** Takes requests for it again. */
  | { readonly do: 'lift-quarantine'; readonly ci: string };

/** What a watcher may know of a running pool, and do to it. Costs nothing until it is called. */
export interface Watchable {
  readonly state: PoolSnapshot['state'];
  readonly states$: Observable<StateChange>;
  /** The names of the CIs, now. */
  readonly cis: readonly string[];
  /** One CI, now; `undefined` when the pool has none of this name. */
  status(ci: string): CiStatus | undefined;
  /** The last incidents, oldest first; at most 100. */
  readonly incidents: readonly Incident[];
  /** Each incident, as it happens. */
  readonly incident$: Observable<Incident>;
  /**
   * Has `observer` told of all that the actors of one connection go through (its machine, link and heartbeat), from now on, until
   * the returned function is called or the connection is gone. `undefined` when there is no such connection.
   */
  tap(connection: string, observer: Inspect): (() => void) | undefined;
  /** The same for the supervisor. */
  tapPool(observer: Inspect): () => void;
  /**
   * Has `observer` told of each request that one connection carries, when it is over, until the returned function is called.
   * `undefined` when there is no such connection.
   */
  tapExchanges(connection: string, observer: (exchange: Exchange) => void): (() => void) | undefined;
  /** Returns false when there is nothing of this name (any more), or it is not in a state for it. Logged. */
  intervene(what: Intervention): boolean;
}

/** Where a pool keeps what lets a watcher in: for `choragus/inspector`, not for users. */
export const WATCHABLE: unique symbol = Symbol.for('choragus.watchable');

/**
 * What lets a watcher into a pool.
 *
 * @param of - The function that asks, for the message.
 * @throws ChoragusError `invalid_config` for what is no pool of ours.
 */
export function watchableOf(pool: Pool, of = 'the inspector'): Watchable {
  const watchable = read(pool);
  if (watchable === undefined) throw wrongArgument(of, 'pool', pool, 'a pool that createPool() made');
  return watchable;
}

function read(pool: unknown): Watchable | undefined {
  try {
    return (pool as { readonly [WATCHABLE]?: Watchable } | null | undefined)?.[WATCHABLE];
  } catch {
    // A proxy.
    return undefined;
  }
}
