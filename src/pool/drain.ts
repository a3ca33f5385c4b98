import type { DrainReport } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import type { Ci } from './ci.js';
import { MAX_TIMER_MS } from './options.js';
import type { Runtime } from './runtime.js';

/**
 * Lets CIs finish what they have, then closes them, in turns. `armCut` is given what cuts the wait short, for whoever
 * keeps the time.
 */
export async function drainCis(
  cis: readonly Ci[],
  { clock, closings }: Pick<Runtime, 'clock' | 'closings'>,
  armCut: (cut: () => void) => void,
): Promise<DrainReport> {
  const startedMs = clock.now();
  const before = cis.map((ci) => ci.ledger.outstanding);
  await new Promise<void>((resolve) => {
    armCut(resolve);
    void Promise.all(cis.map((ci) => ci.ledger.idle())).then(() => resolve());
  });
  const report: Record<string, { readonly finished: number; readonly cut: number }> = {};
  let finished = 0;
  let cut = 0;
  const close = (ci: Ci, index: number): void => {
    const own = { finished: (before[index] as number) - ci.ledger.outstanding, cut: ci.ledger.outstanding };
    finished += own.finished;
    cut += own.cut;
    if (own.finished + own.cut > 0) report[ci.name] = own;
    ci.close();
  };
  await Promise.all(cis.map((ci, index) => closings.settled(() => close(ci, index))));
  return { finished, cut, durationMs: Math.round(clock.now() - startedMs), cis: report };
}

/** How long a drain may take. @throws ChoragusError `invalid_config` */
export function drainTimeoutOf(options: { readonly drainTimeoutMs?: number | undefined }, defaultMs: number): number {
  const { drainTimeoutMs = defaultMs } = options;
  if (typeof drainTimeoutMs === 'number' && drainTimeoutMs >= 0) return Math.min(drainTimeoutMs, MAX_TIMER_MS);
  const message = `drainTimeoutMs is ${String(drainTimeoutMs)}, and takes a number of milliseconds from 0`;
  throw new ChoragusError('invalid_config', message, { delivery: 'not_sent' });
}
