import { describe, expect, test } from 'vitest';
import type { CiRow, Window } from '../../../../src/inspector/feed/records.js';
import { heldOrder, listOf, type Overview, ranksOf } from '../../../../src/inspector/page/ci-list.js';
import { clock } from '../../../../src/inspector/page/spans.js';
import { isInTrouble, type Trouble, troubleOf } from '../../../../src/inspector/page/troubles.js';
import { connectionRow, row } from './records.js';

const AT = 100_000;
const window = (succeeded: number, failed: number): Window => ({ seconds: 30, succeeded, failed, p50: 1, p99: 2 });
const recent = (succeeded: number, failed: number) => {
  const one = window(succeeded, failed);
  return { s30: one, m1: one, m5: one, h1: one };
};
const down: CiRow = {
  ...row('down', 'reconnecting'),
  downSince: 40_000,
  attempt: 14,
  connections: [{ ...connectionRow('down#1', 'reconnecting'), since: 98_000, delayMs: 5_000 }],
};
const erring: CiRow = { ...row('erring', 'healthy'), recent: recent(38, 62) };
const hung: CiRow = { ...row('hung', 'healthy'), unansweredSince: 58_000, inFlight: 3 };
const some: CiRow = { ...row('some', 'healthy'), recent: recent(95, 5) };

describe('the trouble of a CI', () => {
  test.each<[string, CiRow, Partial<Trouble> | undefined]>([
    [
      'down',
      down,
      { kind: 'down', severity: 'bad', texts: [`down since ${clock(40_000)}, 14 attempts, next dial in 3 s`] },
    ],
    ['failing', erring, { kind: 'failing', severity: 'bad', texts: ['failing 62 % (2.1/s)'] }],
    ['unanswered', hung, { kind: 'unanswered', severity: 'warning', texts: ['no answer for 42 s'] }],
    ['failing some', some, { kind: 'failing some', severity: 'warning' }],
    ['failing 4 %', { ...some, recent: recent(96, 4) }, undefined],
    ['unanswered for 9 s', { ...hung, unansweredSince: AT - 9_000 }, undefined],
    ['healthy', row('fine', 'healthy'), undefined],
    [
      'dialling for the first time',
      { ...row('new', 'connecting'), since: AT - 999 },
      { kind: 'unsteady', severity: 'note' },
    ],
    [
      'dialling for 1 s',
      { ...row('slow', 'connecting'), since: AT - 1_000 },
      { kind: 'unlinked', severity: 'warning', texts: ['connecting for 1 s'] },
    ],
    ['quarantined', row('mad', 'quarantined'), { kind: 'quarantined', severity: 'bad' }],
  ])('%s', (_, ci, expected) => {
    const trouble = troubleOf(ci, AT);
    if (expected === undefined) expect(trouble).toBeUndefined();
    else expect(trouble).toMatchObject(expected);
  });

  test('names each kind that applies, and counts no first dial', () => {
    expect(troubleOf({ ...erring, unansweredSince: 58_000 }, AT)?.texts).toEqual([
      'failing 62 % (2.1/s)',
      'no answer for 42 s',
    ]);
    expect(isInTrouble(troubleOf({ ...row('new', 'connecting'), since: AT - 500 }, AT))).toBe(false);
  });
});

describe('the list of CIs', () => {
  const all = [
    row('ci-10', 'healthy'),
    some,
    hung,
    row('ci-2', 'healthy'),
    erring,
    { ...row('new', 'connecting'), since: AT - 500 },
    down,
  ];
  const cis = new Map(all.map((ci) => [ci.ci, ci]));
  const overview: Overview = {
    cis,
    troubles: new Map(
      all.flatMap((ci): [string, Trouble][] => {
        const trouble = troubleOf(ci, AT);
        return trouble === undefined ? [] : [[ci.ci, trouble]];
      }),
    ),
    ranks: ranksOf(cis.keys()),
  };
  const choice = { search: '', sort: 'trouble', states: [], codes: [], trouble: false, window: 'm1' } as const;

  test('shows the worst trouble first, then names in numeric order', () => {
    expect(listOf(overview, choice)).toEqual(['down', 'erring', 'hung', 'some', 'new', 'ci-2', 'ci-10']);
  });
  test('shows only the CIs in trouble', () =>
    expect(listOf(overview, { ...choice, trouble: true })).toEqual(['down', 'erring', 'hung', 'some']));
  test('filters by error code', () => {
    const failed = { ...overview, cis: new Map([...cis, ['some', { ...some, failures: { ci_error: 5 } }]]) };
    expect(listOf(failed, { ...choice, codes: ['ci_error'] })).toEqual(['some']);
  });
  test('keeps a held order: nothing moves, new CIs come last, removed ones leave', () =>
    expect(heldOrder(['ci-2', 'gone', 'down'], ['down', 'new', 'ci-2'], cis)).toEqual(['ci-2', 'down', 'new']));
});
