import { ChoragusError, type Code } from '../errors/index.js';

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
