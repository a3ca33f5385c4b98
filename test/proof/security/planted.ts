import { certificates } from '../../support/certificates.js';

/** Each stands in one place only, so that what is found says where it came from. */
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
/** The lines of a PEM text that hold what it is. */
export const keyLines = (pem: string) => pem.split('\n').filter((line) => line.length >= 20 && !line.includes('-----'));
/** All that must not be found. */
export const words = [
  ...Object.values(secrets),
  ...keyLines(certificates.client.key),
  ...keyLines(certificates.server.key),
];
/** An escape sequence that would paint a terminal, in every text of the peer's. */
export const ANSI = '\u001b[31m\u009b2J';
/** What begins one, as it is and as JSON writes it. */
export const ESCAPES = ['\u001b', '\u009b', '\\u001b', '\\u009b'];
