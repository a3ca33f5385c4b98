import { ManualClock } from '../../src/testing/index.js';

/** A manual clock whose timers come late by `lagMs`, as when our own event loop was blocked. */
export class LaggingClock extends ManualClock {
  lagMs = 0;

  override now(): number {
    return super.now() + this.lagMs;
  }
}
