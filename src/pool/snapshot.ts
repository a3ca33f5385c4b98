import type { Connection } from '../connection/connection.js';
import type { CiStatus, ConnectionState, ConnectionStatus, PoolSnapshot } from '../contract/index.js';
import { CiMetrics, noTime, wholeMs } from '../observe/metrics.js';
import type { Ci } from './ci.js';

type CiState = ConnectionState | 'quarantined';

/** One moment, on both clocks. */
export interface Moment {
  /** Wall-clock time, ms since the epoch. */
  readonly at: number;
  /** The same moment on the pool's clock. */
  readonly nowMs: number;
}

/** The parts of a snapshot. */
export interface Whole {
  readonly state: PoolSnapshot['state'];
  readonly cis: Iterable<Ci>;
  /** Removed CIs that still drain: counted, but not shown. */
  readonly leaving: Iterable<Ci>;
  /** The counts of CIs that have left, and the durations of all. */
  readonly past: CiMetrics;
}

/**
 * Returns the state of a pool as plain data. It takes one pass over all CIs; `docs/performance.md` gives its duration.
 */
export function snapshotOf({ state, cis, leaving, past }: Whole, nowMs: number): PoolSnapshot {
  const moment = { at: Date.now(), nowMs };
  const statuses: Record<string, CiStatus> = {};
  // The totals must not fall when a CI is removed: observers compute rates from them.
  const totals = new CiMetrics(past.durations);
  totals.addCounts(past);
  for (const ci of leaving) totals.addCounts(ci.metrics, statusOf(ci, moment).metrics.stateMs);
  const states: Record<CiState, number> = { ...noTime(), quarantined: 0 };
  const sums = { cis: 0, connections: 0, inFlight: 0, waiting: 0 };
  for (const ci of cis) {
    const status = statusOf(ci, moment);
    statuses[ci.name] = status;
    totals.addCounts(ci.metrics, status.metrics.stateMs);
    states[status.state] += 1;
    sums.cis += 1;
    sums.connections += status.connections.length;
    sums.inFlight += status.inFlight;
    sums.waiting += status.waiting;
  }
  return { state, at: moment.at, cis: statuses, totals: { ...sums, states, metrics: totals.summary() } };
}

/** Returns the status of one CI. */
export function statusOf(ci: Ci, { at, nowMs }: Moment): CiStatus {
  const { state, connections: all } = ci;
  const stateMs = wholeMs(ci.metrics.stateMs);
  // Allocated at its final size: a growing array reserves space for seventeen.
  const connections = new Array<ConnectionStatus>(all.length);
  let best: ConnectionStatus | undefined;
  let inFlight = 0;
  for (let i = 0; i < all.length; i += 1) {
    const connection = all[i] as Connection;
    const inStateMs = connection.inStateMs(nowMs);
    const status = connection.status(Math.round(at - inStateMs));
    connections[i] = status;
    stateMs[status.state] += Math.round(inStateMs);
    inFlight += status.inFlight;
    if (best === undefined && status.state === state) best = status;
  }
  return {
    ci: ci.name,
    url: ci.url,
    state,
    since: best?.since ?? Math.round(at - (nowMs - ci.sinceMs)),
    attempt: best?.attempt ?? 0,
    lastError: ci.stats.lastError,
    inFlight,
    waiting: ci.waiting,
    ordering: ci.ordering.kind,
    connections,
    metrics: ci.metrics.summary(stateMs),
  };
}
