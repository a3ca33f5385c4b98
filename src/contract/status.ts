import type { Code } from '../errors/index.js';
import type { Metrics } from './metrics.js';

/** The state of a connection, in the order of its life (`docs/machines/connection.md`). */
export type ConnectionState = 'idle' | 'connecting' | 'healthy' | 'degraded' | 'reconnecting' | 'closed';

/** How the answers of a CI are told apart (`docs/concepts.md`, "Who is answered"). */
export type Ordering = 'unknown' | 'byId' | 'proved' | 'fresh' | 'trusted';

/** One change of one connection's state. */
export interface StateChange {
  readonly ci: string;
  /** The connection's name, such as `apollo#1`. */
  readonly connection: string;
  readonly from: ConnectionState;
  readonly to: ConnectionState;
  readonly reason: string;
  /** Failed attempts in a row. */
  readonly attempt: number;
  /** The backoff that begins, in ms; 0 where none does. */
  readonly delayMs: number;
  /** Wall-clock time, ms since the epoch. */
  readonly at: number;
}

/** One past change of a connection's state. */
export type PastTransition = Omit<StateChange, 'ci' | 'connection'>;

/** A failure, without what could hold content. */
export interface ErrorSummary {
  readonly code: Code;
  readonly message: string;
  /** Wall-clock time, ms since the epoch. */
  readonly at: number;
}

/** One connection, now. */
export interface ConnectionStatus {
  readonly connection: string;
  readonly state: ConnectionState;
  /** Wall-clock time of the last change, ms since the epoch. */
  readonly since: number;
  readonly attempt: number;
  /** The backoff under way, in ms; 0 without one. */
  readonly delayMs: number;
  readonly inFlight: number;
  /** Requests that were given up after the write, and whose replies have not come yet. */
  readonly abandoned: number;
  /** How the peer correlates, as far as this connection has seen. */
  readonly correlation: 'ordered' | 'byId';
  /** True once it takes no new requests and closes when its last one has ended. */
  readonly isRetiring: boolean;
  /** The last changes of its state, oldest first: 32 at most. */
  readonly history: readonly PastTransition[];
}

/** One CI, now. */
export interface CiStatus {
  readonly ci: string;
  /** Without credentials. */
  readonly url: string;
  /** The best state among its connections; `idle` while it has none. */
  readonly state: ConnectionState | 'quarantined';
  readonly since: number;
  readonly attempt: number;
  /** The last failure of a request or a link; it stays after it is over: look at `state`, and at its `at`. */
  readonly lastError: ErrorSummary | undefined;
  readonly inFlight: number;
  readonly waiting: number;
  /**
   * How its answers are told apart, as far as is known: `byId`, by the ids that they carry; `proved`, by an order that a probe behind each
   * request proves; `fresh`, by a fresh connection for each request; `trusted`, by an order for which the user vouches.
   */
  readonly ordering: Ordering;
  readonly connections: readonly ConnectionStatus[];
  readonly metrics: Metrics;
}

/** The pool, now. Plain data: `JSON.stringify` takes it as it is. */
export interface PoolSnapshot {
  readonly state: 'running' | 'draining' | 'closed';
  readonly at: number;
  readonly cis: Readonly<Record<string, CiStatus>>;
  readonly totals: {
    readonly cis: number;
    readonly connections: number;
    readonly inFlight: number;
    readonly waiting: number;
    /** How many CIs are in each state. */
    readonly states: Readonly<Record<ConnectionState | 'quarantined', number>>;
    readonly metrics: Metrics;
  };
}

/** Who is up after `warm()`, and who is not. */
export interface WarmReport {
  readonly up: readonly string[];
  readonly down: readonly { readonly ci: string; readonly error: ErrorSummary }[];
}

/** How a drain ended. */
export interface DrainReport {
  /** Requests that ended by themselves during the drain. */
  readonly finished: number;
  /** Requests that were cut when the drain's time was over. */
  readonly cut: number;
  readonly durationMs: number;
  /** The same for each CI that had any. */
  readonly cis: Readonly<Record<string, { readonly finished: number; readonly cut: number }>>;
}
