import * as v from 'valibot';
import { check, MAX_TIMER_MS, optionsOf } from '../checks/index.js';
import type { Clock, DrainReport } from '../contract/index.js';
import type { TurnBudget } from '../schedule/turn-budget.js';
import type { Ci } from './ci.js';

/**
 * Lets CIs finish their requests, then closes them, in turns. Passes `armCut` a function that cuts the wait short, and
 * calls `drained` when the wait is over. A CI can drain twice at once, if its pool closes during its removal. The first
 * to close it cuts its outstanding requests, and both report them as cut.
 */
export async function drainCis(
  cis: readonly Ci[],
  clock: Clock,
  closings: TurnBudget,
  armCut: (cut: () => void) => void,
  drained: () => void = () => {},
): Promise<DrainReport> {
  const startedMs = clock.now();
  const before = cis.map(({ stats }) => ({ outstanding: stats.outstanding, cut: stats.cut }));
  await new Promise<void>((resolve) => {
    armCut(resolve);
    void Promise.all(cis.map((ci) => ci.stats.idle())).then(() => resolve());
  });
  drained();
  const report: Record<string, { readonly finished: number; readonly cut: number }> = {};
  let finished = 0;
  let cut = 0;
  const close = (ci: Ci, index: number): void => {
    const begun = before[index] as (typeof before)[number];
    const cutNow = ci.stats.cutOff() - begun.cut;
    const finishedNow = begun.outstanding - cutNow;
    finished += finishedNow;
    cut += cutNow;
    if (begun.outstanding > 0) {
      // A CI that is being removed may have a successor of the same name.
      const namesake = (Object.hasOwn(report, ci.name) ? report[ci.name] : undefined) ?? { finished: 0, cut: 0 };
      report[ci.name] = { finished: namesake.finished + finishedNow, cut: namesake.cut + cutNow };
    }
    ci.close();
  };
  await Promise.all(cis.map((ci, index) => closings.settled(() => close(ci, index))));
  return { finished, cut, durationMs: Math.round(clock.now() - startedMs), cis: report };
}

const schema = optionsOf({
  drainTimeoutMs: v.optional(v.message(v.pipe(v.number(), v.minValue(0)), 'a number of milliseconds from 0')),
});

/** Returns how long a drain may take, at most the longest timer. @throws ChoragusError `invalid_config` */
export function drainTimeoutOf(of: 'close' | 'remove', options: unknown, defaultMs: number): number {
  const { drainTimeoutMs = defaultMs } = options === undefined ? {} : check(schema, options, { of });
  return Math.min(drainTimeoutMs, MAX_TIMER_MS);
}
