import type { Limits, Outgoing } from '../contract/index.js';
import type { ChoragusError, Code, Timings } from '../errors/index.js';
import type { CiMetrics } from '../observe/metrics.js';
import type { DeadlineWheel } from '../schedule/deadline-wheel.js';
import type { AbortWatch } from './abort-watch.js';
import type { ExchangeTaps } from './exchange-taps.js';
import type { Waiting } from './wait-queue.js';

/** What a request needs of the link that carries it. */
export interface RequestSession {
  /** The name of the connection whose link it is. */
  readonly connection: string;
  /** Number of requests sent on this link. */
  readonly carried: number;
  /** When the link came up, on the clock. */
  readonly upMs: number;
  /** When the last bytes arrived, on the clock. */
  readonly lastByteMs: number;
  /** The line of the frame that is being delivered; undefined on a wire without lines. */
  readonly line: string | undefined;
  /** Why that line is not valid JSON; undefined if it is. */
  readonly fault: ChoragusError | undefined;
  idOf(number: number): string;
  /**
   * Releases a request that has ended. If it may have been written and was not answered, its late reply is still
   * expected.
   */
  release(request: Outgoing, number: number, stage: 'placed' | 'sent', nowMs: number): void;
  /** Notes that a request succeeded. */
  succeeded(): void;
  /** Notes that a request timed out, or was answered with an error. */
  failed(code: Code): void;
}

/** What a request needs of its CI. */
export interface RequestCi {
  readonly name: string;
  readonly limits: Limits;
  readonly metrics: CiMetrics;
  readonly wheel: DeadlineWheel;
  readonly aborts: AbortWatch;
  readonly exchanges: ExchangeTaps;
  /** Whether requests carry the trace context. */
  readonly isTraceSent: boolean;
  /** Returns whether a connection is up: a request then waits for capacity, not for a dial. */
  readonly isLinked: boolean;
  now(): number;
  leaveQueue(request: Waiting): void;
  // Called when requests end.
  succeeded(timings: Timings, session: RequestSession): void;
  failed(error: ChoragusError, session: RequestSession | undefined): void;
  cancelled(): void;
}
