import { ChoragusError, cannotConnect, closedByPeer, notOfWire } from '../../errors/index.js';
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
    return notOfWire('HTTP', code || 'unknown', ci, error);
  }
  if (code.startsWith('UND_ERR_')) {
    if (phase === 'linked') return closedByPeer('in the middle of an answer', { ci, cause: error });
    const why = 'the peer closed the connection without an answer; it may use HTTPS instead of HTTP';
    return cannotConnect(why, { ci, cause: error });
  }
  return fromNodeError(error, phase, ci);
}

/** A fault of the peer or the network; anything else is a bug of ours. */
export function isFault(error: unknown): boolean {
  return error instanceof ChoragusError || codeOf(error) !== undefined || isParserError(error);
}

/** The server is there, and cannot be used. */
export function fromProbe({ status, headers }: Head, said: string | undefined): ChoragusError {
  const details = { status, said, retryAfterMs: retryAfterMs(headers, Date.now()) };
  return cannotConnect(`the server answered with status ${status}`, details);
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** undici's; not all of them have a code. */
function isParserError(error: unknown): boolean {
  return error instanceof Error && (error.name === 'HTTPParserError' || codeOf(error)?.startsWith('HPE_') === true);
}
