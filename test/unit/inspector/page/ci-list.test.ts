import { describe, expect, test } from 'vitest';
import { type ListChoice, listOf, ranksOf } from '../../../../src/inspector/page/ci-list.js';
import { row } from './records.js';

describe('the list of CIs', () => {
  const rows = [row('ci-10', 'healthy'), row('ci-2', 'reconnecting'), row('apollo', 'quarantined')];
  const cis = new Map(rows.map((one) => [one.ci, one]));
  const overview = { cis, troubles: new Map(), ranks: ranksOf(cis.keys()) };
  const choice = { search: '', sort: 'ci', states: [], codes: [], trouble: false, window: 'm1' } as const;
  const names = (change: Partial<ListChoice>) => listOf(overview, { ...choice, ...change });

  test.each<[string, Partial<ListChoice>, string[]]>([
    ['is sorted by name, with numbers in numeric order', {}, ['apollo', 'ci-2', 'ci-10']],
    ['by name, backwards', { sort: '-ci' }, ['ci-10', 'ci-2', 'apollo']],
    ['by the urgency of the state', { sort: 'state' }, ['apollo', 'ci-2', 'ci-10']],
    ['by an unknown column: by trouble, and without any by name', { sort: 'nothing' }, ['apollo', 'ci-2', 'ci-10']],
    ['has the CIs in the chosen states', { states: ['healthy', 'quarantined'] }, ['apollo', 'ci-10']],
    ['has the CIs with a text, in any case', { search: 'CI-1' }, ['ci-10']],
  ])('%s', (_, change, expected) => expect(names(change)).toEqual(expected));
});
