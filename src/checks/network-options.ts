import * as v from 'valibot';
import { wholeNumber } from './numbers.js';
import { listOf, optionsOf, recordOf } from './read-once.js';

/**
 * Headers with names and values as HTTP allows them (RFC 9110, section 5): no line ends, which would start another
 * header.
 */
export const headers = recordOf({
  takes: 'strings by name',
  name: v.pipe(v.string(), v.regex(/^[\w!#$%&'*+.^`|~-]+$/, "a header's name")),
  value: v.message(v.pipe(v.string(), v.regex(/^[\t\x20-\x7e\x80-\xff]*$/)), 'a string that a header can hold'),
});

/** One or more certificates or keys in PEM. Whether they are valid is checked when they are used. */
export const pem = v.union([v.string(), v.instance(Buffer)], 'PEM, as a string or a Buffer');
/** Certificates of certificate authorities. */
export const pems = v.union([pem, listOf(pem, 'a list')], 'PEM, as a string or a Buffer, or a list of these');

const someText = v.message(v.pipe(v.string(), v.minLength(1)), 'a string that is not empty');

/**
 * Where to listen, for all functions that serve sockets. The listener checks whether the certificate and the key are
 * valid.
 */
export const listenOptions = {
  port: v.optional(wholeNumber(0, 65_535)),
  host: v.optional(someText),
  path: v.optional(someText),
  tls: v.optional(
    optionsOf({
      cert: pem,
      key: pem,
      ca: v.optional(pems),
      passphrase: v.optional(v.string('a string')),
      requestCert: v.optional(v.boolean('true or false')),
      rejectUnauthorized: v.optional(v.boolean('true or false')),
    }),
  ),
};
