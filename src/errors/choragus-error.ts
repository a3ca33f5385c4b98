import type { Code, Delivery, Phase } from './code.js';
import { faultOf, faultOfDetails } from './fault-of.js';

/** Says where a request's time went, in ms. A phase that was not reached is 0. */
export interface Timings {
  /** Wait for a slot on a connection. */
  readonly queuedMs: number;
  /** Wait for a connection to be opened. */
  readonly connectMs: number;
  /** From the slot to the answer, or to the failure. */
  readonly serviceMs: number;
  /** From subscription to settlement. */
  readonly totalMs: number;
}

/** Describes what a {@link ChoragusError} knows besides its code and message. All fields are optional. */
export interface ErrorDetails {
  /** The CI whose request failed. */
  readonly ci?: string | undefined;
  /** Whether the peer can have seen the request. Default: `maybe_sent`, the pessimistic one. */
  readonly delivery?: Delivery | undefined;
  /** When in its life the request failed. */
  readonly phase?: Phase | undefined;
  /** Where the request's time went. */
  readonly timings?: Timings | undefined;
  /** The text that a cut stream had delivered. */
  readonly partial?: string | undefined;
  /** The peer's own words, at most 500 characters. Shown at the end of the message. They can hold content. */
  readonly said?: string | undefined;
  /** The HTTP status of the answer, on HTTP wires. */
  readonly status?: number | undefined;
  /** How long the peer asks to wait before the next request, in ms. */
  readonly retryAfterMs?: number | undefined;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * Reports a failure. The runtime throws and emits no other error class.
 *
 * The message starts with the code. It never holds what was sent or streamed. If the peer said what is wrong, the
 * message ends with the peer's own words, which the pool never logs: `plainReason` is the message without them.
 *
 * @example
 * ```ts
 * pool.ask('apollo', 'hello').subscribe({
 *   error: (error: ChoragusError) => {
 *     if (error.delivery === 'not_sent') tryElsewhere();
 *   },
 * });
 * ```
 */
export class ChoragusError extends Error {
  /** Always `ChoragusError`. */
  override readonly name = 'ChoragusError';
  /** What went wrong, from the closed list of codes. */
  readonly code: Code;
  /** Whether the peer may have seen the request. */
  readonly delivery: Delivery;
  /** The CI whose request failed, if the failure concerns one. */
  readonly ci: string | undefined;
  /** When in its life the request failed, if that is known. */
  readonly phase: Phase | undefined;
  /** Where the request's time went, if it was begun. */
  readonly timings: Timings | undefined;
  /** The text that a cut stream had delivered. Not enumerable, so that no serialiser logs it. */
  readonly partial: string | undefined;
  /** The peer's own words about the failure, if it sent any. Not enumerable, so that no serialiser logs them. */
  readonly said: string | undefined;
  /** The HTTP status of the answer; undefined on other wires, and without an answer. */
  declare readonly status?: number;
  /** How long the peer asks to wait before the next request, in ms: 0 to 24 hours. */
  declare readonly retryAfterMs?: number;

  /** @throws ChoragusError `invalid_config` for an unknown code, and for a message or a detail of the wrong type. */
  constructor(code: Code, message: string, details: ErrorDetails = {}) {
    refuse(faultOf(code, message, details));
    const { said, status, retryAfterMs, cause } = details;
    super(`[${code}] ${message}${said === undefined ? '' : `: ${said}`}`, cause === undefined ? undefined : { cause });
    this.code = code;
    this.delivery = details.delivery ?? 'maybe_sent';
    this.ci = details.ci;
    this.phase = details.phase;
    this.timings = details.timings;
    if (status !== undefined) this.status = status;
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs;
    // Content must not reach a log by way of an error serialiser: readable, but not enumerable.
    Object.defineProperty(this, 'partial', { value: details.partial, enumerable: false });
    Object.defineProperty(this, 'said', { value: said, enumerable: false });
  }

  /** Returns the message without the code. */
  get reason(): string {
    return this.message.slice(this.code.length + 3);
  }

  /** Returns the message without the code and without the peer's own words: safe to log. */
  get plainReason(): string {
    return this.said === undefined ? this.reason : this.reason.slice(0, -(this.said.length + 2));
  }

  /**
   * Returns a new error for the same failure, with more details. Its stack shows where it was raised for this request.
   *
   * @throws ChoragusError `invalid_config` for a detail that is unknown or of the wrong type.
   */
  with(details: ErrorDetails): ChoragusError {
    const { ci, delivery, phase, timings, partial, said, status, retryAfterMs, cause } = this;
    const known = { ci, delivery, phase, timings, partial, said, status, retryAfterMs, cause };
    return new ChoragusError(this.code, this.plainReason, { ...known, ...ownOf(details) });
  }
}

/** Copies the details, reading each one once. */
function ownOf(details: ErrorDetails): ErrorDetails {
  refuse(faultOfDetails(details));
  try {
    return { ...details };
  } catch {
    throw new ChoragusError('invalid_config', 'ChoragusError: details cannot be read', { delivery: 'not_sent' });
  }
}

function refuse(fault: string | undefined): void {
  if (fault !== undefined) throw new ChoragusError('invalid_config', fault, { delivery: 'not_sent' });
}
