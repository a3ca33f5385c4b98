import type { Code, Delivery, Phase } from './code.js';
import { faultOf, faultOfDetails } from './fault-of.js';

/** Where a request's time went, in milliseconds. A phase that was not reached is 0. */
export interface Timings {
  /** Waiting for a free slot on a connection. */
  readonly queuedMs: number;
  /** Waiting for a connection to be made. */
  readonly connectMs: number;
  /** From getting a slot on a connection to the answer, or to the failure. */
  readonly serviceMs: number;
  /** From subscription to settlement. */
  readonly totalMs: number;
}

/** The optional parts of a {@link ChoragusError}. */
export interface ErrorDetails {
  readonly ci?: string | undefined;
  /** Default: `maybe_sent`, the pessimistic one. */
  readonly delivery?: Delivery | undefined;
  readonly phase?: Phase | undefined;
  readonly timings?: Timings | undefined;
  /** The text that a cut stream had delivered. */
  readonly partial?: string | undefined;
  /** The peer's own words: shown at the end of the message, at most 500 characters. They can contain content. */
  readonly said?: string | undefined;
  /** The HTTP status of the answer, if the wire is HTTP. */
  readonly status?: number | undefined;
  /** How long the peer asks to wait before the next request, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/**
 * The one error class: everything that the runtime throws or emits.
 *
 * The message starts with the code. It never contains what was sent or streamed. If the peer said what is wrong, the message ends with the
 * peer's own words, which the pool never logs: `plainReason` is the message without them.
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
  override readonly name = 'ChoragusError';
  /** What went wrong, from a closed list. */
  readonly code: Code;
  /** Whether the peer may have seen the request. */
  readonly delivery: Delivery;
  /** The CI whose request failed; undefined if the error is of no CI. */
  readonly ci: string | undefined;
  /** The phase in which the request failed, if known. */
  readonly phase: Phase | undefined;
  readonly timings: Timings | undefined;
  /** The text of a cut stream that had already come. */
  readonly partial: string | undefined;
  /** The peer's own words about the failure, if it gave any. */
  readonly said: string | undefined;
  /** The HTTP status of the answer; undefined on other wires, and if no answer came. */
  declare readonly status?: number;
  /** How long the peer asks to wait before the next request, in milliseconds: never negative, at most 24 hours. */
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
   * Returns a new error with more details of the same failure. Its stack says where it was raised for this request.
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
