import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createPool } from '../../../src/create-pool.js';
import { createTektonClient } from '../../../src/tekton/index.js';
import { cases, why } from './original/cases.mjs';
import { callOurs, differencesOf, observe, readObserved } from './original/compare.mjs';

const library = { createPool, createTektonClient };
const observed = readObserved();

// The original was observed at commit 2ce65fb6 of github.com/ckoons/Tekton: see original/cases.mjs.
describe('against the same peer, Choragus returns the same as the original, except for the explained differences:', () => {
  test.concurrent.each(cases.map((one) => [one.name, one] as const))('%s', async (name, one) => {
    const original = observed[name];
    if (original === undefined) throw new Error(`observed.jsonl has no "${name}"`);
    const ours = await observe(one, (calls) => callOurs(library, calls));
    const differences = differencesOf(one, original, ours);
    const unexplained = differences.filter(({ field }) => one.differs[field] === undefined);
    expect(unexplained).toEqual([]);
    // A reason without a difference is out of date.
    expect(Object.keys(one.differs).sort()).toEqual([...new Set(differences.map(({ field }) => field))].sort());
  });
});

describe('the table', () => {
  test('has each case once, and only observed cases', () => {
    expect(Object.keys(observed)).toEqual(cases.map(({ name }) => name));
  });

  test.each(Object.values(why))('gives a reason that the page explains: %s', (reason) => {
    const page = readFileSync(new URL('../../../docs/migrating-from-the-python-pool.md', import.meta.url), 'utf8');
    expect(page).toContain(`**${reason}**`);
    expect(cases.some(({ differs }) => Object.values(differs).includes(reason))).toBe(true);
  });
});
