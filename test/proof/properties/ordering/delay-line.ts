import type { ManualClock } from '../../../../src/testing/index.js';

/** Passes items on after a fixed time, in order; those of one moment together, as one packet. */
export class DelayLine<T> {
  readonly #clock: ManualClock;
  readonly #delayMs: number;
  readonly #deliver: (items: readonly T[]) => void;
  #items: { readonly dueMs: number; readonly item: T }[] = [];

  /** `delayMs` 0: passes on at once, one by one. */
  constructor(clock: ManualClock, delayMs: number, deliver: (items: readonly T[]) => void) {
    this.#clock = clock;
    this.#delayMs = delayMs;
    this.#deliver = deliver;
  }

  push(item: T): void {
    if (this.#delayMs === 0) return this.#deliver([item]);
    const dueMs = this.#clock.now() + this.#delayMs;
    const isFirstOfItsMoment = this.#items.at(-1)?.dueMs !== dueMs;
    this.#items.push({ dueMs, item });
    if (isFirstOfItsMoment) this.#clock.setTimeout(() => this.#handOn(), this.#delayMs, 'background');
  }

  /** Drops what is under way. */
  clear(): void {
    this.#items = [];
  }

  #handOn(): void {
    const nowMs = this.#clock.now();
    const due = this.#items.filter(({ dueMs }) => dueMs <= nowMs).map(({ item }) => item);
    this.#items = this.#items.filter(({ dueMs }) => dueMs > nowMs);
    if (due.length > 0) this.#deliver(due);
  }
}
