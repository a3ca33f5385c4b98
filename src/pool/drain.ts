import type { Clock, DrainReport } from '../contract/index.js';
import type { Ci } from './ci.js';

/**
 * Lets CIs finish what they have, then closes them. `armCut` is given what cuts the wait short, for whoever keeps
 * the time.
 */
export async function drainCis(
  cis: readonly Ci[],
  clock: Clock,
  armCut: (cut: () => void) => void,
): Promise<DrainReport> {
  const startedMs = clock.now();
  const before = cis.map((ci) => ci.outstanding);
  await new Promise<void>((resolve) => {
    armCut(resolve);
    void Promise.all(cis.map((ci) => ci.idle())).then(() => resolve());
  });
  const report: Record<string, { readonly finished: number; readonly cut: number }> = {};
  let finished = 0;
  let cut = 0;
  cis.forEach((ci, index) => {
    const own = { finished: (before[index] as number) - ci.outstanding, cut: ci.outstanding };
    finished += own.finished;
    cut += own.cut;
    if (own.finished + own.cut > 0) report[ci.name] = own;
    ci.close();
  });
  return { finished, cut, durationMs: Math.round(clock.now() - startedMs), cis: report };
}
