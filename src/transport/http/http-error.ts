import { ChoragusError } from '../../errors/index.js';
import { fromNodeError, type SocketPhase } from '../socket/node-error.js';
import type { Head } from './refused-answer.js';
import { retryAfterMs } from './retry-after.js';

/** What undici and Node throw → ours. */
export function fromHttpError(error: unknown, phase: SocketPhase, ci: string): ChoragusError {
  if (error instanceof ChoragusError) return error.with({ ci });
  const code = codeOf(error) ?? '';
  if (isParserError(error)) {
    // undici hangs the bytes on it; they can hold content, and errors are logged.
    if ('data' in (error as object)) delete (error as { data?: unknown }).data;
    return new ChoragusError('protocol_error', `what came is no HTTP (${code || 'unknown'})`, { ci, cause: error });
  }
  if (code.startsWith('UND_ERR_')) {
    if (phase === 'linked') {
      const message = 'the connection was lost: the peer closed it in the middle of an answer';
      return new ChoragusError('connection_lost', message, { ci, cause: error });
    }
    const message =
      'cannot connect: the peer closed the connection without an answer; it may speak HTTPS in place of HTTP';
    return new ChoragusError('unavailable', message, { ci, delivery: 'not_sent', phase: 'connect', cause: error });
  }
  return fromNodeError(error, phase, ci);
}

/** A fault of the peer or the network; anything else is a bug of ours. */
export function isFault(error: unknown): boolean {
  return error instanceof ChoragusError || codeOf(error) !== undefined || isParserError(error);
}

/** The server is there, and cannot be used. */
export function fromProbe({ status, headers }: Head, said: string | undefined): ChoragusError {
  const wait = retryAfterMs(headers, Date.now());
  const details = { delivery: 'not_sent', phase: 'connect', status, said, retryAfterMs: wait } as const;
  return new ChoragusError('unavailable', `cannot connect: the server answered with status ${status}`, details);
}

/** The socket did not come up in time. */
export function tooSlow(connectTimeoutMs: number): ChoragusError {
  const message = `cannot connect: the network gave no answer within ${connectTimeoutMs} ms (connectTimeoutMs)`;
  return new ChoragusError('unavailable', message, { delivery: 'not_sent', phase: 'connect' });
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** undici's; not all of them have a code. */
function isParserError(error: unknown): boolean {
  return error instanceof Error && (error.name === 'HTTPParserError' || codeOf(error)?.startsWith('HPE_') === true);
}
