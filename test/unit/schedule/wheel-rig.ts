import { DeadlineWheel, type Due, OFF_WHEEL } from '../../../src/schedule/deadline-wheel.js';
import { LaggingClock } from '../../support/lagging-clock.js';

/** The wheel's guarantee: at most one tick late. */
export const TICK_MS = 8;

/** An item that records when it fired. */
export class Item implements Due {
  wheelNext: Due | undefined = undefined;
  wheelPrevious: Due | undefined = undefined;
  wheelSlot = OFF_WHEEL;
  readonly firedAtMs: number[] = [];
  dueMs: number;
  readonly onDue: ((nowMs: number) => void) | undefined;

  constructor(dueMs: number, onDue?: (nowMs: number) => void) {
    this.dueMs = dueMs;
    this.onDue = onDue;
  }

  due(nowMs: number): void {
    this.firedAtMs.push(nowMs);
    this.onDue?.(nowMs);
  }
}

/** A wheel with its clock, and a way to add items. */
export function setUp(startMs = 0) {
  const clock = new LaggingClock(startMs);
  const wheel = new DeadlineWheel(clock);
  const add = (afterMs: number, onDue?: (nowMs: number) => void): Item => {
    const item = new Item(clock.now() + afterMs, onDue);
    wheel.add(item);
    return item;
  };
  return { clock, wheel, add };
}
