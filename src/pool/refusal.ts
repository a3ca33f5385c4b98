import { ChoragusError } from '../errors/index.js';

/** Why a CI takes nothing any more. */
export function refusal(phase: 'open' | 'quarantined' | 'closed'): ChoragusError {
  if (phase === 'quarantined') {
    return new ChoragusError('unavailable', 'the CI is quarantined: its connections crashed too often');
  }
  return new ChoragusError('closed', 'the CI was removed, or the pool closed');
}

/** Why a CI cannot be reached now: what its last link failed of. */
export function unavailable(last: { readonly downReason: string; readonly downCause: unknown }): ChoragusError {
  const { downReason, downCause } = last;
  return new ChoragusError('unavailable', `the CI is down: ${downReason}`, { phase: 'connect', cause: downCause });
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
