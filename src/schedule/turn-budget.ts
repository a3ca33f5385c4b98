import type { Clock } from '../contract/index.js';
import { FifoQueue } from './fifo-queue.js';

/** For so long, in ms, one turn of the event loop does such work; what is left waits for the next. */
const TURN_MS = 1;

/**
 * Work that can wait until all sockets have had their turn: deadlines that strike, links that are opened, lost or closed, each of which
 * takes as long as a hundred requests. It is done at once while this turn of the event loop has time for it, else in one
 * of the next, in order: twenty CIs that fail at one moment hold up the healthy ones for a millisecond, and not for twenty.
 */
export class TurnBudget {
  readonly #clock: Clock;
  readonly #waiting = new FifoQueue<() => void>();
  #turn: 'none' | 'begun' = 'none';
  #begunMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Works that wait for one of the next turns. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Does it now, and throws what it throws; or does it later. */
  run(work: () => void): void {
    if (this.#turn === 'none') this.#begin();
    if (this.#waiting.size > 0 || !this.#hasTime) this.#waiting.push(work);
    else work();
  }

  /** The same, for whoever awaits it: rejects with what it throws. */
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
        // What all others wait for is done all the same.
        bug ??= { error };
      }
    } while (this.#waiting.size > 0 && this.#hasTime);
    if (bug !== undefined) throw bug.error;
  };
}
