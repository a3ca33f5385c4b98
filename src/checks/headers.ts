import * as v from 'valibot';
import { recordOf } from './record-of.js';

/** Names and values as HTTP allows them (RFC 9110, section 5): no line ends, which would begin another header. */
export const headers = recordOf({
  takes: 'texts by name',
  name: v.pipe(v.string(), v.regex(/^[\w!#$%&'*+.^`|~-]+$/, "a header's name")),
  value: v.message(v.pipe(v.string(), v.regex(/^[\t\x20-\x7e\x80-\xff]*$/)), 'a text that a header can hold'),
});
