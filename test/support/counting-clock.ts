import type { Clock, TimerHold } from '../../src/index.js';
import { systemClock } from '../../src/schedule/system-clock.js';

/** The system's time, with a count of its timers. It includes background timers, which Node does not list. */
export class CountingClock implements Clock {
  readonly #timers = new Set<unknown>();
  #afterIo = 0;

  now(): number {
    return systemClock.now();
  }

  /** Number of timers that are set, and of calls that wait for pending bytes. */
  get pending(): number {
    return this.#timers.size + this.#afterIo;
  }

  setTimeout(fn: () => void, delayMs: number, hold: TimerHold): unknown {
    const run = (): void => {
      this.#timers.delete(timer);
      fn();
    };
    const timer = systemClock.setTimeout(run, delayMs, hold);
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle);
    systemClock.clearTimeout(handle);
  }

  setHold(handle: unknown, hold: TimerHold): void {
    systemClock.setHold(handle, hold);
  }

  afterIo(fn: () => void): void {
    this.#afterIo += 1;
    systemClock.afterIo(() => {
      this.#afterIo -= 1;
      fn();
    });
  }
}
