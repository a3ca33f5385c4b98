import * as v from 'valibot';
import { listOf } from './list-of.js';

/** A certificate or a key, or several in one text. TLS itself finds out later whether it can use it. */
export const pem = v.union([v.string(), v.instance(Buffer)], 'PEM, as a text or a Buffer');
/** Certificates of authorities. */
export const pems = v.union([pem, listOf(pem, 'a list')], 'PEM, as a text or a Buffer, or a list of these');
