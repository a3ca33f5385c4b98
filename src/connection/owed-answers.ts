import type { Clock, Limits } from '../contract/index.js';
import type { Correlator } from '../protocol/correlator.js';

/** A connection on which requests are under way is looked at again after the grace, and no sooner than this. */
const SHORTEST_RECHECK_MS = 100;

/** What it watches. */
export interface Owing {
  readonly clock: Clock;
  readonly limits: Limits;
  /** Whether the peer can be told which of its answers is whose, however late it is. */
  readonly isProved: boolean;
  readonly inFlight: number;
  readonly isUp: boolean;
  /** Asks for the link to be retired as soon as there is room for one more that retires. */
  retire(how: 'may'): void;
}

/**
 * Watches what is owed to requests that were given up. An abandoned request may keep its place for `lateReplyGraceMs`, or for a whole request's time where a
 * late answer is known by its place. Then a connection without ids is retired, since it is blocked; one whose peer echoes ids goes on for
 * its neighbours, and is retired when they are over, or when abandoned requests fill half of it.
 */
export class OwedAnswers {
  readonly #of: Owing;
  readonly #correlator: Correlator;
  #timer: unknown;

  constructor(of: Owing, correlator: Correlator) {
    this.#of = of;
    this.#correlator = correlator;
  }

  /** A request was given up, or ended while another one's answer is owed. */
  watch(nowMs: number): void {
    const { limits } = this.#of;
    const isHalfFull = this.#correlator.isEchoing && this.#correlator.abandoned * 2 >= limits.maxInFlight;
    if (isHalfFull) return this.#of.retire('may');
    if (this.#timer !== undefined) return;
    const oldestMs = this.#correlator.oldestAbandonedMs() ?? nowMs;
    this.#judgeIn(oldestMs + this.#graceMs - nowMs);
  }

  end(): void {
    this.#of.clock.clearTimeout(this.#timer);
  }

  get #graceMs(): number {
    const { lateReplyGraceMs, requestTimeoutMs } = this.#of.limits;
    return this.#of.isProved ? Math.max(lateReplyGraceMs, requestTimeoutMs) : lateReplyGraceMs;
  }

  #judgeIn(delayMs: number): void {
    const { clock } = this.#of;
    const judge = (): void => clock.afterIo(() => this.#judge());
    this.#timer = clock.setTimeout(judge, Math.max(delayMs, 0), 'background');
  }

  #judge(): void {
    this.#timer = undefined;
    const oldestMs = this.#correlator.oldestAbandonedMs();
    if (oldestMs === undefined || !this.#of.isUp) return;
    const leftMs = oldestMs + this.#graceMs - this.#of.clock.now();
    if (leftMs > 0) return this.#judgeIn(leftMs);
    const isOver = !this.#correlator.isEchoing || this.#of.inFlight === 0;
    if (isOver) this.#of.retire('may');
    else this.#judgeIn(Math.max(this.#graceMs, SHORTEST_RECHECK_MS));
  }
}
