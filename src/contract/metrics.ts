import type { Code, Phase } from '../errors/index.js';
import type { ConnectionState } from './connection-state.js';

/** Describes a distribution of durations in ms, exact to within 7 % or 1 µs. All fields are 0 while `count` is 0. */
export interface Distribution {
  /** Number of durations. */
  readonly count: number;
  /** Median, in ms. */
  readonly p50: number;
  /** 90th percentile, in ms. */
  readonly p90: number;
  /** 99th percentile, in ms. */
  readonly p99: number;
  /** Longest duration, in ms. */
  readonly max: number;
}

/** Counts events since the start: of one CI, or summed over the pool. The pool's sum includes CIs that were removed. */
export interface Metrics {
  /** Dials that succeeded. */
  readonly connects: number;
  /** Requests that were written to a connection. */
  readonly requests: number;
  /** Requests that found a connection open. */
  readonly reuses: number;
  /** `reuses / requests`; 0 while there are none. */
  readonly reuseRatio: number;
  /** `requests / connects`; 0 while there are no connects. */
  readonly requestsPerConnection: number;
  /**
   * For each reuse, the CI's mean connect time until then, in ms: what one connection for each message would have cost.
   */
  readonly connectMsSaved: number;
  /** Requests that were answered. */
  readonly succeeded: number;
  /** Failures by error code. */
  readonly failed: Readonly<Partial<Record<Code, number>>>;
  /** Requests that were unsubscribed. Those whose signal was aborted are counted under `failed.cancelled`. */
  readonly cancelled: number;
  /** Timeouts by the phase in which they fired. */
  readonly timeouts: Readonly<Partial<Record<Phase, number>>>;
  /** Chunks delivered. */
  readonly chunks: number;
  /** Replies to abandoned requests; dropped. */
  readonly lateReplies: number;
  /** Second replies to requests that were already answered; dropped. */
  readonly duplicates: number;
  /** Frames that belong to no request; dropped. */
  readonly unsolicited: number;
  /**
   * Answers without ids that came out of order: one too many, or not the one expected. Each closed its connection and
   * failed the requests in flight on it.
   */
  readonly orderViolations: number;
  /** Moves of a connection to `reconnecting`, by reason. */
  readonly reconnects: Readonly<Record<string, number>>;
  /**
   * Connections retired, so that no late reply could reach another request, or because they reached their maximum age.
   */
  readonly retired: number;
  /** Sockets that the peer closed with no request in flight: no failure. Counted for HTTP wires only. */
  readonly idleCloses: number;
  /** Wait for a slot, of requests that succeeded. */
  readonly queueMs: Distribution;
  /** Duration of dials that succeeded. */
  readonly connectMs: Distribution;
  /** From the slot to the answer, of requests that succeeded. */
  readonly serviceMs: Distribution;
  /** Milliseconds that connections spent in each state, summed over connections. */
  readonly stateMs: Readonly<Record<ConnectionState, number>>;
}
