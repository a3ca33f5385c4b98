import type { Observable } from 'rxjs';
import type {
  CiStatus,
  ConnectionState,
  Exchange,
  Incident,
  Limits,
  Pool,
  PoolSnapshot,
  StateChange,
} from '../contract/index.js';
import { wrongArgument } from '../errors/index.js';
import type { Histogram } from './histogram.js';
import type { Inspect } from './inspect.js';
import type { CiMetrics } from './metrics.js';

/** What an operator can do to a running pool. `connection` is a connection's name, such as `apollo#1`. */
export type Intervention =
  /** Closes the link now, with the requests on it, and dials again without a backoff. */
  | { readonly do: 'reconnect'; readonly connection: string }
  /** Takes no more requests on the connection; closes it when those in flight have ended. */
  | { readonly do: 'retire'; readonly connection: string }
  /** Sends a heartbeat. */
  | { readonly do: 'ping'; readonly connection: string }
  /** Removes the CI when its requests have ended. */
  | { readonly do: 'drain'; readonly ci: string }
  /** Takes requests for the CI again. */
  | { readonly do: 'lift-quarantine'; readonly ci: string };

/** The live counters of one CI. Reading them creates nothing. Another object once the CI was removed and added again. */
export interface CiLoad {
  readonly metrics: CiMetrics;
  /** Requests sent and not settled. */
  readonly inFlight: number;
  /** Time since the CI was added, in ms. */
  readonly ageMs: number;
  /** When it lost its last usable connection, ms since the epoch; undefined if it has one, or none is wanted. */
  readonly downSince: number | undefined;
}

/** The live state of one CI, beside its counters. */
export interface CiReading extends CiLoad {
  /** Its address, without credentials. */
  readonly url: string;
  readonly limits: Limits;
  readonly state: ConnectionState | 'quarantined';
  readonly connections: readonly { readonly state: ConnectionState }[];
  /** Requests that wait for a slot. */
  readonly waiting: number;
}

/** The live counters of a pool's CIs at one moment. Each CI is in one of the three parts. */
export interface PoolLoads {
  /** The CIs by name. */
  readonly cis: readonly (readonly [name: string, ci: CiReading])[];
  /** Removed CIs that still finish requests. */
  readonly leaving: readonly CiReading[];
  /**
   * The counts of CIs that have left, and in `total` their durations. Its `durations` are those of all CIs, the present
   * ones included. It goes on counting.
   */
  readonly past: CiMetrics;
}

/** The requests of all CIs that have ended since the start, those of removed CIs included. */
export interface PoolLoad {
  readonly succeeded: number;
  readonly failed: number;
  /** The service times of those that succeeded. */
  readonly service: Histogram;
}

/** Gives a watcher the state of a running pool, and control over it. Costs nothing until it is called. */
export interface Watchable {
  readonly state: PoolSnapshot['state'];
  readonly states$: Observable<StateChange>;
  /** The names of the CIs, now. */
  readonly cis: readonly string[];
  /** Returns the status of one CI, now; undefined if the pool has no CI of this name. */
  status(ci: string): CiStatus | undefined;
  /** Returns the live state and counters of one CI; undefined if the pool has no CI of this name. */
  load(ci: string): CiReading | undefined;
  /** Returns why a CI's wire cannot carry a message; undefined if it can, or the pool has no CI of this name. */
  refusal(ci: string, message: object): string | undefined;
  /** Returns the live counters of all CIs, now. */
  loads(): PoolLoads;
  /** Returns the counters of the whole pool. Takes a pass over all CIs. */
  poolLoad(): PoolLoad;
  /** The last incidents, oldest first; at most 100. */
  readonly incidents: readonly Incident[];
  /** Emits each incident as it happens. */
  readonly incident$: Observable<Incident>;
  /**
   * Reports the events of one connection's actors (its machine, link and heartbeat) to `observer`, until the returned
   * function is called or the connection has ended. Returns undefined if there is no such connection.
   */
  tap(connection: string, observer: Inspect): (() => void) | undefined;
  /** Does the same for the supervisor. */
  tapPool(observer: Inspect): () => void;
  /**
   * Reports each request of one connection to `observer` when it has ended, until the returned function is called.
   * Returns undefined if there is no such connection.
   */
  tapExchanges(connection: string, observer: (exchange: Exchange) => void): (() => void) | undefined;
  /** Returns false if there is no such CI or connection, or its state does not allow the action. Logged. */
  intervene(what: Intervention): boolean;
}

/** The key under which a pool keeps its `Watchable`. For `choragus/inspector`, not for users. */
export const WATCHABLE: unique symbol = Symbol.for('choragus.watchable');

/**
 * Returns the `Watchable` of a pool.
 *
 * @param of - The calling function, for the message.
 * @throws ChoragusError `invalid_config` for anything but a pool of `createPool`.
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
