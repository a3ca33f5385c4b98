import { describe, test } from 'vitest';
import { startForeignInspector } from '../../../src/inspector/index.js';
import { isBrowserMissing, shows, useBrowser } from './browser.js';
import { openHalfOpenProxy } from './half-open.js';
import { startService } from './service.js';

const opened = useBrowser();
const isStale = "document.documentElement.classList.contains('stale')";

describe.skipIf(isBrowserMissing).concurrent('a page without news', () => {
  test('greys if its connection is half-open, opens another one, and follows the service again', async ({ expect }) => {
    await using service = await startService({ cis: 5, inspector: { allowedHosts: ['127.0.0.1'] } });
    await using proxy = await openHalfOpenProxy(Number(new URL(service.url).port));
    await using view = await opened(service.url.replace(service.origin, proxy.origin));
    const { page } = view;
    const live = page.locator('.lamp').getByText('live', { exact: true });
    await shows(page, 'healthy', 5);
    await live.waitFor();
    proxy.freeze();
    await page.getByText(/no news for \d+ s/).waitFor();
    expect(await page.evaluate(isStale)).toBe(true);
    await service.cut();
    // Kept, but grey: the page cannot know better.
    await shows(page, 'healthy', 5);
    await live.waitFor();
    await shows(page, 'healthy', 0);
    await expect.poll(() => page.evaluate(isStale)).toBe(false);
    expect(view.faults.strangers).toEqual([]);
  }, 150_000);

  test('of other programs stays live although nothing happens: the inspector sends beats', async ({ expect }) => {
    await using inspector = await startForeignInspector();
    await using view = await opened('about:blank');
    const { page } = view;
    let streams = 0;
    page.on('request', (request) => {
      if (request.url().includes('/api/events')) streams += 1;
    });
    await page.goto(inspector.url);
    await page.locator('.lamp').getByText('live', { exact: true }).waitFor();
    const newest = () => page.locator('.banner').evaluate((banner) => Number(banner.dataset.at));
    const first = await newest();
    // A page without news opens its stream again after 10 s.
    await expect.poll(newest, { timeout: 60_000 }).toBeGreaterThan(first + 12_000);
    expect(streams).toBe(1);
    expect(await page.evaluate(isStale)).toBe(false);
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);
});
