import type { Clock } from '../contract/index.js';
import { TurnBudget } from './turn-budget.js';

/** An item with a due time. The wheel owns the three link fields. */
export interface Due {
  /** Due time, on the clock. It may be set to a later time without calling the wheel, but not to an earlier one. */
  dueMs: number;
  wheelNext: Due | undefined;
  wheelPrevious: Due | undefined;
  wheelSlot: number;
  /** Called when it is due; not again unless it is added again. */
  due(nowMs: number): void;
}

/** The slot of an item that is not in the wheel. */
export const OFF_WHEEL = -1;

const TICK_MS = 8;
const SLOTS = 4_096;
/** Longest sleep of the timer: about one second. */
const LONGEST_SLEEP_TICKS = 128;

/**
 * Fires the deadlines of a pool with one timer: a hashed timing wheel. Adding and removing take constant time, and each
 * deadline fires at most one tick (8 ms) late. The timer sleeps until the next slot that holds an item. Due items are
 * called after pending bytes have been read, so that a reply that is already in the socket beats its deadline.
 *
 * An empty wheel keeps no process alive. Its timer is not cleared but runs out, within one second: to set and clear it
 * for each of many sequential requests would cost a tenth of a request's time.
 *
 * @see Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987, scheme 6.
 */
export class DeadlineWheel {
  readonly #clock: Clock;
  /** The wheel's own budget: no deadline waits behind dials. */
  readonly #turns: TurnBudget;
  readonly #slots: (Due | undefined)[] = new Array(SLOTS).fill(undefined);
  #size = 0;
  #timer: unknown;
  #armedTick = Number.POSITIVE_INFINITY;
  /** The last tick that was swept. */
  #sweptTick: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#turns = new TurnBudget(clock);
    this.#sweptTick = tickOf(clock.now()) - 1;
  }

  get size(): number {
    return this.#size;
  }

  add(item: Due): void {
    const tick = Math.max(tickOf(item.dueMs) + 1, this.#sweptTick + 1);
    const slot = tick % SLOTS;
    const head = this.#slots[slot];
    item.wheelSlot = slot;
    item.wheelPrevious = undefined;
    item.wheelNext = head;
    if (head !== undefined) head.wheelPrevious = item;
    this.#slots[slot] = item;
    this.#size += 1;
    if (tick < this.#armedTick) this.#arm(tick);
    else if (this.#size === 1 && this.#timer !== undefined) this.#clock.setHold(this.#timer, 'keepsAlive');
  }

  remove(item: Due): void {
    const slot = item.wheelSlot;
    if (slot === OFF_WHEEL) return;
    const { wheelNext: next, wheelPrevious: previous } = item;
    if (previous === undefined) this.#slots[slot] = next;
    else previous.wheelNext = next;
    if (next !== undefined) next.wheelPrevious = previous;
    item.wheelSlot = OFF_WHEEL;
    item.wheelNext = undefined;
    item.wheelPrevious = undefined;
    this.#size -= 1;
    if (this.#size === 0 && this.#timer !== undefined) this.#clock.setHold(this.#timer, 'background');
  }

  /** Clears the timer. Adding an item sets it again. */
  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedTick = Number.POSITIVE_INFINITY;
  }

  #arm(tick: number): void {
    this.stop();
    const nowMs = this.#clock.now();
    // A sweep that fires early sets the timer again.
    this.#armedTick = Math.min(tick, tickOf(nowMs) + LONGEST_SLEEP_TICKS);
    const delayMs = Math.max(this.#armedTick * TICK_MS - nowMs, 1);
    this.#timer = this.#clock.setTimeout(this.#sweep, delayMs, 'keepsAlive');
  }

  readonly #sweep = (): void => {
    this.#timer = undefined;
    this.#armedTick = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    const due: Due[] = [];
    const last = tickOf(now);
    for (let tick = Math.max(this.#sweptTick + 1, last - SLOTS + 1); tick <= last; tick += 1) {
      let item = this.#slots[tick % SLOTS];
      while (item !== undefined) {
        const next: Due | undefined = item.wheelNext;
        if (item.dueMs <= now) due.push(item);
        else this.#settle(item);
        item = next;
      }
    }
    this.#sweptTick = Math.max(last, this.#sweptTick);
    if (due.length > 0) this.#clock.afterIo(() => this.#fire(due));
    else this.#armNext();
  };

  /** Moves an item whose due time was put off to its new slot. */
  #settle(item: Due): void {
    if ((tickOf(item.dueMs) + 1) % SLOTS === item.wheelSlot) return;
    this.remove(item);
    this.add(item);
  }

  #fire(due: readonly Due[]): void {
    let bug: { readonly error: unknown } | undefined;
    for (const item of due) {
      try {
        this.#turns.run(() => this.#call(item));
      } catch (error) {
        // One exception must not stop the other deadlines.
        bug ??= { error };
      }
    }
    this.#armNext();
    if (bug !== undefined) throw bug.error;
  }

  #call(item: Due): void {
    // The bytes just read may have settled the item, or put its deadline off.
    if (item.wheelSlot === OFF_WHEEL) return;
    const nowMs = this.#clock.now();
    if (item.dueMs > nowMs) return this.#settle(item);
    this.remove(item);
    item.due(nowMs);
  }

  #armNext(): void {
    if (this.#size === 0) return;
    let tick = this.#sweptTick + 1;
    const last = this.#sweptTick + LONGEST_SLEEP_TICKS;
    while (tick < last && this.#slots[tick % SLOTS] === undefined) tick += 1;
    if (tick < this.#armedTick) this.#arm(tick);
  }
}

function tickOf(ms: number): number {
  return Math.floor(ms / TICK_MS);
}
