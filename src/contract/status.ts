import type { Code } from '../errors/index.js';
import type { ConnectionState } from './connection-state.js';
import type { Metrics } from './metrics.js';

/** Names how a CI's answers are matched to requests (`docs/concepts.md`, "How a reply finds its request"). */
export type Ordering = 'unknown' | 'byId' | 'proved' | 'fresh' | 'trusted';

/** Describes one change of one connection's state. */
export interface StateChange {
  /** The CI's name. */
  readonly ci: string;
  /** The connection's name, such as `apollo#1`. */
  readonly connection: string;
  /** The state before. */
  readonly from: ConnectionState;
  /** The state after. */
  readonly to: ConnectionState;
  /** Why it changed, for people; do not compare it in code. */
  readonly reason: string;
  /** Failed attempts in a row. */
  readonly attempt: number;
  /** The backoff that begins, in ms; 0 if none does. */
  readonly delayMs: number;
  /** Wall-clock time, ms since the epoch. */
  readonly at: number;
}

/** Describes one past change of a connection's state. */
export type PastTransition = Omit<StateChange, 'ci' | 'connection'>;

/** Describes a failure without anything that could hold content. */
export interface ErrorSummary {
  /** What went wrong, from the list of codes. */
  readonly code: Code;
  /** The reason, without the peer's own words. */
  readonly message: string;
  /** Wall-clock time, ms since the epoch. */
  readonly at: number;
}

/** Describes one connection at the moment of the snapshot. */
export interface ConnectionStatus {
  /** The connection's name, such as `apollo#1`. */
  readonly connection: string;
  /** Its state. */
  readonly state: ConnectionState;
  /** Wall-clock time of the last change, ms since the epoch. */
  readonly since: number;
  /** Failed attempts in a row. */
  readonly attempt: number;
  /** The current backoff, in ms; 0 if there is none. */
  readonly delayMs: number;
  /** Requests sent and not settled. */
  readonly inFlight: number;
  /** Abandoned requests whose replies have not come yet. */
  readonly abandoned: number;
  /** How the peer matches replies to requests, as far as this connection has seen. */
  readonly correlation: 'ordered' | 'byId';
  /** The last changes of its state, oldest first; at most 32. */
  readonly history: readonly PastTransition[];
}

/** Describes one CI at the moment of the snapshot. */
export interface CiStatus {
  /** The CI's name. */
  readonly ci: string;
  /** Its address, without credentials. */
  readonly url: string;
  /** The best state among its connections; `idle` if it has none. */
  readonly state: ConnectionState | 'quarantined';
  /** Wall-clock time of the last change of `state`, in ms since the epoch. */
  readonly since: number;
  /** Failed attempts in a row. */
  readonly attempt: number;
  /**
   * The last failure of a request or a connection. It stays after the CI has recovered: see `state`, and its own `at`.
   */
  readonly lastError: ErrorSummary | undefined;
  /** Requests sent and not settled, on all its connections. */
  readonly inFlight: number;
  /** Requests that wait for a slot. */
  readonly waiting: number;
  /**
   * How its answers are matched to requests, as far as is known: `byId`, by the ids that they carry; `proved`, by an
   * order that a probe behind each request proves; `fresh`, by a fresh connection for each request; `trusted`, by an
   * order that the user guarantees.
   */
  readonly ordering: Ordering;
  /** Its connections. */
  readonly connections: readonly ConnectionStatus[];
  /** Its counters since the start. */
  readonly metrics: Metrics;
}

/** Describes the pool at one moment. Plain data: `JSON.stringify` takes it as it is. */
export interface PoolSnapshot {
  /** The pool's state. `closing`: it closes its connections; `closed`: no socket is open any more. */
  readonly state: 'running' | 'draining' | 'closing' | 'closed';
  /** Wall-clock time of the snapshot, in ms since the epoch. */
  readonly at: number;
  /** The CIs by name. */
  readonly cis: Readonly<Record<string, CiStatus>>;
  /** Sums over all CIs. */
  readonly totals: {
    /** Number of CIs. */
    readonly cis: number;
    /** Number of connections, open or not. */
    readonly connections: number;
    /** Requests sent and not settled. */
    readonly inFlight: number;
    /** Requests that wait for a slot. */
    readonly waiting: number;
    /** Number of CIs in each state. */
    readonly states: Readonly<Record<ConnectionState | 'quarantined', number>>;
    /** The counters, summed; those of removed CIs included. */
    readonly metrics: Metrics;
  };
}

/** Lists the CIs that are up after `warm()`, and those that are down. */
export interface WarmReport {
  /** The names of the CIs with a connection up. */
  readonly up: readonly string[];
  /** The CIs without one, each with its last failure. */
  readonly down: readonly { readonly ci: string; readonly error: ErrorSummary }[];
}

/** Describes how a drain ended. */
export interface DrainReport {
  /** Requests that ended by themselves during the drain. */
  readonly finished: number;
  /** Requests that were cut when the drain timeout was over. */
  readonly cut: number;
  /** How long the drain took, in ms. */
  readonly durationMs: number;
  /** The same counts for each CI that had requests. */
  readonly cis: Readonly<Record<string, { readonly finished: number; readonly cut: number }>>;
}
