import type { TimerHold } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';

/** How long a heartbeat's answer is waited for, in ms: odd, so that no other timer of the pool has this delay. */
export const HEARTBEAT_TIMEOUT_MS = 2_003;
/** Quiet time before a heartbeat, in ms: as odd. */
export const HEALTH_INTERVAL_MS = 30_011;
/** The age that a link may reach, in ms: longer than any other time. */
export const MAX_AGE_MS = 2e9;

/**
 * A manual clock that sees the heartbeat at work: it counts its judgements, of which most change no state, and can fail
 * it by a bug of the clock, thrown when the heartbeat sets its first timer. It can let the link get old, too, in no time.
 */
export class WatchedClock extends ManualClock {
  /** Heartbeats that were judged: answered or missed. */
  judgements = 0;
  /** How many of the heartbeats that begin next fail. */
  bugs = 0;
  #isInHeartbeat = false;
  /** The time of the youngest link is over. */
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
    // Of all timers with these delays, only that of a heartbeat whose time is over reads what is pending first.
    if (this.#isInHeartbeat) this.judgements += 1;
    super.afterIo(fn);
  }
}
