import {
  ChoragusError,
  cannotConnect,
  ciError,
  ciOverloaded,
  closedByPeer,
  notOfWire,
  peerWords,
} from '../../errors/index.js';
import { fromNodeError, type SocketPhase } from '../socket/node-error.js';
import type { ChatDialect } from './dialect.js';
import { errorInBody } from './error-words.js';
import { type Head, retryAfterMs } from './response-head.js';

/** Converts an exception of undici or Node to a `ChoragusError`. */
export function fromHttpError(error: unknown, phase: SocketPhase, ci: string): ChoragusError {
  if (error instanceof ChoragusError) return error.with({ ci });
  const code = codeOf(error) ?? '';
  if (isParserError(error)) {
    // undici attaches the received bytes. They can be content, and errors are logged.
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

/** Returns whether an error is a fault of the peer or the network. Any other error is a bug of this library. */
export function isFault(error: unknown): boolean {
  return error instanceof ChoragusError || codeOf(error) !== undefined || isParserError(error);
}

/** Returns the error for a server that is up and cannot be used. */
export function fromProbe({ status, headers }: Head, said: string | undefined): ChoragusError {
  const details = { status, said, retryAfterMs: retryAfterMs(headers, Date.now()) };
  return cannotConnect(`the server answered with status ${status}`, details);
}

function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Returns whether undici's parser threw the error. Not all of its errors have a code. */
function isParserError(error: unknown): boolean {
  return error instanceof Error && (error.name === 'HTTPParserError' || codeOf(error)?.startsWith('HPE_') === true);
}

/** The statuses of an overloaded server. */
const OVERLOADED = [429, 503];

/** Returns the error for an answer whose status is not 2xx. */
export function refusedAnswer({ status, headers }: Head, body: Uint8Array, dialect: ChatDialect): ChoragusError {
  const words = status >= 300 && status < 400 ? redirected(headers) : errorInBody(body);
  const said = [words, hintOf(status, dialect)].filter((text) => text !== undefined).join(' ');
  const details = {
    status,
    retryAfterMs: retryAfterMs(headers, Date.now()),
    said: said === '' ? undefined : said,
  };
  return OVERLOADED.includes(status) ? ciOverloaded(details) : ciError(details);
}

/** Returns what a user needs to know in addition to the server's words. */
function hintOf(status: number, { model, chatPath, keyPlace }: ChatDialect): string | undefined {
  if (status === 404) return `(asked for the model ${JSON.stringify(model)} at ${chatPath})`;
  return status === 401 || status === 403 ? `(the API key comes from ${keyPlace})` : undefined;
}

function redirected({ location }: Head['headers']): string {
  const to = Array.isArray(location) ? location[0] : location;
  return to === undefined
    ? 'it redirects, and does not say where to'
    : `it redirects to ${peerWords(to)}, which is not followed: use that address`;
}
