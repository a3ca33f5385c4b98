import type { Clock, TimerHold } from '../../src/index.js';
import { systemClock } from '../../src/schedule/system-clock.js';

/** The system's time, accelerated: half a minute of a pool's time passes within one test over real sockets. */
export class FastClock implements Clock {
  readonly #times: number;

  constructor(times: number) {
    this.#times = times;
  }

  now(): number {
    return systemClock.now() * this.#times;
  }

  setTimeout(fn: () => void, delayMs: number, hold: TimerHold): unknown {
    return systemClock.setTimeout(fn, delayMs / this.#times, hold);
  }

  clearTimeout(handle: unknown): void {
    systemClock.clearTimeout(handle);
  }

  setHold(handle: unknown, hold: TimerHold): void {
    systemClock.setHold(handle, hold);
  }

  afterIo(fn: () => void): void {
    systemClock.afterIo(fn);
  }
}
