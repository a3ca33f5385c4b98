import type { DrainReport, Metrics } from '../contract/index.js';
import type { Screen } from './screen.js';
import { measured } from './seconds.js';

/** Shows what was counted over the whole pool. */
export function showTotals(metrics: Metrics, screen: Screen): void {
  const failures = Object.entries(metrics.failed).sort(([, a], [, b]) => b - a);
  const failed = failures.map(([code, count]) => `${count} ${code}`).join(', ');
  const { connects, requests, reuses, reuseRatio, succeeded, connectMsSaved } = metrics;
  screen.line();
  screen.line(`  ${requests} requests were sent, over ${connects} connections; ${succeeded} were answered.`);
  if (failed !== '') screen.line(`  Failed, sent or not: ${failed}.`);
  const share = `${Math.round(reuseRatio * 100)} %`;
  screen.line(`  ${reuses} (${share}) found a connection open, which saved ${connectMsSaved} ms of connecting.`);
}

/** Shows how the pool's end went. */
export function showDrain({ finished, cut, durationMs }: DrainReport, screen: Screen): void {
  const left = finished + cut === 0 ? 'nothing was left to finish' : `${finished} requests finished, ${cut} cut`;
  screen.line(`  Drained and closed in ${measured(durationMs)}; ${left}.`);
}
