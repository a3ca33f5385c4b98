import type { Clock, Limits } from '../contract/index.js';
import type { Correlator } from '../protocol/correlator.js';

/** With requests in flight, the connection is checked again after the grace, and no sooner than this, in ms. */
const SHORTEST_RECHECK_MS = 100;

/** What it needs of the session. */
export interface AbandonedPort {
  readonly clock: Clock;
  readonly limits: Limits;
  /** Whether late answers are matched by a proved order. */
  readonly isProved: boolean;
  readonly inFlight: number;
  readonly isUp: boolean;
  /** Asks for the link to be retired when there is room for one more. */
  retire(how: 'may'): void;
}

/**
 * Limits how long a connection waits for the answers to abandoned requests: for `lateReplyGraceMs`, or for
 * `requestTimeoutMs` if the order is proved. After that, a connection without ids is retired, because it is blocked. A
 * connection with ids serves its other requests first. It is retired when they have ended, or when abandoned requests
 * fill half of it.
 */
export class AbandonedRequests {
  readonly #of: AbandonedPort;
  readonly #correlator: Correlator;
  #timer: unknown;

  constructor(of: AbandonedPort, correlator: Correlator) {
    this.#of = of;
    this.#correlator = correlator;
  }

  /** Starts the watch, when a request was abandoned, or ended while another one is. */
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
