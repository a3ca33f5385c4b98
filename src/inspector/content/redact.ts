/**
 * Decides what the inspector shows of one value. It is called for each value of an event or a context, parents first.
 * Returns the value to show it, another value to show that instead, or `undefined` to leave it out.
 *
 * The path starts with `event` or `context`: `['event', 'user', 'email']`. Its numbers are positions in arrays. If the
 * function throws, the page shows `[redact failed]` instead of the value.
 */
export type Redact = (value: unknown, path: readonly (string | number)[]) => unknown;

/** Replaces a secret. */
export const REDACTED = '[redacted]';

/** Names of secrets, in lower case and without separators. */
const SECRETS: ReadonlySet<string> = new Set([
  'accesstoken',
  'apikey',
  'authorization',
  'bearer',
  'clientsecret',
  'cookie',
  'credential',
  'credentials',
  'csrf',
  'csrftoken',
  'idtoken',
  'jwt',
  'passphrase',
  'passwd',
  'password',
  'privatekey',
  'proxyauthorization',
  'pwd',
  'refreshtoken',
  'secret',
  'secretkey',
  'sessiontoken',
  'setcookie',
  'token',
  'xapikey',
]);

/** Tells whether a key names a secret: `apiKey`, `api_key` and `API-KEY` are the same. */
export function isSecret(key: string): boolean {
  return SECRETS.has(key.toLowerCase().replace(/[^a-z]/g, ''));
}
