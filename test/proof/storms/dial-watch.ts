import { Observable } from 'rxjs';
import type { Clock, Target, Transport } from '../../../src/index.js';

/** A dial that began. */
export interface BegunDial {
  readonly ci: string;
  /** The time on the clock. */
  readonly atMs: number;
}

/** A wire that counts its dials. */
export interface DialWatch extends Transport {
  /** All dials, in the order of their start. */
  readonly begun: readonly BegunDial[];
  /** Number of dials now. */
  readonly underWay: number;
  /** The maximum number of dials at once. */
  readonly most: number;
  /** Forgets the dials and the maximum so far. */
  reset(): void;
}

/**
 * Watches the dials of a wire: each lasts from its subscription until it is up, has failed, or was cancelled.
 *
 * `dialMs` is the time before the wire itself dials, in ms. Default: 0. `rewrite` converts the watched
 * URL to the wire's own. Default: unchanged.
 */
export function watchDials(
  wire: Transport,
  clock: Clock,
  options: { readonly dialMs?: number; readonly rewrite?: (url: string) => string } = {},
): DialWatch {
  const { dialMs = 0, rewrite = (url) => url } = options;
  let begun: BegunDial[] = [];
  let underWay = 0;
  let most = 0;
  return {
    get begun() {
      return begun;
    },
    get underWay() {
      return underWay;
    },
    get most() {
      return most;
    },
    reset: () => {
      begun = [];
      most = underWay;
    },
    prepare: (target: Target) => {
      const dial = wire.prepare({ ...target, url: rewrite(target.url) });
      return (sink) =>
        new Observable((subscriber) => {
          begun.push({ ci: target.ci, atMs: clock.now() });
          underWay += 1;
          most = Math.max(most, underWay);
          let phase: 'dialling' | 'over' = 'dialling';
          const over = (): void => {
            if (phase === 'dialling') underWay -= 1;
            phase = 'over';
          };
          const go = (): void => {
            const dialling = dial(sink).subscribe({
              next: (channel) => {
                over();
                subscriber.next(channel);
              },
              error: (error: unknown) => {
                over();
                subscriber.error(error);
              },
            });
            subscriber.add(dialling);
          };
          const timer = dialMs === 0 ? undefined : clock.setTimeout(go, dialMs, 'background');
          if (timer === undefined) go();
          return () => {
            clock.clearTimeout(timer);
            over();
          };
        });
    },
  };
}
