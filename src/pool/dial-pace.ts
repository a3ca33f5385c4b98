import type { Clock } from '../contract/index.js';

/** During a backoff, requests may have their CI dialled once in this time, in ms. */
const BETWEEN_EARLY_DIALS_MS = 1_000;

/** When one CI may be dialled out of turn: so that requests find it again soon, and no loop is hot. */
export class DialPace {
  readonly #clock: Clock;
  readonly #betweenRedialsMs: () => number;
  readonly #redial: Turn;
  readonly #early: Turn;
  #lastMs = Number.NEGATIVE_INFINITY;
  #lastRedialMs = Number.NEGATIVE_INFINITY;

  /** `betweenRedialsMs` is the shortest time between two dials after links were lost that had been of use. */
  constructor(clock: Clock, betweenRedialsMs: () => number) {
    this.#clock = clock;
    this.#betweenRedialsMs = betweenRedialsMs;
    this.#redial = new Turn(clock, () => this.#lastRedialMs + this.#betweenRedialsMs());
    this.#early = new Turn(clock, () => this.#lastMs + BETWEEN_EARLY_DIALS_MS);
  }

  /** A dial begins. */
  dialled(): void {
    this.#lastMs = this.#clock.now();
  }

  /** Dials after a link was lost that had been of use: now, or for all that ask meanwhile when the last such dial is long enough ago. */
  redial(dial: () => void): void {
    this.#redial.take(() => {
      this.#lastRedialMs = this.#clock.now();
      dial();
    });
  }

  /** Dials during a backoff: when the last dial, of whatever kind, is long enough ago. */
  early(dial: () => void): void {
    this.#early.take(dial);
  }

  /** Whether one may begin now during a backoff. */
  get isEarlyDue(): boolean {
    return this.#early.isDue;
  }

  end(): void {
    this.#redial.end();
    this.#early.end();
  }
}

/** One dial, once its time has come; others that want it meanwhile join. */
class Turn {
  readonly #clock: Clock;
  readonly #dueMs: () => number;
  #timer: unknown;
  #phase: 'open' | 'waiting' | 'ended' = 'open';

  constructor(clock: Clock, dueMs: () => number) {
    this.#clock = clock;
    this.#dueMs = dueMs;
  }

  get isDue(): boolean {
    return this.#dueMs() <= this.#clock.now();
  }

  take(dial: () => void): void {
    if (this.isDue) return dial();
    if (this.#phase !== 'open') return;
    this.#phase = 'waiting';
    const later = (): void => {
      this.#phase = 'open';
      // Another dial may have begun meanwhile.
      this.take(dial);
    };
    this.#timer = this.#clock.setTimeout(later, this.#dueMs() - this.#clock.now(), 'background');
  }

  end(): void {
    this.#phase = 'ended';
    this.#clock.clearTimeout(this.#timer);
  }
}
