import { ChoragusError, type Delivery } from '../errors/index.js';

/** What a client is told of a request that failed, before a dialect gives it its form. */
export interface Fault {
  /** The HTTP status. Clients decide by it whether to ask again. */
  readonly status: number;
  /** A code of a `ChoragusError`, or one of the gateway's own. */
  readonly code: string;
  /** Whether a CI can have seen the request. */
  readonly delivery: Delivery;
  readonly message: string;
  /** The field of the body that is wrong. */
  readonly param?: string | undefined;
  /** After which time asking again makes sense, in ms. Absent if it makes none. */
  readonly retryAfterMs?: number | undefined;
}

/** Codes of the gateway's own, beside those of `ChoragusError`. */
export type GatewayCode =
  | 'invalid_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'too_large'
  | 'unsupported_media_type'
  | 'rate_limited'
  | 'busy'
  | 'unread'
  | 'internal';

/** A request that the gateway answers itself with an error. No CI has seen it, except where `delivery` says so. */
export class Refusal extends Error {
  readonly fault: Fault;

  constructor(status: number, code: GatewayCode, message: string, more: Partial<Fault> = {}) {
    super(message);
    this.fault = { status, code, delivery: 'not_sent', message, ...more };
  }
}

/** Returns the refusal of a field of the body. */
export function wrongField(param: string, message: string): Refusal {
  return new Refusal(400, 'invalid_request', `${param} ${message}`, { param });
}

/** How long a client waits before it asks again, if nobody says so, in ms. */
const RETRY_MS = 1_000;

/** Statuses that do not depend on whether the CI can have seen the request: asking again does not help. */
const fixed: Readonly<Record<string, number>> = {
  unknown_ci: 404,
  request_too_large: 413,
  invalid_config: 400,
};

/** Statuses of a request that a CI may have seen, for those who want them as other gateways send them. */
const honest: Readonly<Record<string, number>> = {
  deadline_exceeded: 504,
  connection_lost: 502,
  protocol_error: 502,
  reply_too_large: 502,
  ci_error: 502,
  unavailable: 503,
  overloaded: 429,
};

/**
 * Returns what to tell a client of a failure.
 *
 * Clients ask again after 408, 409, 429 and 5xx. So only a request that no CI can have seen gets such a status: 429 if
 * the pool is full, else 503. The others get 400, with the true code in the body.
 *
 * @param isHonest - If true, a request that a CI may have seen gets 502, 504 or the like.
 */
export function faultOf(error: unknown, isHonest: boolean): Fault {
  if (error instanceof Refusal) return error.fault;
  if (!(error instanceof ChoragusError)) {
    return { status: 500, code: 'internal', delivery: 'maybe_sent', message: 'the gateway has a fault of its own' };
  }
  const { code, delivery, reason: message, retryAfterMs } = error;
  const told = { code, delivery, message };
  if (Object.hasOwn(fixed, code)) return { ...told, status: fixed[code] as number };
  if (delivery === 'not_sent') {
    const wait = retryAfterMs ?? RETRY_MS;
    return { ...told, status: code === 'overloaded' ? 429 : 503, retryAfterMs: wait };
  }
  return { ...told, status: isHonest ? (honest[code] ?? 502) : 400, retryAfterMs };
}

/** Returns whether asking again is safe, and can help. */
export function mayRepeat({ status, delivery }: Fault): boolean {
  return delivery === 'not_sent' && (status === 429 || status === 503);
}
