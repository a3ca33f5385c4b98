import { describe, expect, test } from 'vitest';
import { isBrowserMissing, shows, useBrowser } from './browser.js';
import { follower } from './followed.js';
import { type Sample, sampler, samplesOf } from './samples.js';
import { startService } from './service.js';

const CIS = 5_000;
/** Enough for a slow machine, and less than a feed needs that waits for other work of a quiet process: 40 s for 2,900 CIs. */
const PATIENCE_MS = 25_000;
/** Number of times the page has to be seen with connections in several states. */
const SEEN = 6;

describe.skipIf(isBrowserMissing)('the page with 5,000 CIs', () => {
  const opened = useBrowser();

  test('of a quiet service: says how many of all have arrived, and soon has all', async () => {
    await using service = await startService({ cis: CIS });
    await using view = await opened('about:blank', { before: follower });
    const { page } = view;
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(service.url);
    await page.locator('.shown', { hasText: '5,000 of 5,000 CIs' }).waitFor();
    await shows(page, 'healthy', CIS);
    await page.getByText(/^Loading/).waitFor({ state: 'detached' });
    for (const text of await page.evaluate<string[]>('loading')) expect(text).toMatch(/^Loading [\d,]+ of 5,000 CIs\./);
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);

  test('in a storm: shows no state that a newer one has replaced, and in the end what the pool says', async () => {
    await using service = await startService({ cis: CIS, asksPerSecond: 500, pool: { maxConnections: 1 } });
    await using view = await opened(service.url, { before: `${follower}\n${sampler}` });
    const { page } = view;
    await shows(page, 'healthy', CIS);
    await service.churn(500);
    const mixed = `samples.filter(({ counts }) => counts.healthy !== ${CIS}).length`;
    await expect
      .poll(() => page.evaluate<number>(mixed), { timeout: PATIENCE_MS, interval: 500 })
      .toBeGreaterThanOrEqual(SEEN);
    await service.churn(0);
    await shows(page, 'healthy', CIS);
    expect(await service.counts()).toEqual({ healthy: CIS });
    const truth = truthAt(await page.evaluate<Sample[]>('followed'));
    const shown = (await samplesOf(page, 'all')).map(({ at, counts }) => ({ at, counts: present(counts) }));
    for (const { at, counts } of shown) expect(truth.get(at)).toContainEqual(counts);
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);
});

/** Returns the counts that held at each time: several, if more than one message has it as its newest. */
function truthAt(followed: readonly Sample[]): ReadonlyMap<number, readonly Record<string, number>[]> {
  const truth = new Map<number, Record<string, number>[]>();
  for (const { at, counts } of followed) truth.set(at, [...(truth.get(at) ?? []), present(counts)]);
  return truth;
}

/** Leaves out the states without connections. */
function present(counts: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
