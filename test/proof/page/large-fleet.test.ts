import { describe, expect, test } from 'vitest';
import { isBrowserMissing, useBrowser } from './browser.js';
import { LOADING } from './loading.js';
import { startService } from './service.js';

const CIS = 5_000;
/** Enough for a slow machine, and less than a feed needs that waits for other work of a quiet process. */
const PATIENCE_MS = 30_000;

describe.skipIf(isBrowserMissing)('the page with 5,000 CIs', () => {
  const opened = useBrowser();

  test('of a quiet service: says how many of all have arrived, and then has all', async () => {
    await using service = await startService({ cis: CIS, links: 'none' });
    await using view = await opened('about:blank', { before: LOADING });
    const { page } = view;
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(service.url);
    await page.locator('.facts', { hasText: '5,000 of 5,000' }).waitFor();
    await page.getByText(/^Loading/).waitFor({ state: 'detached' });
    const told = await page.evaluate<string[]>('globalThis.loading');
    expect(told.length).toBeGreaterThan(0);
    for (const text of told) expect(text).toMatch(/^Loading [\d,]+ of 5,000 CIs\.$/);
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);
});
