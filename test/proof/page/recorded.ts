import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Recorded } from '../../../src/inspector/feed/records.js';
import { type Sample, samplesOf, seekTo } from './samples.js';

/** Saves a recording, and returns its path. */
export async function saved(page: Page): Promise<string> {
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  return (await saving).path();
}

/** Returns the records of a recording. */
export const recordsIn = (path: string): Recorded[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded);

/**
 * Expects that a replay shows at each time what the page showed live. Several changes can have one time, and a live page
 * can have received only the first of them: as many may differ as have that very time.
 */
export async function expectSame(page: Page, records: readonly Recorded[], live: readonly Sample[]): Promise<void> {
  for (const { at, counts } of live) {
    await seekTo(page, at);
    const [replayed] = await samplesOf(page, 'present');
    const changes = records.filter((record) => record.t === 'transition' && record.at === at).length;
    const difference = Object.keys(counts).reduce(
      (sum, state) => sum + Math.abs((counts[state] ?? 0) - (replayed?.counts[state] ?? 0)),
      0,
    );
    // A change takes one from a state and gives one to another.
    if (difference > 2 * changes) expect([at, replayed?.counts]).toEqual([at, counts]);
  }
}
