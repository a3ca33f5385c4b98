import { DeadlineWheel, type Due, OFF_WHEEL } from '../../../src/schedule/deadline-wheel.js';
import { LaggingClock } from '../../support/lagging-clock.js';

/** The wheel's promise: at most one tick late. */
export const TICK_MS = 8;

/** What falls due; says when that was. */
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

/** A wheel, its clock, and what adds to it. */
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
