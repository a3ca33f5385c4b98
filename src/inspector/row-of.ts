import type { CiStatus, ConnectionStatus } from '../contract/index.js';
import type { CiRow, ConnectionRow } from './records.js';

/** One CI as the tables show it; with the past of its connections where that is asked for. */
export function rowOf(status: CiStatus, past: 'with history' | 'without'): CiRow {
  const { ci, url, state, since, attempt, inFlight, waiting, ordering, metrics, lastError, connections } = status;
  return {
    ci,
    url,
    state,
    since,
    attempt,
    inFlight,
    waiting,
    requests: metrics.requests,
    succeeded: metrics.succeeded,
    failed: Object.values(metrics.failed).reduce((sum, count) => sum + (count ?? 0), 0),
    cancelled: metrics.cancelled,
    connects: metrics.connects,
    retired: metrics.retired,
    reuse: metrics.reuseRatio,
    p50: metrics.serviceMs.p50,
    p99: metrics.serviceMs.p99,
    late: metrics.lateReplies,
    duplicates: metrics.duplicates,
    unsolicited: metrics.unsolicited,
    ordering,
    violations: metrics.orderViolations,
    ...(lastError === undefined ? {} : { lastError }),
    connections: connections.map((connection) => connectionRowOf(connection, past)),
  };
}

function connectionRowOf(status: ConnectionStatus, past: 'with history' | 'without'): ConnectionRow {
  const { history, ...row } = status;
  return past === 'with history' ? { ...row, history } : row;
}
