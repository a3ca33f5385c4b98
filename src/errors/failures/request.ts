import { ChoragusError, type ErrorDetails } from '../choragus-error.js';
import type { Phase } from '../code.js';
import { describeValue } from '../describe-value.js';
import { invalidConfig } from './config.js';

/** Returns the error for a request to a CI that takes no more requests. */
export function refusal(standing: 'admitted' | 'quarantined' | 'removing' | 'closed'): ChoragusError {
  if (standing === 'quarantined') {
    return new ChoragusError('unavailable', 'the CI is quarantined: its connections crashed too often');
  }
  return new ChoragusError('closed', 'the CI was removed, or the pool closed');
}

/** Returns the error for a request to a name that no CI has, or that is not a string. */
export function unknownCi(name: unknown): ChoragusError {
  if (typeof name !== 'string') return invalidConfig(`ci is ${describeValue(name)}: use the name of a CI`);
  const message = `the pool has no CI ${JSON.stringify(name.slice(0, 128))}`;
  return new ChoragusError('unknown_ci', message, { ci: name, delivery: 'not_sent' });
}

/** Returns the error for a request to a pool that is closing or closed. */
export function poolClosed(name?: unknown): ChoragusError {
  const ci = typeof name === 'string' ? name : undefined;
  return new ChoragusError('closed', 'the pool is closed, or closing', { ci, delivery: 'not_sent' });
}

/** Returns the error for a request that finds the queue of its CI full. */
export function overloaded(maxWaiting: number): ChoragusError {
  const message = `${maxWaiting} requests are waiting already: wait, or raise the option "maxWaiting"`;
  return new ChoragusError('overloaded', message, { phase: 'queue' });
}

/** Returns the error for a request that its peer's line reader could not hold. */
export function requestTooLarge(bytes: number, maxRequestBytes: number, ci: string): ChoragusError {
  const message = `the request has ${bytes} bytes: use at most ${maxRequestBytes} (option "maxRequestBytes")`;
  return new ChoragusError('request_too_large', message, { ci, delivery: 'not_sent' });
}

/** Returns the error for a request whose signal was aborted. */
export function aborted(signal: AbortSignal): ChoragusError {
  return new ChoragusError('cancelled', 'the signal was aborted', { cause: signal.reason });
}

const misses: Readonly<Record<Phase, string>> = {
  queue: 'no free slot',
  connect: 'no connection',
  'first chunk': 'no first chunk',
  idle: 'no further chunk',
  total: 'no complete answer',
};

/** Returns the error for a request, or a stream under an operator, that ran out of time. */
export function missed(phase: Phase, ms: number): ChoragusError {
  return new ChoragusError('deadline_exceeded', `${misses[phase]} within ${ms} ms`, { phase });
}

/**
 * Returns the error for a further subscription of a source that `noRetry()` guards. `former` is the error of the last
 * one, if any.
 */
export function alreadySent(former: unknown): ChoragusError {
  const ci = former instanceof ChoragusError ? former.ci : undefined;
  const message =
    'noRetry() allows one subscription, and the request may have been sent: make a new source for each try';
  return new ChoragusError('already_sent', message, { ci, delivery: 'maybe_sent', cause: former });
}

/** Returns the error for an async iterator that is read more slowly than its source emits. */
export function bufferOverflow(bufferSize: number): ChoragusError {
  const message = `more than ${bufferSize} values are waiting to be read: read faster, or raise "bufferSize" of toAsyncIterable`;
  return new ChoragusError('overloaded', message, { delivery: 'maybe_sent' });
}

/** What is known of an answer that is an error. */
type AnswerDetails = Pick<ErrorDetails, 'said' | 'status' | 'retryAfterMs'>;

/** Returns the error for a request that the CI answered with an error. */
export function ciError(details: AnswerDetails): ChoragusError {
  const message = `the CI answered with an error${statusOf(details)}`;
  return new ChoragusError('ci_error', message, { ...details, delivery: 'answered' });
}

/** Returns the error for a request that the CI turned away because it is overloaded itself. */
export function ciOverloaded(details: AnswerDetails): ChoragusError {
  return new ChoragusError('overloaded', `the CI is overloaded${statusOf(details)}`, {
    ...details,
    delivery: 'answered',
  });
}

function statusOf({ status }: AnswerDetails): string {
  return status === undefined ? '' : `: status ${status}`;
}
