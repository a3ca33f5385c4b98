import type { Clock } from '../contract/index.js';
import { FifoQueue } from './fifo-queue.js';

/** Time for such work in one turn of the event loop, in ms. */
const TURN_MS = 1;

/**
 * Spreads work over several turns of the event loop: deadlines that fire, and links that are opened, lost or closed,
 * each of which takes as long as a hundred requests. Work runs at once while the current turn has time left, and
 * otherwise in a later turn, in order. So twenty CIs that fail together delay the healthy ones by one millisecond, not
 * by twenty.
 */
export class TurnBudget {
  readonly #clock: Clock;
  readonly #waiting = new FifoQueue<() => void>();
  #turn: 'none' | 'begun' = 'none';
  #begunMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Returns the number of waiting tasks. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Runs `work` now, and throws its exception; or runs it later. */
  run(work: () => void): void {
    if (this.#turn === 'none') this.#begin();
    if (this.#waiting.size > 0 || !this.#hasTime) this.#waiting.push(work);
    else work();
  }

  /** Does the same for a caller that awaits it: rejects with the exception of `work`. */
  settled(work: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.run(() => {
        try {
          work();
          resolve();
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  get #hasTime(): boolean {
    return this.#clock.now() - this.#begunMs < TURN_MS;
  }

  #begin(): void {
    this.#turn = 'begun';
    this.#begunMs = this.#clock.now();
    this.#clock.afterIo(this.#next);
  }

  readonly #next = (): void => {
    this.#turn = 'none';
    if (this.#waiting.size === 0) return;
    this.#begin();
    let bug: { readonly error: unknown } | undefined;
    do {
      const work = this.#waiting.shift() as () => void;
      try {
        work();
      } catch (error) {
        // One exception must not stop the other tasks.
        bug ??= { error };
      }
    } while (this.#waiting.size > 0 && this.#hasTime);
    if (bug !== undefined) throw bug.error;
  };
}
