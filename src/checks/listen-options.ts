import * as v from 'valibot';
import { wholeNumber } from './numbers.js';
import { optionsOf } from './options-of.js';
import { pem, pems } from './pem.js';

const someText = v.message(v.pipe(v.string(), v.minLength(1)), 'a text that is not empty');

/** Where to listen, for whatever serves sockets. Whether TLS can use its settings is for the listener to find out. */
export const listenOptions = {
  port: v.optional(wholeNumber(0, 65_535)),
  host: v.optional(someText),
  path: v.optional(someText),
  tls: v.optional(
    optionsOf({
      cert: pem,
      key: pem,
      ca: v.optional(pems),
      passphrase: v.optional(v.string('a text')),
      requestCert: v.optional(v.boolean('true or false')),
      rejectUnauthorized: v.optional(v.boolean('true or false')),
    }),
  ),
};
