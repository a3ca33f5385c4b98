import { certificates } from '../../support/certificates.js';

/** Each is in one place only, so a finding shows where it came from. */
export const secrets = {
  content: 'SECRET-request-content',
  context: 'SECRET-request-context',
  field: 'SECRET-request-field',
  reply: 'SECRET-reply-content',
  replyType: 'SECRET-reply-type',
  metadata: 'SECRET-chunk-metadata',
  chunk: 'SECRET-chunk-content',
  malformed: 'SECRET-malformed-line',
  peerError: 'SECRET-error-text',
  id: 'SECRET-foreign-id',
  user: 'SECRET-url-user',
  password: 'SECRET-url-password',
  passphrase: 'SECRET-passphrase',
};
/** The lines of a PEM text that contain the key or certificate. */
export const keyLines = (pem: string) => pem.split('\n').filter((line) => line.length >= 20 && !line.includes('-----'));
/** Everything that must not be found. */
export const words = [
  ...Object.values(secrets),
  ...keyLines(certificates.client.key),
  ...keyLines(certificates.server.key),
];
/** An escape sequence that would control a terminal, in every text of the peer. */
export const ANSI = '\u001b[31m\u009b2J';
/** The beginning of one, raw and in JSON. */
export const ESCAPES = ['\u001b', '\u009b', '\\u001b', '\\u009b'];
