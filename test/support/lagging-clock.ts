import { ManualClock } from '../../src/testing/index.js';

/** A manual clock whose timers fire `lagMs` late, as when our own event loop is blocked. */
export class LaggingClock extends ManualClock {
  lagMs = 0;

  override now(): number {
    return super.now() + this.lagMs;
  }
}
