import { describe, expect, test } from 'vitest';
import { acceptsGzip, formatFor } from '../../../src/prometheus/accept.js';

describe('the format for an Accept header', () => {
  test.each([
    ['none', undefined, 'text'],
    ['empty', '', 'text'],
    ['a browser', 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', 'text'],
    ['curl', '*/*', 'text'],
    [
      'Prometheus 2.42',
      'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
      'openMetrics',
    ],
    [
      'Prometheus 3',
      'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
      'openMetrics',
    ],
    ['one that prefers the text', 'application/openmetrics-text;q=0.3, text/plain;q=0.9', 'text'],
    ['one that refuses OpenMetrics', 'application/openmetrics-text;q=0, */*;q=0.1', 'text'],
    ['OpenMetrics of a version that we do not have', 'application/openmetrics-text;version=2.0.0', 'text'],
    ['capitals and spaces', ' Application/OpenMetrics-Text ; Version=1.0.0 ; Q=1 ', 'openMetrics'],
    ['only what we do not have', 'application/vnd.google.protobuf', 'text'],
    ['no number as q', 'application/openmetrics-text;q=high', 'text'],
    ['separators alone', ',;,;q=,', 'text'],
  ] as const)('%s', (_name, header, format) => {
    expect(formatFor(header)).toBe(format);
  });
});

describe('gzip', () => {
  test.each([
    [undefined, false],
    ['', false],
    ['identity', false],
    ['gzip', true],
    ['deflate, GZIP;q=0.5', true],
    ['gzip;q=0', false],
    ['*', true],
    ['gzip;q=0, *', false],
    ['br;q=1.0, *;q=0', false],
  ])('%s: %s', (header, accepts) => {
    expect(acceptsGzip(header)).toBe(accepts);
  });
});
