import { ChoragusError } from '../errors/index.js';

/** What requests under way fail of when their link goes, other than by its own error. */
export function lost(message: string, cause?: unknown): ChoragusError {
  return new ChoragusError('connection_lost', message, { cause });
}

/** A retired connection closes when its requests are over: nobody is left to be told. */
export function retired(): ChoragusError {
  return new ChoragusError('closed', 'the connection was retired');
}
