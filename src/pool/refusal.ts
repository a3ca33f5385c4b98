import { invalidConfig } from '../checks/index.js';
import type { Transport, WireMessage } from '../contract/index.js';
import { ChoragusError, describeValue, type Phase } from '../errors/index.js';

/** Why a CI takes nothing any more. */
export function refusal(phase: 'open' | 'quarantined' | 'closed'): ChoragusError {
  if (phase === 'quarantined') {
    return new ChoragusError('unavailable', 'the CI is quarantined: its connections crashed too often');
  }
  return new ChoragusError('closed', 'the CI was removed, or the pool closed');
}

/** Checks that a CI's wire can carry a message. @throws ChoragusError `invalid_config`, naming what it cannot carry. */
export function checkCarried(message: object, { name, transport }: { name: string; transport: Transport }): void {
  const why = transport.refusal === undefined ? lineRefusal(message) : transport.refusal(message);
  if (why !== undefined) throw new ChoragusError('invalid_config', why, { ci: name, delivery: 'not_sent' });
}

/** Why a message cannot go over a wire that carries single messages. */
function lineRefusal({ type = 'chat', content, messages }: Partial<WireMessage>): string | undefined {
  if (type !== 'chat' || content !== undefined || messages === undefined) return undefined;
  return 'messages in place of content can be sent to model servers alone (ollama:, openai+http:)';
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
