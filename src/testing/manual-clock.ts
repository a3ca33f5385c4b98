import type { Clock, TimerHold } from '../contract/index.js';

interface Timer {
  readonly dueMs: number;
  readonly fn: () => void;
  hold: TimerHold;
}

/** What Node's timers can hold; it fires longer ones at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/**
 * Time that stands still until the test moves it.
 *
 * `advance` runs what falls due in the order of the due times (and, at one moment, in the order of setting), each at its
 * own moment: `now()` within a timer is its due time. A delay under 1 ms counts as 1, as in Node. What is passed to
 * `afterIo` runs right after the timer callback that passed it, once the wires registered with `onIo` have delivered what
 * was under way; passed outside of `advance`, it waits for the next one. Promises settle only after `advance` has
 * returned: where one must settle between two timers, advance twice and await in between.
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
  /** In the order in which they fall due. */
  readonly #timers: Timer[] = [];
  readonly #deliveries: (() => void)[] = [];
  #afterIo: (() => void)[] = [];
  #isAdvancing = false;

  /** Starts at 0 unless told otherwise. */
  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.length;
  }

  /** How many of them keep the process alive. */
  get pendingKeepAlive(): number {
    return this.#timers.filter((timer) => timer.hold === 'keepsAlive').length;
  }

  /** Time to the next timer, in ms; `undefined` when none is set. */
  nextTimerInMs(): number | undefined {
    const next = this.#timers[0];
    return next === undefined ? undefined : next.dueMs - this.#nowMs;
  }

  /** @throws RangeError for a delay that Node would not keep. */
  setTimeout(fn: () => void, delayMs: number, hold: TimerHold): unknown {
    if (!(delayMs <= MAX_DELAY_MS)) throw new RangeError(`a timer of ${delayMs} ms; at most ${MAX_DELAY_MS}`);
    const timer: Timer = { dueMs: this.#nowMs + Math.max(delayMs, 1), fn, hold };
    const later = this.#timers.findIndex((other) => other.dueMs > timer.dueMs);
    this.#timers.splice(later === -1 ? this.#timers.length : later, 0, timer);
    return timer;
  }

  clearTimeout(handle: unknown): void {
    const index = this.#timers.indexOf(handle as Timer);
    if (index !== -1) this.#timers.splice(index, 1);
  }

  setHold(handle: unknown, hold: TimerHold): void {
    (handle as Timer).hold = hold;
  }

  afterIo(fn: () => void): void {
    this.#afterIo.push(fn);
  }

  /** Registers what delivers all that is under way on a wire: called before anything passed to `afterIo` runs. */
  onIo(deliver: () => void): void {
    this.#deliveries.push(deliver);
  }

  /**
   * Moves the time on by `ms`, and runs what falls due, that which is set meanwhile included.
   *
   * @throws Error when called from within a timer: time has one driver. RangeError when time would go back.
   */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`time cannot move by ${ms} ms`);
    if (this.#isAdvancing) throw new Error('advance() was called from within advance()');
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
