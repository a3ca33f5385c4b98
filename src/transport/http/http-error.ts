import { ChoragusError } from '../../errors/index.js';
import { fromNodeError, type SocketPhase } from '../socket/node-error.js';

/** What undici and Node throw → ours. */
export function fromHttpError(error: unknown, phase: SocketPhase, ci: string): ChoragusError {
  if (error instanceof ChoragusError) return error.with({ ci });
  const code = codeOf(error) ?? '';
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return refused('the network gave no answer', ci, error);
  if (isParserError(error)) {
    return new ChoragusError('protocol_error', `what came is no HTTP (${code || 'unknown'})`, { ci, cause: error });
  }
  if (code === 'UND_ERR_SOCKET' && phase === 'linked') {
    const message = 'the connection was lost: the peer closed it in the middle of an answer';
    return new ChoragusError('connection_lost', message, { ci, cause: error });
  }
  return fromNodeError(error, phase, ci);
}

/** A fault of the peer or the network; anything else is a bug of ours. */
export function isFault(error: unknown): boolean {
  return error instanceof ChoragusError || codeOf(error) !== undefined || isParserError(error);
}

/** The server is there, and is not what was looked for. */
export function fromProbe(status: number, ci: string): ChoragusError {
  return refused(`the server answered with status ${status}`, ci);
}

function refused(why: string, ci: string, cause?: unknown): ChoragusError {
  const details = { ci, delivery: 'not_sent', phase: 'connect', cause } as const;
  return new ChoragusError('unavailable', `cannot connect: ${why}`, details);
}

/** When a server says that it can be asked again: the seconds of `Retry-After`, which may be a date. */
export function retryAfterSeconds(header: string | string[] | undefined, nowMs: number): number | undefined {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - nowMs) / 1_000));
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** undici's; not all of them have a code. */
function isParserError(error: unknown): boolean {
  return error instanceof Error && (error.name === 'HTTPParserError' || codeOf(error)?.startsWith('HPE_') === true);
}
