import * as v from 'valibot';
import { wholeNumber } from '../checks/index.js';

/** The options that every inspector has: where it listens, and what a watcher must know. */
export const listenOptions = {
  port: v.optional(wholeNumber(0, 65_535), 0),
  host: v.optional(v.message(v.pipe(v.string(), v.minLength(1)), 'an address or a name'), '127.0.0.1'),
  token: v.optional(
    v.message(v.pipe(v.string(), v.minLength(16), v.regex(/^[\w.~-]+$/)), 'at least 16 letters, digits and _ . ~ -'),
  ),
};
