import { ChoragusError, type ErrorDetails } from '../choragus-error.js';
import type { Code } from '../code.js';

/** Returns the error for a dial that failed: nothing was sent. */
export function cannotConnect(why: string, details: ErrorDetails = {}): ChoragusError {
  return new ChoragusError('unavailable', `cannot connect: ${why}`, {
    ...details,
    delivery: 'not_sent',
    phase: 'connect',
  });
}

/** Returns the error for a dial that took longer than `connectTimeoutMs`. */
export function dialTimedOut(connectTimeoutMs: number): ChoragusError {
  return cannotConnect(`no connection within ${connectTimeoutMs} ms`);
}

/** Returns the error for a dial that met itself: see `isOwnEcho`. */
export function ownEcho(ci: string): ChoragusError {
  return cannotConnect('nothing listens there (the dial met itself)', { ci });
}

/** Returns the error for a link that was up and was lost. */
export function connectionLost(how: string, details: ErrorDetails = {}): ChoragusError {
  return new ChoragusError('connection_lost', `the connection was lost: ${how}`, details);
}

/** Returns the error for the requests on a link that goes for a reason of our own, said by `message`. */
export function lost(message: string, cause?: unknown): ChoragusError {
  return new ChoragusError('connection_lost', message, { cause });
}

/** Where in an answer the peer closed the link. */
export type Cut = 'in the middle of a line' | 'in the middle of an answer' | 'without an answer';

/** Returns the error for a link that the peer closed; `cut` says what it broke off, if anything. */
export function closedByPeer(cut: Cut | undefined, details: ErrorDetails): ChoragusError {
  return connectionLost(`the peer closed it${cut === undefined ? '' : ` ${cut}`}`, details);
}

/**
 * Returns the error for a request to a CI that is down: why its last link failed. A CI that cannot be dialled at all
 * keeps its own error.
 */
export function unavailable(last: ChoragusError | undefined): ChoragusError {
  if (last?.code === 'invalid_config') return last;
  const { plainReason = 'its connection was lost', said, status, retryAfterMs, cause } = last ?? {};
  const details = { phase: 'connect', said, status, retryAfterMs, cause } as const;
  return new ChoragusError('unavailable', `the CI is down: ${plainReason}`, details);
}

/** Returns the error with which a retired connection ends. Its requests are over, so no request fails with it. */
export function retired(): ChoragusError {
  return new ChoragusError('closed', 'the connection was retired');
}

/**
 * The codes of requests that failed although the peer is there. They make a connection `degraded`, unless its link is
 * lost with them.
 */
export const failuresOfPeer: ReadonlySet<Code> = new Set([
  'deadline_exceeded',
  'ci_error',
  'protocol_error',
  'reply_too_large',
  'connection_lost',
]);
