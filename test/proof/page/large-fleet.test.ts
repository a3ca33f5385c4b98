import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isBrowserMissing, shows, useBrowser } from './browser.js';
import { LOADING } from './loading.js';
import { sampler, samplesOf } from './samples.js';
import { type Service, startService } from './service.js';

const CIS = 5_000;
/** A page that is fed only by a busy process needs longer than that. */
const PATIENCE_MS = 30_000;

describe.skipIf(isBrowserMissing)('the page with 5,000 CIs', () => {
  const opened = useBrowser();
  let service: Service;

  beforeAll(async () => {
    service = await startService({ cis: CIS });
  }, 150_000);
  afterAll(() => service?.[Symbol.asyncDispose]());

  test('of a quiet service: says how many of all have arrived, and then has all', async () => {
    await using view = await opened('about:blank', { before: LOADING });
    const { page } = view;
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(service.url);
    await shows(page, 'healthy', CIS);
    await page.getByText(/^Loading/).waitFor({ state: 'detached' });
    const told = await page.evaluate<string[]>('globalThis.loading');
    expect(told.length).toBeGreaterThan(0);
    for (const text of told) expect(text).toMatch(/^Loading [\d,]+ of 5,000 CIs\.$/);
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);

  test('in storms: its counts become those of the pool, and stay so', async () => {
    await using view = await opened(service.url, { before: sampler });
    const { page } = view;
    await shows(page, 'healthy', CIS);
    const shown = async () => (await samplesOf(page, 'present'))[0]?.counts ?? {};
    const healthy = async () => (await service.counts()).healthy ?? 0;
    for (const _ of [1, 2]) {
      await service.cut();
      await expect.poll(healthy, { timeout: PATIENCE_MS }).toBe(0);
      await service.mend();
      await expect.poll(healthy, { timeout: PATIENCE_MS }).toBe(CIS);
      // Each connection has its last state: the page has it, too, as soon as that has arrived.
      await expect.poll(async () => (await shown()).healthy, { timeout: PATIENCE_MS }).toBe(CIS);
      const present = Object.entries(await shown()).filter(([, count]) => count > 0);
      expect(Object.fromEntries(present)).toEqual(await service.counts());
    }
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);
});
