import type { CiStatus, DrainReport, Metrics, PoolSnapshot } from '../contract/index.js';
import type { Screen } from '../terminal/screen.js';
import { measured } from '../terminal/seconds.js';

interface Column {
  readonly head: string;
  readonly side: 'left' | 'right';
  readonly cell: (ci: CiStatus) => string;
}

const columns: readonly Column[] = [
  { head: 'CI', side: 'left', cell: ({ ci }) => ci },
  { head: 'state', side: 'left', cell: ({ state }) => state },
  { head: 'connects', side: 'right', cell: ({ metrics }) => String(metrics.connects) },
  { head: 'requests', side: 'right', cell: ({ metrics }) => String(metrics.requests) },
  { head: 'reused', side: 'right', cell: ({ metrics }) => String(metrics.reuses) },
  { head: 'p50', side: 'right', cell: ({ metrics }) => durationOf(metrics.serviceMs.p50, metrics.serviceMs.count) },
  { head: 'p99', side: 'right', cell: ({ metrics }) => durationOf(metrics.serviceMs.p99, metrics.serviceMs.count) },
  { head: 'last error', side: 'left', cell: ({ lastError }) => lastError?.code ?? '' },
];

/** Shows the state and the metrics of each CI as a table. With small numbers it fits into 80 columns. */
export function showTable(snapshot: PoolSnapshot, screen: Screen): void {
  const rows = Object.values(snapshot.cis).map((ci) => columns.map(({ cell }) => cell(ci)));
  const heads = columns.map(({ head }) => head);
  const widths = heads.map((head, index) => Math.max(head.length, ...rows.map((row) => row[index]?.length ?? 0)));
  screen.line(screen.style.faint(lineOf(heads, widths)));
  for (const row of rows) screen.line(lineOf(row, widths));
}

function lineOf(cells: readonly string[], widths: readonly number[]): string {
  const padded = columns.map(({ side }, index) => {
    const width = widths[index] ?? 0;
    const cell = cells[index] ?? '';
    if (side === 'right') return cell.padStart(width);
    // One more space after a right-aligned column: otherwise the two cells look like one word.
    return columns[index - 1]?.side === 'left' ? cell.padEnd(width) : ` ${cell.padEnd(width)}`;
  });
  return ` ${padded.join(' ')}`.trimEnd();
}

function durationOf(ms: number, count: number): string {
  return count === 0 ? '-' : String(Math.round(ms));
}

/** Shows the counters of the whole pool. */
export function showTotals(metrics: Metrics, screen: Screen): void {
  const failures = Object.entries(metrics.failed).sort(([, a], [, b]) => b - a);
  const failed = failures.map(([code, count]) => `${count} ${code}`).join(', ');
  const { connects, requests, reuses, reuseRatio, succeeded, connectMsSaved } = metrics;
  screen.line();
  screen.line(`  ${requests} requests were sent, over ${connects} connections; ${succeeded} were answered.`);
  if (failed !== '') screen.line(`  Failed, sent or not: ${failed}.`);
  const share = `${Math.round(reuseRatio * 100)} %`;
  screen.line(`  ${reuses} (${share}) used an open connection, which saved ${connectMsSaved} ms of connecting.`);
}

/** Shows the result of the drain. */
export function showDrain({ finished, cut, durationMs }: DrainReport, screen: Screen): void {
  const left = finished + cut === 0 ? 'nothing was left to finish' : `${finished} requests finished, ${cut} cut`;
  screen.line(`  Drained and closed in ${measured(durationMs)}; ${left}.`);
}
