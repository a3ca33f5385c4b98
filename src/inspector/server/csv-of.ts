import type { CiRow, ConnectionRow } from '../feed/records.js';

const columns: Readonly<Record<string, (ci: CiRow, connection: ConnectionRow | undefined) => unknown>> = {
  ci: (ci) => ci.ci,
  ci_state: (ci) => ci.state,
  connection: (_, connection) => connection?.connection,
  state: (_, connection) => connection?.state,
  since: (ci, connection) => new Date((connection ?? ci).since).toISOString(),
  attempt: (ci, connection) => (connection ?? ci).attempt,
  in_flight: (ci, connection) => (connection ?? ci).inFlight,
  waiting: (ci) => ci.waiting,
  requests: (ci) => ci.requests,
  succeeded: (ci) => ci.succeeded,
  failed: (ci) => ci.failed,
  p50_ms: (ci) => ci.p50,
  p99_ms: (ci) => ci.p99,
  reuse_ratio: (ci) => ci.reuse,
  late_replies: (ci) => ci.late,
  duplicates: (ci) => ci.duplicates,
  unsolicited: (ci) => ci.unsolicited,
  ordering: (ci) => ci.ordering,
  order_violations: (ci) => ci.violations,
  last_error: (ci) => ci.lastError?.message,
  url: (ci) => ci.url,
};

/** The head of the table: see RFC 4180. */
export const csvHead = `${Object.keys(columns).join(',')}\r\n`;

/** One CI as lines of CSV: one for each connection, or one without any. */
export function csvOf(ci: CiRow): string {
  const connections = ci.connections.length === 0 ? [undefined] : ci.connections;
  return connections
    .map(
      (one) =>
        `${Object.values(columns)
          .map((of) => cell(of(ci, one)))
          .join(',')}\r\n`,
    )
    .join('');
}

function cell(value: unknown): string {
  const text = value === undefined ? '' : String(value);
  // A table program takes what begins so for a formula, and runs it.
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
