import { connectionMachine, poolMachine } from '../../../../machines/index.js';
import type { ConnectionState } from '../../../../src/contract/index.js';
import { chartOf } from '../../../../src/inspector/chart/chart-of.js';
import type { CiRow, ConnectionRow, Hello, Transition } from '../../../../src/inspector/feed/records.js';

export function hello(): Hello {
  return {
    t: 'hello',
    version: 2,
    instance: 'one',
    choragus: '0.0.0',
    at: 1_000,
    pool: 'running',
    process: { node: 'v20', pid: 1, host: 'here' },
    machines: { connection: chartOf(connectionMachine), pool: chartOf(poolMachine) },
    incidents: [],
    may: { actions: false },
    requests: 'nothing',
    cis: 1,
  };
}

export function connectionRow(connection: string, state: ConnectionState): ConnectionRow {
  return {
    connection,
    state,
    since: 900,
    attempt: 0,
    delayMs: 0,
    inFlight: 0,
    abandoned: 0,
    correlation: 'ordered',
  };
}

export function row(ci: string, state: CiRow['state']): CiRow {
  const connections = state === 'quarantined' ? [] : [connectionRow(`${ci}#1`, state)];
  const counts = { requests: 0, succeeded: 0, failed: 0, cancelled: 0, connects: 0, retired: 0, reuse: 0 };
  const strays = { failures: {}, late: 0, duplicates: 0, unsolicited: 0, violations: 0, ordering: 'byId' } as const;
  const now = { since: 900, attempt: 0, inFlight: 0, waiting: 0, p50: 0, p99: 0 };
  return { ci, seq: 0, url: `tcp://${ci}:1`, state, ...now, ...counts, ...strays, connections };
}

export function transition(ci: string, to: ConnectionState, at: number, connection = `${ci}#1`): Transition {
  return { t: 'transition', seq: at, ci, connection, from: 'idle', to, reason: 'wanted', attempt: 0, delayMs: 0, at };
}
