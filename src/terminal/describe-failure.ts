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
  already_sent: 'the request was sent before',
  invalid_config: 'the request is invalid',
};

/** Codes whose reason is added to the words above. */
const explained: readonly Code[] = ['protocol_error', 'request_too_large', 'reply_too_large', 'invalid_config'];

const missed = {
  queue: 'no free connection',
  connect: 'no connection',
  'first chunk': 'no first piece',
  idle: 'no further piece',
  total: 'no answer',
} as const;

/** Describes a failure in words, with its delivery: `no answer within 2 s; may have been read`. */
export function describeFailure(error: ChoragusError): string {
  return printable(`${whatFailed(error)}; ${deliveries[error.delivery]}`);
}

function whatFailed(error: ChoragusError): string {
  const { code, phase = 'total', plainReason } = error;
  if (code === 'unavailable') return withWords(`is down (${lastClause(plainReason)})`, error);
  if (code !== 'deadline_exceeded') return withWords(headOf(error), error);
  // The error has no field for the duration: the reason contains it.
  const [, ms] = / within ([\d.]+) ms/.exec(plainReason) ?? [];
  return `${missed[phase]} ${ms === undefined ? 'in time' : `within ${set(Number(ms))}`}`;
}

function headOf({ code, delivery, status, plainReason }: ChoragusError): string {
  const isTheirs = code === 'overloaded' && delivery === 'answered';
  const what = isTheirs ? 'is overloaded' : codes[code as keyof typeof codes];
  const why = explained.includes(code) && plainReason !== '' ? ` (${plainReason})` : '';
  return `${what}${why}${status === undefined ? '' : ` (status ${status})`}`;
}

/** Adds the CI's own error text and its retry delay, if it sent them. */
function withWords(head: string, { said, retryAfterMs }: ChoragusError): string {
  const words = said === undefined ? head : `${head}: ${said}`;
  return retryAfterMs === undefined ? words : `${words}; retry in ${set(retryAfterMs)}`;
}

/** Returns the last part: `the CI is down: cannot connect: nothing listens there (ECONNREFUSED)` → `nothing listens there`. */
function lastClause(reason: string): string {
  return (reason.split(': ').at(-1) ?? reason).replace(/ \([A-Z\d_]+\)$/, '');
}
