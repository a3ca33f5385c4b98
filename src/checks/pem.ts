import * as v from 'valibot';
import { listOf } from './list-of.js';

/** A certificate or a key, or several in one text. Whether TLS can use it is for whoever connects or listens to find out. */
export const pem = v.union([v.string(), v.instance(Buffer)], 'PEM, as a text or a Buffer');
/** Certificates of authorities. */
export const pems = v.union([pem, listOf(pem, 'a list')], 'PEM, as a text or a Buffer, or a list of these');
