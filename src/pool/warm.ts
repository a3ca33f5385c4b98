import type { Observable } from 'rxjs';
import { MAX_TIMER_MS } from '../checks/index.js';
import type { Clock, ErrorSummary, StateChange, WarmReport } from '../contract/index.js';
import type { TurnBudget } from '../schedule/turn-budget.js';
import type { Ci } from './ci.js';

/** Dials CIs, in turns, and waits until the first attempt of each has succeeded or failed. */
export function warmCis(
  cis: readonly Ci[],
  states: Observable<StateChange>,
  openings: TurnBudget,
  clock: Clock,
): Promise<WarmReport> {
  return new Promise((resolve) => {
    const dialling = new Map<string, Ci>();
    let toDial = cis.length;
    // The caller awaits this, and a dial alone does not keep the process alive.
    const hold = clock.setTimeout(() => {}, MAX_TIMER_MS, 'keepsAlive');
    const finish = (): void => {
      clock.clearTimeout(hold);
      watching.unsubscribe();
      resolve(reportOf(cis));
    };
    const finishIfOver = (): void => {
      if (toDial === 0 && dialling.size === 0) finish();
    };
    const watching = states.subscribe({
      next: ({ ci: name, to }) => {
        const ci = dialling.get(name);
        if (ci === undefined || (to !== 'healthy' && to !== 'reconnecting' && to !== 'closed')) return;
        if (ci.state === 'connecting') return;
        dialling.delete(name);
        finishIfOver();
      },
      complete: finish,
    });
    const dial = (ci: Ci): void => {
      toDial -= 1;
      ci.warm();
      if (ci.state === 'connecting') dialling.set(ci.name, ci);
      finishIfOver();
    };
    for (const ci of cis) openings.run(() => dial(ci));
    if (cis.length === 0) finish();
  });
}

function reportOf(cis: readonly Ci[]): WarmReport {
  const up: string[] = [];
  const down: { ci: string; error: ErrorSummary }[] = [];
  for (const ci of cis) {
    if (ci.isLinked) up.push(ci.name);
    else down.push({ ci: ci.name, error: ci.stats.lastError ?? NOT_UP });
  }
  return { up, down };
}

const NOT_UP: ErrorSummary = { code: 'unavailable', message: '[unavailable] the connection is not up', at: 0 };
