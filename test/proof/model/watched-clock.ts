import type { TimerHold } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';

/** Timeout of a heartbeat, in ms: odd, so that no other timer of the pool has this delay. */
export const HEARTBEAT_TIMEOUT_MS = 2_003;
/** Quiet time before a heartbeat, in ms: as odd. */
export const HEALTH_INTERVAL_MS = 30_011;
/** Maximum age of a link, in ms: longer than any other time. */
export const MAX_AGE_MS = 2e9;

/**
 * A manual clock that watches the heartbeat: it counts its judgements, most of which change no state, and can make
 * it fail by a bug of the clock, thrown when the heartbeat sets its first timer. It can also make a link old at once.
 */
export class WatchedClock extends ManualClock {
  /** Number of judged heartbeats: answered or missed. */
  judgements = 0;
  /** How many of the next heartbeats fail. */
  bugs = 0;
  #isInHeartbeat = false;
  /** Ends the time of the youngest link. */
  endAge: () => void = () => {};

  override setTimeout(fn: () => void, delayMs: number, hold: TimerHold): unknown {
    const isHeartbeat = hold === 'background' && (delayMs === HEARTBEAT_TIMEOUT_MS || delayMs === HEALTH_INTERVAL_MS);
    if (this.bugs > 0 && hold === 'background' && delayMs <= HEALTH_INTERVAL_MS && !this.#isInHeartbeat) {
      this.bugs -= 1;
      throw new TypeError('a bug in the clock');
    }
    if (delayMs > MAX_AGE_MS / 2 && hold === 'background') this.endAge = fn;
    if (!isHeartbeat) return super.setTimeout(fn, delayMs, hold);
    const marked = (): void => {
      this.#isInHeartbeat = true;
      fn();
      this.#isInHeartbeat = false;
    };
    return super.setTimeout(marked, delayMs, hold);
  }

  override afterIo(fn: () => void): void {
    // Of all timers with these delays, only the heartbeat's timeout first reads pending bytes.
    if (this.#isInHeartbeat) this.judgements += 1;
    super.afterIo(fn);
  }
}
