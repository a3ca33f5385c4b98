import type { Window, WindowName } from '../records.js';
import { joined, type Slot, TimeSum } from './slot.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The lengths of the windows in ms, shortest first. */
const windows: readonly (readonly [WindowName, number])[] = [
  ['s30', 30_000],
  ['m1', MINUTE_MS],
  ['m5', 5 * MINUTE_MS],
  ['h1', HOUR_MS],
];

/** The levels: their number of slots, and the length of those in ms. A sample fills one slot of the first level. */
const levels: readonly { readonly most: number; readonly lengthMs: number }[] = [
  { most: 12, lengthMs: 0 },
  { most: 10, lengthMs: 30_000 },
  { most: 12, lengthMs: 5 * MINUTE_MS },
];
/** Most slots of one series. */
export const MOST_SLOTS = levels.reduce((sum, { most }) => sum + most, 0);

/** Adds up the slots of a window. */
const sum = new TimeSum();

/**
 * The requests of the last hour, in slots that become longer with age: 12 samples of 5 s, 10 slots of 30 s, 12 of 5 minutes.
 * A sample without requests needs no slot. It has at most 34 slots of 32 different service times each: at most 14 kB.
 */
export class Slots {
  /** The slots of each level, oldest first. */
  readonly #levels: readonly Slot[][] = levels.map(() => []);
  /** From when on everything is counted. */
  #startMs: number;
  /** Until when everything is counted. */
  #untilMs: number;

  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#untilMs = startMs;
  }

  get size(): number {
    return this.#levels.reduce((size, { length }) => size + length, 0);
  }

  get untilMs(): number {
    return this.#untilMs;
  }

  /** Adds what ended since `untilMs`. */
  add(toMs: number, { succeeded, failed, times }: Pick<Slot, 'succeeded' | 'failed' | 'times'>): void {
    this.#push(0, { fromMs: this.#untilMs, toMs, succeeded, failed, times });
    this.pass(toMs);
  }

  /** Notes that nothing else ended until now, and drops what is older than an hour. */
  pass(untilMs: number): void {
    this.#untilMs = untilMs;
    for (const slots of this.#levels) {
      for (
        let oldest = slots[0];
        oldest !== undefined && !this.#belongs(oldest, untilMs - HOUR_MS);
        oldest = slots[0]
      ) {
        slots.shift();
        this.#startMs = Math.max(this.#startMs, oldest.toMs);
      }
    }
  }

  /** Returns all windows; `undefined` if no request ended in any. */
  windows(): Record<WindowName, Window> | undefined {
    if (this.size === 0) return undefined;
    const found: Partial<Record<WindowName, Window>> = {};
    const newestFirst = [...this.#levels].reverse().flat().reverse();
    sum.clear();
    const counts = { succeeded: 0, failed: 0 };
    let next = 0;
    for (const [name, lengthMs] of windows) {
      const edgeMs = this.#untilMs - lengthMs;
      for (let slot = newestFirst[next]; slot !== undefined && this.#belongs(slot, edgeMs); slot = newestFirst[next]) {
        sum.addAll(slot.times);
        counts.succeeded += slot.succeeded;
        counts.failed += slot.failed;
        next += 1;
      }
      const fromMs = this.#fromMs(edgeMs, newestFirst[next - 1], newestFirst[next]);
      found[name] = {
        seconds: Math.round(this.#untilMs - fromMs) / 1_000,
        ...counts,
        p50: sum.percentile(0.5),
        p99: sum.percentile(0.99),
      };
    }
    return found as Record<WindowName, Window>;
  }

  /** A slot belongs to a window if most of it lies within, and always if it is the newest sample. */
  #belongs({ fromMs, toMs }: Slot, edgeMs: number): boolean {
    return (fromMs + toMs) / 2 >= edgeMs || (toMs === this.#untilMs && toMs > edgeMs);
  }

  /** Returns the exact start of a window: at its edge if nothing was counted there, or where the slot at the edge begins or ends. */
  #fromMs(edgeMs: number, oldest: Slot | undefined, excluded: Slot | undefined): number {
    const latest = Math.min(edgeMs, oldest?.fromMs ?? this.#untilMs);
    return Math.max(latest, excluded?.toMs ?? this.#startMs);
  }

  #push(level: number, slot: Slot): void {
    const slots = this.#levels[level];
    if (slots === undefined) {
      this.#startMs = slot.toMs;
      return;
    }
    const { most, lengthMs } = levels[level] as (typeof levels)[number];
    const last = slots.at(-1);
    if (
      last !== undefined &&
      lengthMs > 0 &&
      Math.floor(last.fromMs / lengthMs) === Math.floor(slot.fromMs / lengthMs)
    ) {
      slots[slots.length - 1] = joined(last, slot);
      return;
    }
    slots.push(slot);
    if (slots.length > most) this.#push(level + 1, slots.shift() as Slot);
  }
}
