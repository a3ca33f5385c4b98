import { describe, expect, test } from 'vitest';
import { changesOf, rowOf } from '../../../../src/inspector/feed/ci-row.js';
import { csvHead, csvOf } from '../../../../src/inspector/server/csv-of.js';
import { statusOf } from './fake-watchable.js';

const { metrics } = statusOf('apollo');

test('a row holds the columns of the tables, and on request the history', () => {
  const status = statusOf('apollo', {
    metrics: {
      ...metrics,
      requests: 9,
      succeeded: 4,
      failed: { deadline_exceeded: 2, unavailable: 3 },
      serviceMs: { ...metrics.serviceMs, p50: 1.5, p99: 8 },
    },
  });
  const row = rowOf(status, 'with history', { seq: 0 });
  expect(row).toMatchObject({ ci: 'apollo', requests: 9, succeeded: 4, failed: 5, p50: 1.5, p99: 8 });
  expect(row).not.toHaveProperty('lastError');
  expect(row.connections[0]).toMatchObject({ connection: 'apollo#1', delayMs: 0, history: [] });
  expect(rowOf(status, 'without', { seq: 0 }).connections[0]).not.toHaveProperty('history');
});

test('shows the last error with its code', () => {
  const lastError = { code: 'deadline_exceeded', message: 'too late', at: 7 } as never;
  expect(rowOf(statusOf('apollo', { lastError }), 'without', { seq: 0 }).lastError).toEqual(lastError);
});

test.each([
  ['plain', 'plain'],
  ['=cmd|calc', "'=cmd|calc"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['=HYPERLINK("http://evil.example")', `"'=HYPERLINK(""http://evil.example"")"`],
  ['a,b', '"a,b"'],
  ['a"b', '"a""b"'],
  ['<script>', '<script>'],
])('a cell of %s is written as %s: no spreadsheet runs it', (name, cell) => {
  const line = csvOf(rowOf(statusOf(name, { connections: [] }), 'without', { seq: 0 }));
  expect(line.startsWith(`${cell},healthy,,,`)).toBe(true);
  expect(line.endsWith('\r\n')).toBe(true);
});

test('each connection has a line, with as many cells as the head', () => {
  const [one] = statusOf('apollo').connections;
  const lines = csvOf(rowOf(statusOf('apollo', { connections: [one, one] as never }), 'without', { seq: 0 }))
    .trimEnd()
    .split('\r\n');
  expect(lines.map((line) => line.split(',').length)).toEqual([21, 21]);
  expect(csvHead.split(',')).toHaveLength(21);
});

describe('the changes of a row', () => {
  const lastError = { code: 'deadline_exceeded', message: 'too late', at: 7 } as const;
  const window = { seconds: 30, succeeded: 1, failed: 0, p50: 1, p99: 1 };
  const recent = { s30: window, m1: window, m5: window, h1: window };
  const own = rowOf(statusOf('apollo'), 'without', { seq: 1 });
  const absent = { downSince: null, unansweredSince: null, recent: null, lastError: null };

  test.each([
    ['downSince', 5],
    ['unansweredSince', 6],
    ['recent', recent],
    ['lastError', lastError],
  ] as const)('say that %s is absent now, also as JSON', (name, value) => {
    const before = { ...own, [name]: value };
    const after = { ...own, seq: 2 };
    expect(JSON.parse(JSON.stringify(changesOf(before, after)))).toEqual({ ci: 'apollo', seq: 2, [name]: null });
    expect(changesOf(before, { ...after, [name]: undefined })).toEqual({ ci: 'apollo', seq: 2, [name]: null });
    expect(changesOf(after, { ...before, seq: 3 })).toEqual({ ci: 'apollo', seq: 3, [name]: value });
  });

  test('say nothing of a field that stays absent', () => {
    expect(changesOf(own, { ...own, downSince: undefined })).toBeUndefined();
    expect(changesOf({ ...own, downSince: undefined }, own)).toBeUndefined();
  });

  test('of a new CI name each absent field: a watcher can know an older row of it', () => {
    expect(changesOf(undefined, own)).toEqual({ ...own, ...absent });
  });
});
