import type { Limits, Outgoing } from '../contract/index.js';
import type { ChoragusError, Code, Timings } from '../errors/index.js';
import type { CiMetrics } from '../observe/metrics.js';
import type { DeadlineWheel } from '../schedule/deadline-wheel.js';
import type { AbortWatch } from './abort-watch.js';
import type { ExchangeTaps } from './exchange-taps.js';
import type { Waiting } from './wait-queue.js';

/** One link, as a request needs it: what carries it, and what it gives up. */
export interface RequestSession {
  /** The name of the connection whose link it is. */
  readonly connection: string;
  /** Requests handed to this link. */
  readonly carried: number;
  /** When the link came up, on the clock. */
  readonly upMs: number;
  /** When the last bytes came, on the clock. */
  readonly lastByteMs: number;
  /** The text of the frame that is being handed on; none on a wire without lines. */
  readonly line: string | undefined;
  /** Why that text is no JSON, if it is none. */
  readonly fault: ChoragusError | undefined;
  idOf(number: number): string;
  /** A request is over. What may have been written and was not answered still owes an answer. */
  release(request: Outgoing, number: number, stage: 'placed' | 'sent', nowMs: number): void;
  /** A request succeeded on it. */
  succeeded(): void;
  /** A request timed out on it, or was answered with an error. */
  failed(code: Code): void;
}

/** One CI, as its requests need it. */
export interface RequestCi {
  readonly name: string;
  readonly limits: Limits;
  readonly metrics: CiMetrics;
  readonly wheel: DeadlineWheel;
  readonly aborts: AbortWatch;
  readonly exchanges: ExchangeTaps;
  /** Whether a connection is up: a request then waits for capacity, not for a dial. */
  readonly isLinked: boolean;
  now(): number;
  leaveQueue(request: Waiting): void;
  // How requests end.
  succeeded(timings: Timings, session: RequestSession): void;
  failed(error: ChoragusError, session: RequestSession | undefined): void;
  cancelled(): void;
}
