import type { Observable } from 'rxjs';
import type { Clock, ErrorSummary, StateChange, WarmReport } from '../contract/index.js';
import type { Ci } from './ci.js';
import { MAX_TIMER_MS } from './options.js';

/** Dials CIs and waits until the first attempt of each has ended, well or badly. */
export function warmCis(cis: readonly Ci[], states$: Observable<StateChange>, clock: Clock): Promise<WarmReport> {
  return new Promise((resolve) => {
    const open = new Map(cis.map((ci) => [ci.name, ci]));
    // Somebody awaits this, and a dial alone keeps no process alive.
    const hold = clock.setTimeout(() => {}, MAX_TIMER_MS, 'keepsAlive');
    const finish = (): void => {
      clock.clearTimeout(hold);
      watching.unsubscribe();
      resolve(reportOf(cis));
    };
    const watching = states$.subscribe({
      next: ({ ci: name, to }) => {
        const ci = open.get(name);
        if (ci === undefined || (to !== 'healthy' && to !== 'reconnecting' && to !== 'closed')) return;
        if (ci.state === 'connecting') return;
        open.delete(name);
        if (open.size === 0) finish();
      },
      complete: finish,
    });
    for (const ci of cis) ci.warm();
    for (const ci of cis) if (ci.state !== 'connecting') open.delete(ci.name);
    if (open.size === 0) finish();
  });
}

function reportOf(cis: readonly Ci[]): WarmReport {
  const up: string[] = [];
  const down: { ci: string; error: ErrorSummary }[] = [];
  for (const ci of cis) {
    if (ci.isLinked) up.push(ci.name);
    else down.push({ ci: ci.name, error: ci.ledger.lastError ?? NOT_UP });
  }
  return { up, down };
}

const NOT_UP: ErrorSummary = { code: 'unavailable', message: '[unavailable] the connection is not up', at: 0 };
