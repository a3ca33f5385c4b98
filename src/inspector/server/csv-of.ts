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

/** The header line of the table, as in RFC 4180. */
export const csvHead = `${Object.keys(columns).join(',')}\r\n`;

/** Returns the CSV lines of one CI: one for each connection, or one line if it has no connection. */
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
  // A spreadsheet would run a text that begins like this as a formula.
  const safe = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
