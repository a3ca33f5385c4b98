import { afterEach, expect, test } from 'vitest';
import { retryAfterMs } from '../../../../src/transport/http/response-head.js';

const NOW = Date.UTC(1994, 10, 6, 8, 49, 0);
const DAY = 86_400_000;

const zone = process.env.TZ;
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

test.each<[header: string | string[] | undefined, ms: number | undefined]>([
  [undefined, undefined],
  ['', undefined],
  ['   ', undefined],
  ['0', 0],
  ['5', 5_000],
  [' 7 ', 7_000],
  ['007', 7_000],
  ['0.25', 250],
  ['1.0005', 1_001],
  ['-3', 0],
  ['-0.5', 0],
  ['86400', DAY],
  ['86401', DAY],
  ['1000000000000000000000000000', DAY],
  [['3', '4'], 3_000],
  [[], undefined],
  ['Sun, 06 Nov 1994 08:49:37 GMT', 37_000],
  ['Sunday, 06-Nov-94 08:49:37 GMT', 37_000],
  ['Sun Nov  6 08:49:37 1994', 37_000],
  ['Sun, 06 Nov 1994 08:48:00 GMT', 0],
  ['Fri, 31 Dec 1999 23:59:59 GMT', DAY],
  ['soon', undefined],
  ['5 seconds', undefined],
  ['30s', undefined],
  ['1e3', undefined],
  ['Infinity', undefined],
  ['NaN', undefined],
  ['+5', undefined],
  ['60 (per key)', undefined],
])('Retry-After: %j is %s ms', (header, ms) => {
  expect(retryAfterMs({ 'retry-after': header }, NOW)).toBe(ms);
});

test.each(['America/New_York', 'Asia/Tokyo'])('a date without a zone is GMT, also in %s', (TZ) => {
  process.env.TZ = TZ;
  expect(retryAfterMs({ 'retry-after': 'Sun Nov  6 08:49:37 1994' }, NOW)).toBe(37_000);
});

test.each<[what: string, headers: Record<string, string | string[]>, ms: number | undefined]>([
  ['retry-after-ms alone', { 'retry-after-ms': '250' }, 250],
  ['its fraction is rounded up', { 'retry-after-ms': '250.2' }, 251],
  ['it wins over Retry-After', { 'retry-after-ms': '250', 'retry-after': '9' }, 250],
  ['never negative', { 'retry-after-ms': '-1', 'retry-after': '9' }, 0],
  ['at most a day', { 'retry-after-ms': '99999999999' }, DAY],
  ['unreadable: Retry-After applies', { 'retry-after-ms': 'soon', 'retry-after': '9' }, 9_000],
  ['empty: Retry-After applies', { 'retry-after-ms': '', 'retry-after': '9' }, 9_000],
  ['it cannot be a date', { 'retry-after-ms': 'Sun, 06 Nov 1994 08:49:37 GMT' }, undefined],
  ['other headers have no effect', { 'x-ratelimit-reset': '9' }, undefined],
])('%s', (_what, headers, ms) => {
  expect(retryAfterMs(headers, NOW)).toBe(ms);
});
