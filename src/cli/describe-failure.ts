import type { ChoragusError, Code, Delivery } from '../errors/index.js';
import { printable } from './printable.js';
import { set } from './seconds.js';

const deliveries: Readonly<Record<Delivery, string>> = {
  not_sent: 'was not sent',
  maybe_sent: 'may have been read',
  answered: 'was answered',
};

const codes: Readonly<Record<Exclude<Code, 'deadline_exceeded' | 'unavailable'>, string>> = {
  connection_lost: 'dropped the connection',
  ci_error: 'answered with an error',
  protocol_error: 'broke the protocol',
  request_too_large: 'the message is too long',
  reply_too_large: 'the answer is too long',
  overloaded: 'too many requests wait',
  cancelled: 'cancelled',
  closed: 'the pool was closed',
  unknown_ci: 'not a CI of the pool',
  already_sent: 'was asked before',
  invalid_config: 'cannot be asked like this',
};

/** A failure in words, with what is known of the request's way: `no answer within 2 s; may have been read`. */
export function describeFailure(error: ChoragusError, deadlineMs: number): string {
  return `${whatFailed(error, deadlineMs)}; ${deliveries[error.delivery]}`;
}

function whatFailed(error: ChoragusError, deadlineMs: number): string {
  if (error.code === 'unavailable') return `is down (${lastClause(error.reason)})`;
  if (error.code !== 'deadline_exceeded') return withDetails(codes[error.code], error);
  // How long a wait for the connection is, is the pool's own setting: its words say it.
  if (error.phase === 'connect') return 'no connection in time';
  if (error.phase === 'queue') return `no free connection within ${set(deadlineMs)}`;
  return `no answer within ${set(deadlineMs)}`;
}

/** With the status, the CI's own words, and when it can be asked again, as far as they are known. */
function withDetails(what: string, { code, delivery, status, said, retryAfterMs }: ChoragusError): string {
  const isTheirs = code === 'overloaded' && delivery === 'answered';
  const head = `${isTheirs ? 'has too much to do' : what}${status === undefined ? '' : ` (status ${status})`}`;
  const words = said === undefined ? head : `${head}: ${printable(said)}`;
  return retryAfterMs === undefined ? words : `${words}; it can be asked again in ${set(retryAfterMs)}`;
}

/** `the CI is down: cannot connect: nothing listens there (ECONNREFUSED)` → `nothing listens there`. */
function lastClause(reason: string): string {
  return (reason.split(': ').at(-1) ?? reason).replace(/ \([A-Z\d_]+\)$/, '');
}
