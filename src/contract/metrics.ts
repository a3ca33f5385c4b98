import type { Code, Phase } from '../errors/index.js';
import type { ConnectionState } from './status.js';

/** A distribution of durations in ms, exact to within 7 % or 1 µs. All 0 while `count` is 0. */
export interface Distribution {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** What was counted since the start: of one CI, or summed over the pool, CIs that were removed since included. */
export interface Metrics {
  /** Connections that came up. */
  readonly connects: number;
  /** Requests that were written. */
  readonly requests: number;
  /** Requests that found a connection open. */
  readonly reuses: number;
  /** `reuses / requests`; 0 while there are none. */
  readonly reuseRatio: number;
  readonly requestsPerConnection: number;
  /** `reuses` × the mean time of a connect, in ms: what opening a connection for each message would have cost. */
  readonly connectMsSaved: number;
  readonly succeeded: number;
  /** Failures by error code. */
  readonly failed: Readonly<Partial<Record<Code, number>>>;
  /** Requests that were unsubscribed; those whose signal was aborted are under `failed.cancelled`. */
  readonly cancelled: number;
  /** Timeouts by the phase in which they struck. */
  readonly timeouts: Readonly<Partial<Record<Phase, number>>>;
  /** Chunks delivered. */
  readonly chunks: number;
  /** Replies that came after their request was given up; dropped. */
  readonly lateReplies: number;
  /** Replies to a request that was answered before; dropped. */
  readonly duplicates: number;
  /** Frames that nothing had asked for. */
  readonly unsolicited: number;
  /** Times that answers without ids came out of order: one too many, or another than was asked for. Each cost a connection, and what was outstanding on it. */
  readonly orderViolations: number;
  /** Times that a connection went to `reconnecting`, by reason. */
  readonly reconnects: Readonly<Record<string, number>>;
  /** Connections retired: so that no late reply could reach another request, or since they were as old as they may get. */
  readonly retired: number;
  /** Sockets that the peer closed while nothing was outstanding on them: no failure. HTTP wires alone count them so far. */
  readonly idleCloses: number;
  /** The wait for a place, of requests that succeeded. */
  readonly queueMs: Distribution;
  /** Dials that came up. */
  readonly connectMs: Distribution;
  /** From the place on a connection to the answer, of requests that succeeded. */
  readonly serviceMs: Distribution;
  /** Connection-milliseconds spent in each state. */
  readonly stateMs: Readonly<Record<ConnectionState, number>>;
}
