import { ChoragusError } from './choragus-error.js';
import type { Code, Phase } from './code.js';
import { describeValue } from './describe-value.js';

/**
 * Returns the error for a wrong argument of a public function, in the words that all of them use.
 *
 * @example
 * ```ts
 * throw wrongArgument('warm', 'cis', 'apollo', 'a list of names'); // warm: cis is "apollo", and takes a list of names
 * ```
 */
export function wrongArgument(of: string, argument: string, value: unknown, takes: string): ChoragusError {
  return invalidConfig(`${of}: ${argument} is ${describeValue(value)}, and takes ${takes}`);
}

/** Returns an `invalid_config` error of a call that sent nothing. */
export function invalidConfig(message: string, cause?: unknown): ChoragusError {
  return new ChoragusError('invalid_config', message, { delivery: 'not_sent', cause });
}

/** Returns why a CI takes no request any more. */
export function refusal(standing: string): ChoragusError {
  if (standing === 'quarantined') {
    return new ChoragusError('unavailable', 'the CI is quarantined: its connections crashed too often');
  }
  return new ChoragusError('closed', 'the CI was removed, or the pool closed');
}

/** Why a CI cannot be reached now: what its last link failed of. One that cannot be dialled at all says so itself. */
export function unavailable(last: ChoragusError | undefined): ChoragusError {
  if (last?.code === 'invalid_config') return last;
  const { plainReason = 'its connection was lost', said, status, retryAfterMs, cause } = last ?? {};
  const details = { phase: 'connect', said, status, retryAfterMs, cause } as const;
  return new ChoragusError('unavailable', `the CI is down: ${plainReason}`, details);
}

/** Why a request cannot wait for a place. */
export function overloaded(maxWaiting: number): ChoragusError {
  return new ChoragusError('overloaded', `${maxWaiting} requests wait already (maxWaiting)`, { phase: 'queue' });
}

/** Why a dial was given up. */
export function dialTimedOut(connectTimeoutMs: number): ChoragusError {
  const message = `cannot connect: no connection within ${connectTimeoutMs} ms`;
  return new ChoragusError('unavailable', message, { phase: 'connect' });
}

/** Why a request is given up. */
export function aborted(signal: AbortSignal): ChoragusError {
  return new ChoragusError('cancelled', 'the signal was aborted', { cause: signal.reason });
}

/** Why a stream is not read on. */
export function tooLong(maxReplyBytes: number): ChoragusError {
  return new ChoragusError('reply_too_large', `a stream of over ${maxReplyBytes} characters (maxReplyBytes)`);
}

/** Why an answer is none. */
export function withoutContent(what: 'a chunk' | 'an answer'): ChoragusError {
  return new ChoragusError('protocol_error', `${what} without content`, { delivery: 'answered' });
}

/** Why a request's time is over. */
export function missed(phase: Phase, ms: number): ChoragusError {
  return new ChoragusError('deadline_exceeded', `${misses[phase]} within ${ms} ms`, { phase });
}

const misses: Readonly<Record<Phase, string>> = {
  queue: 'no free place on a connection',
  connect: 'no connection',
  'first chunk': 'no first chunk',
  idle: 'no further chunk',
  total: 'no answer',
};

/** Why a name is asked in vain: no CI has it, or it is no name at all. */
export function unknownCi(name: unknown): ChoragusError {
  if (typeof name !== 'string') return invalidConfig(`ci is ${describeValue(name)}, and takes the name of a CI`);
  const message = `the pool has no CI ${JSON.stringify(name.slice(0, 128))}`;
  return new ChoragusError('unknown_ci', message, { ci: name, delivery: 'not_sent' });
}

/** Why a pool takes nothing any more. */
export function poolClosed(name?: unknown): ChoragusError {
  const ci = typeof name === 'string' ? name : undefined;
  return new ChoragusError('closed', 'the pool is closed, or closing', { ci, delivery: 'not_sent' });
}

/** What requests under way fail of when their link goes, other than by its own error. */
export function lost(message: string, cause?: unknown): ChoragusError {
  return new ChoragusError('connection_lost', message, { cause });
}

/** A retired connection closes when its requests are over: nobody is left to be told. */
export function retired(): ChoragusError {
  return new ChoragusError('closed', 'the connection was retired');
}

/** Failures that say that a peer is not ready, though it is there. One whose link is lost with them has no session any more. */
export const failuresOfPeer: ReadonlySet<Code> = new Set([
  'deadline_exceeded',
  'ci_error',
  'protocol_error',
  'reply_too_large',
  'connection_lost',
]);
