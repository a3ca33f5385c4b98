import { type ChoragusError, ciError, ciOverloaded, peerWords } from '../../errors/index.js';
import type { ChatDialect } from './dialect.js';
import { errorInBody } from './error-words.js';
import { retryAfterMs } from './retry-after.js';

/** The head of an answer; header names are in lower case. */
export interface Head {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The statuses by which a server says that it has too much to do. */
const OVERLOADED = [429, 503];

/** What an answer with another status than 2xx says, as the error of its request. */
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

/** What a user needs to know beside the server's words. */
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
