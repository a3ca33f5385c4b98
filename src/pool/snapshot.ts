import type { CiStatus, ConnectionState, PoolSnapshot } from '../contract/index.js';
import { CiMetrics } from '../observe/metrics.js';
import type { Ci } from './ci.js';

type Running = Partial<Record<ConnectionState, number>>;
type CiState = ConnectionState | 'quarantined';

/** What is going on in a pool, as plain data. */
export function snapshotOf(state: PoolSnapshot['state'], cis: Iterable<Ci>): PoolSnapshot {
  const at = Date.now();
  const statuses: Record<string, CiStatus> = {};
  const totals = new CiMetrics();
  const states: Record<CiState, number> = {
    idle: 0,
    connecting: 0,
    healthy: 0,
    degraded: 0,
    reconnecting: 0,
    closed: 0,
    quarantined: 0,
  };
  const sums = { cis: 0, connections: 0, inFlight: 0, waiting: 0 };
  for (const ci of cis) {
    const runningMs = runningOf(ci);
    const status = statusOf(ci, runningMs, at);
    statuses[ci.name] = status;
    totals.add(ci.metrics);
    for (const state of Object.keys(runningMs) as ConnectionState[]) totals.stateMs[state] += runningMs[state] ?? 0;
    states[status.state] += 1;
    sums.cis += 1;
    sums.connections += status.connections.length;
    sums.inFlight += status.inFlight;
    sums.waiting += status.waiting;
  }
  return { state, at, cis: statuses, totals: { ...sums, states, metrics: totals.summary() } };
}

function statusOf(ci: Ci, runningMs: Running, at: number): CiStatus {
  const nowMs = ci.now();
  const connections = ci.connections.map((connection) =>
    connection.status((clockMs) => Math.round(at - (nowMs - clockMs))),
  );
  const best = connections.find((connection) => connection.state === ci.state);
  return {
    ci: ci.name,
    url: ci.url,
    state: ci.state,
    since: best?.since ?? Math.round(at - (nowMs - ci.sinceMs)),
    attempt: best?.attempt ?? 0,
    lastError: ci.lastError,
    inFlight: connections.reduce((sum, connection) => sum + connection.inFlight, 0),
    waiting: ci.waiting,
    connections,
    metrics: ci.metrics.summary(runningMs),
  };
}

/** How long a CI's connections have been in their present states. */
function runningOf(ci: Ci): Running {
  const runningMs: Running = {};
  for (const connection of ci.connections) {
    runningMs[connection.state] = (runningMs[connection.state] ?? 0) + connection.inStateMs(ci.now());
  }
  return runningMs;
}
