import { checkFunction, MAX_TIMER_MS } from '../checks/index.js';
import type { Clock, TimerHold } from '../contract/index.js';
import { wrongArgument } from '../errors/index.js';

class Timer {
  readonly dueMs: number;
  readonly fn: () => void;
  hold: TimerHold;

  constructor(dueMs: number, fn: () => void, hold: TimerHold) {
    this.dueMs = dueMs;
    this.fn = fn;
    this.hold = hold;
  }
}

/**
 * Simulates time for tests: it stands still until the test moves it.
 *
 * `advance` runs the due timers in order of their due times. Timers with the same due time run in the order that they
 * were set. Within a timer, `now()` is its due time. A delay under 1 ms counts as 1 ms, as in Node.
 *
 * A function passed to `afterIo` runs after the current timer callback, once the wires registered with `onIo` have
 * delivered everything in flight. Outside `advance`, it waits for the next `advance`.
 *
 * Promises settle only after `advance` has returned. If a promise must settle between two timers, advance twice and await
 * in between.
 *
 * @example
 * ```ts
 * const clock = new ManualClock();
 * const pool = createPool({ cis, clock, transports: { memory: memoryTransport({ clock }) } });
 * pool.ask('apollo', 'hello', { deadlineMs: 500 }).subscribe({ error });
 * clock.advance(500);
 * ```
 */
export class ManualClock implements Clock {
  #nowMs: number;
  /** Sorted by due time. */
  readonly #timers: Timer[] = [];
  readonly #deliveries: (() => void)[] = [];
  #afterIo: (() => void)[] = [];
  #isAdvancing = false;

  /** @param startMs - The first time, in ms. Default: 0. @throws ChoragusError `invalid_config` for a negative or infinite time */
  constructor(startMs = 0) {
    checkSpan('ManualClock', 'startMs', startMs);
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  /** Number of pending timers. */
  get pending(): number {
    return this.#timers.length;
  }

  /** Number of pending timers that keep the process alive. */
  get pendingKeepAlive(): number {
    return this.#timers.filter((timer) => timer.hold === 'keepsAlive').length;
  }

  /** Returns the time to the next timer, in ms; `undefined` if no timer is pending. */
  nextTimerInMs(): number | undefined {
    const next = this.#timers[0];
    return next === undefined ? undefined : next.dueMs - this.#nowMs;
  }

  /**
   * Calls `fn` once `advance` has moved the time by `delayMs`. Returns a handle for `clearTimeout`.
   *
   * @throws ChoragusError `invalid_config` for a wrong argument, and for a delay that is too long for Node.
   */
  setTimeout(fn: () => void, delayMs: number, hold: TimerHold): unknown {
    checkFunction('setTimeout', 'fn', fn);
    checkHold('setTimeout', hold);
    if (!(typeof delayMs === 'number' && delayMs <= MAX_TIMER_MS)) {
      throw wrongArgument('setTimeout', 'delayMs', delayMs, `a number of milliseconds up to ${MAX_TIMER_MS}`);
    }
    const timer = new Timer(this.#nowMs + Math.max(delayMs, 1), fn, hold);
    const later = this.#timers.findIndex((other) => other.dueMs > timer.dueMs);
    this.#timers.splice(later === -1 ? this.#timers.length : later, 0, timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    const index = this.#timers.indexOf(handle as Timer);
    if (index !== -1) this.#timers.splice(index, 1);
  }

  /**
   * Changes whether a pending timer counts as keeping the process alive.
   *
   * @throws ChoragusError `invalid_config` for a handle that is not a timer of a `ManualClock`.
   */
  setHold(handle: unknown, hold: TimerHold): void {
    checkHold('setHold', hold);
    if (!isTimer(handle)) throw wrongArgument('setHold', 'handle', handle, 'a handle that setTimeout() returned');
    handle.hold = hold;
  }

  afterIo(fn: () => void): void {
    checkFunction('afterIo', 'fn', fn);
    this.#afterIo.push(fn);
  }

  /** Registers a function that delivers everything in flight on a wire. It runs before the functions passed to `afterIo`. */
  onIo(deliver: () => void): void {
    checkFunction('onIo', 'deliver', deliver);
    this.#deliveries.push(deliver);
  }

  /**
   * Moves the time forward by `ms`, and runs the due timers, also those set meanwhile.
   *
   * @throws Error if called from within a timer. ChoragusError `invalid_config` if `ms` is negative.
   */
  advance(ms: number): void {
    checkSpan('advance', 'ms', ms);
    if (this.#isAdvancing)
      throw new Error('advance() was called from within a timer: call it after advance() has returned');
    const untilMs = this.#nowMs + ms;
    this.#isAdvancing = true;
    try {
      this.#settleIo();
      for (let timer = this.#takeDue(untilMs); timer !== undefined; timer = this.#takeDue(untilMs)) {
        this.#nowMs = timer.dueMs;
        timer.fn();
        this.#settleIo();
      }
      this.#nowMs = untilMs;
    } finally {
      this.#isAdvancing = false;
    }
  }

  #takeDue(untilMs: number): Timer | undefined {
    const next = this.#timers[0];
    return next !== undefined && next.dueMs <= untilMs ? this.#timers.shift() : undefined;
  }

  #settleIo(): void {
    for (;;) {
      for (const deliver of this.#deliveries) deliver();
      if (this.#afterIo.length === 0) return;
      const waiting = this.#afterIo;
      this.#afterIo = [];
      for (const fn of waiting) fn();
    }
  }
}

function checkSpan(of: string, argument: string, ms: unknown): void {
  if (typeof ms === 'number' && ms >= 0 && ms < Number.POSITIVE_INFINITY) return;
  throw wrongArgument(of, argument, ms, 'a number of milliseconds from 0');
}

function checkHold(of: string, hold: unknown): void {
  if (hold !== 'keepsAlive' && hold !== 'background') throw wrongArgument(of, 'hold', hold, 'keepsAlive or background');
}

function isTimer(handle: unknown): handle is Timer {
  try {
    return handle instanceof Timer;
  } catch {
    // A JavaScript Proxy that throws.
    return false;
  }
}
