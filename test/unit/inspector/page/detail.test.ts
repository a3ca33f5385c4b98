import { describe, expect, test } from 'vitest';
import type { CiRow, PastTransition, Window } from '../../../../src/inspector/feed/records.js';
import { clock } from '../../../../src/inspector/page/spans.js';
import { backoffLeftMs, troubleLinesOf } from '../../../../src/inspector/page/troubles.js';
import { ChosenCi } from '../../../../src/inspector/page/views/detail/chosen-ci.js';
import { countsText } from '../../../../src/inspector/page/views/detail/connection-texts.js';
import { ciText, errorText } from '../../../../src/inspector/page/views/detail/copies.js';
import { failureRows } from '../../../../src/inspector/page/views/detail/failure-rows.js';
import { sinceStart, windowRows } from '../../../../src/inspector/page/views/detail/window-rows.js';
import { connectionRow, hello, row } from './records.js';

const AT = 1_000_000;
const window = (seconds: number, succeeded = 38, failed = 62): Window => ({
  seconds,
  succeeded,
  failed,
  p50: 1.234,
  p99: 250.4,
});
const down: CiRow = {
  ...row('down', 'reconnecting'),
  downSince: AT - 123_000,
  attempt: 14,
  connections: [{ ...connectionRow('down#1', 'reconnecting'), since: AT - 2_000, delayMs: 5_000 }],
};
const past: PastTransition = {
  at: 900,
  from: 'connecting',
  to: 'reconnecting',
  reason: 'unavailable',
  attempt: 1,
  delayMs: 5_000,
};

describe('the windows of a CI', () => {
  test('have counts, a share, a rate and percentiles', () => {
    const rows = windowRows({ recent: { s30: window(30), m1: window(60), m5: window(300), h1: window(3_600) } });
    expect(rows[0]).toEqual({
      title: 'last 30 s',
      note: '',
      requests: '100',
      errors: '62',
      share: '62 %',
      rate: '3.3',
      p50: '1.23',
      p99: '250',
    });
    expect(rows.map(({ note }) => note)).toEqual(['', '', '', '']);
  });

  test.each([
    ['covers less', window(42), '42 s so far'],
    ['covers nothing yet', window(0.2), '< 1 s so far'],
    ['has slots that end a little later', window(285), ''],
    ['covers more, after a blocked event loop', window(400), 'covers 6 m 40 s'],
  ])('say so if one %s', (_, m5, note) => {
    expect(windowRows({ recent: { s30: window(30), m1: window(60), m5, h1: window(3_600) } })[2]?.note).toBe(note);
  });

  test('are none without requests; since the start, a share of nothing is no number', () => {
    expect(windowRows({ recent: undefined })).toEqual([]);
    expect(sinceStart({ succeeded: 0, failed: 0, p50: 0, p99: 0 })).toMatchObject({
      requests: '0',
      share: '–',
      rate: '–',
      p50: '–',
    });
    expect(sinceStart({ succeeded: 36_200_000, failed: 1, p50: 1, p99: 2 })).toMatchObject({
      requests: '36.2M',
      errors: '1',
      share: '<1 %',
    });
  });
});

test('the errors by code: the most frequent first, as shares of all errors', () => {
  expect(failureRows({ failures: { unavailable: 1, ci_error: 3, closed: 0 } })).toEqual([
    { code: 'ci_error', count: 3, part: 0.75 },
    { code: 'unavailable', count: 1, part: 0.25 },
  ]);
});

describe('the copied text', () => {
  test('of a CI is its whole row with the past of each connection', () => {
    expect(JSON.parse(ciText(down, new Map([['down#1', [past]]])))).toEqual({
      ...down,
      connections: [{ ...down.connections[0], history: [past] }],
    });
  });

  test.each([
    ['[ci_error] out of memory', 'out of memory'],
    ['out of memory', 'out of memory'],
    ['[other] out of memory', '[other] out of memory'],
  ])('of the error %j names the code once', (message, shown) => {
    const lastError = { code: 'ci_error', message, at: Date.UTC(2026, 10, 30, 12) };
    expect(errorText({ ci: 'apollo', lastError })).toBe(`2026-11-30T12:00:00.000Z apollo ci_error: ${shown}`);
  });
});

describe('the trouble of a CI in the pane', () => {
  test('says since when and for how long it is down', () => {
    expect(troubleLinesOf(down, AT).map(({ text }) => text)).toEqual([
      `down since ${clock(AT - 123_000)} (2 m 3 s), 14 attempts, next dial in 3 s`,
    ]);
  });

  test('says that a dial is due once the backoff is over', () => {
    expect(troubleLinesOf(down, AT + 4_000)[0]?.text).toMatch(/, dial due$/);
  });
});

describe('a connection', () => {
  const [waiting] = down.connections as [CiRow['connections'][number]];

  test.each([
    [AT, 3_000],
    [AT + 9_000, 0],
    // The service's clock can be set back.
    [AT - 60_000, 5_000],
  ])('at %i has %i ms of its backoff left', (at, leftMs) => {
    expect(backoffLeftMs(waiting, at)).toBe(leftMs);
  });

  test('waits for nothing while it dials, or is up', () => {
    expect(backoffLeftMs({ ...waiting, state: 'connecting' }, AT)).toBeUndefined();
    expect(backoffLeftMs(connectionRow('a#1', 'healthy'), AT)).toBeUndefined();
  });

  test('is counted by its state', () => {
    expect(countsText([])).toBe('none');
    expect(
      countsText([
        connectionRow('a#1', 'healthy'),
        connectionRow('a#2', 'reconnecting'),
        connectionRow('a#3', 'healthy'),
      ]),
    ).toBe('2 healthy, 1 reconnecting');
  });
});

describe('the chosen CI', () => {
  const state = (cis: readonly CiRow[], at: number, more: object = {}) => ({
    cis: new Map(cis.map((ci) => [ci.ci, ci])),
    histories: new Map([['down#1', [past]]]),
    isReady: true,
    at,
    hello: hello(),
    ...more,
  });

  test('is awaited until the whole state has arrived; then it is known or not', () => {
    const chosen = new ChosenCi();
    expect(chosen.look('', state([down], 1))).toEqual({ is: 'none' });
    expect(chosen.look('down', state([], 1, { isReady: false }))).toEqual({ is: 'awaited', name: 'down' });
    expect(chosen.look('other', state([down], 1))).toEqual({ is: 'unknown', name: 'other' });
    expect(chosen.look('down', state([down], 1))).toMatchObject({ is: 'there', ci: down });
  });

  test('stays with its last state and past after its removal, until it is there again', () => {
    const chosen = new ChosenCi();
    chosen.look('down', state([down], 1));
    const removed = { is: 'removed', ci: down, pasts: new Map([['down#1', [past]]]), at: 2 };
    expect(chosen.look('down', state([], 2, { histories: new Map() }))).toEqual(removed);
    expect(chosen.look('down', state([], 3, { histories: new Map() }))).toEqual(removed);
    const other = row('down', 'healthy');
    expect(chosen.look('down', state([other], 4))).toMatchObject({ is: 'there', ci: other });
  });

  test('is unknown, not removed, in another process and at an earlier time of a recording', () => {
    const chosen = new ChosenCi();
    chosen.look('down', state([down], 5));
    expect(chosen.look('down', state([], 4))).toMatchObject({ is: 'unknown' });
    chosen.look('down', state([down], 5));
    expect(chosen.look('down', state([], 6, { hello: { ...hello(), instance: 'two' } }))).toMatchObject({
      is: 'unknown',
    });
  });

  test('is the same object until something changes, so that the pane is not drawn again', () => {
    const chosen = new ChosenCi();
    const first = state([down], 1);
    const before = chosen.look('down', first);
    expect(chosen.look('down', { ...first, at: 2 })).toBe(before);
    expect(chosen.look('down', { ...first, histories: new Map([['down#1', [past, past]]]) })).not.toBe(before);
  });
});
