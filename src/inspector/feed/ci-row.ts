import type { CiStatus, ConnectionStatus } from '../../contract/index.js';
import type { CiChange, CiRow, ConnectionRow } from './records.js';

/** What a row says besides the CI's status. */
export interface RowExtras {
  /** Number of transitions until now. */
  readonly seq: number;
  readonly downSince?: number | undefined;
  readonly unansweredSince?: number | undefined;
  readonly recent?: CiRow['recent'];
}

/** Returns a CI's row for the tables, with or without the history of its connections. */
export function rowOf(status: CiStatus, past: 'with history' | 'without', extras: RowExtras): CiRow {
  const { ci, url, state, since, attempt, inFlight, waiting, ordering, metrics, lastError, connections } = status;
  return {
    ci,
    seq: extras.seq,
    url,
    state,
    since,
    ...present(extras),
    attempt,
    inFlight,
    waiting,
    requests: metrics.requests,
    succeeded: metrics.succeeded,
    failed: Object.values(metrics.failed).reduce((sum, count) => sum + (count ?? 0), 0),
    failures: metrics.failed,
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

/** Returns the optional fields that a row has. */
function present({ downSince, unansweredSince, recent }: RowExtras): Partial<CiRow> {
  return {
    ...(downSince === undefined ? {} : { downSince }),
    ...(unansweredSince === undefined ? {} : { unansweredSince }),
    ...(recent === undefined ? {} : { recent }),
  };
}

function connectionRowOf(status: ConnectionStatus, past: 'with history' | 'without'): ConnectionRow {
  const { history, ...row } = status;
  return past === 'with history' ? { ...row, history } : row;
}

/** Returns the changed fields of a row; the whole row for a new CI, `undefined` if nothing changed. */
export function changesOf(known: CiRow | undefined, row: CiRow): CiChange | undefined {
  if (known === undefined) return row;
  const changes: Record<string, unknown> = { ci: row.ci, seq: row.seq };
  let isSame = true;
  for (const key in row) {
    const name = key as keyof CiRow;
    if (name === 'seq' || row[name] === known[name] || isSameInside(name, row, known)) continue;
    changes[name] = row[name];
    isSame = false;
  }
  return isSame ? undefined : (changes as CiChange);
}

/** Compares the fields that are objects. */
function isSameInside(name: keyof CiRow, one: CiRow, other: CiRow): boolean {
  if (name === 'failures') return one.failed === other.failed;
  if (name === 'lastError') return one.lastError?.at === other.lastError?.at;
  if (name !== 'connections' || one.connections.length !== other.connections.length) return false;
  return one.connections.every((connection, index) => hasSameFields(connection, other.connections[index]));
}

function hasSameFields(one: ConnectionRow, other: ConnectionRow | undefined): boolean {
  if (other === undefined) return false;
  for (const key in one) if (one[key as keyof ConnectionRow] !== other[key as keyof ConnectionRow]) return false;
  return true;
}
