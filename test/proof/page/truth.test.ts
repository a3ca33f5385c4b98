import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { faultsByAxe, isBrowserMissing, shows, useBrowser } from './browser.js';
import { openHeldStream } from './held-stream.js';
import { expectSame, recordsIn, saved } from './recorded.js';
import { sampler, samplesOf } from './samples.js';
import { startService } from './service.js';

const opened = useBrowser();
const NO_NEWS = /no news for (\d+) s/;
const isStale = (page: Page) => page.evaluate("document.documentElement.classList.contains('stale')");
const lamp = (page: Page, text: string) => page.locator('.lamp').getByText(text, { exact: true }).waitFor();

/** Returns the seconds without news that the page tells. */
async function quietSeconds(page: Page): Promise<number> {
  const text = await page.getByText(NO_NEWS).textContent();
  return Number(NO_NEWS.exec(text ?? '')?.[1]);
}

describe.skipIf(isBrowserMissing).concurrent('the page tells the truth', () => {
  test('of a frozen service: greys, counts the seconds without news, stops the durations; then is live again', async ({
    expect,
  }) => {
    await using service = await startService({ cis: 5 });
    await using view = await opened(`${service.url}`, { before: SHIFTED_CLOCK });
    const { page } = view;
    await shows(page, 'healthy', 5);
    await page.evaluate("location.hash = '#statechart?connection=ci-0%231'");
    const duration = page.locator('dd', { hasText: 'healthy for' });
    await duration.waitFor();
    // The page's own clock is an hour ahead: its durations follow the service's.
    expect(await duration.textContent()).toMatch(/healthy for (\d+ ms|\d+ s)$/);
    expect(await isStale(page)).toBe(false);
    service.freeze();
    await page.getByText(NO_NEWS).waitFor();
    expect(await isStale(page)).toBe(true);
    expect(await page.locator('.lamp').textContent()).not.toBe('live');
    const [first, then] = [await quietSeconds(page), await duration.textContent()];
    await expect.poll(() => quietSeconds(page)).toBeGreaterThan(first + 1);
    expect(await duration.textContent()).toBe(then);
    expect(await faultsByAxe(page)).toEqual([]);
    service.thaw();
    await lamp(page, 'live');
    await expect.poll(() => isStale(page)).toBe(false);
    await expect.poll(() => duration.textContent()).not.toBe(then);
    expect(view.faults.strangers).toEqual([]);
  }, 150_000);

  test('of a blocked service: for how long it was', async () => {
    await using service = await startService({ cis: 5 });
    await using view = await opened(service.url);
    await shows(view.page, 'healthy', 5);
    await service.block(4_000);
    await view.page.getByText(/was blocked for [3-6]\.\d s until/).waitFor();
    await lamp(view.page, 'live');
  }, 150_000);

  test('of a whole state that has not arrived: how much of it is missing', async () => {
    await using service = await startService({ cis: 500, inspector: { allowedHosts: ['127.0.0.1'] } });
    // About a third of the state.
    await using held = await openHeldStream(Number(new URL(service.url).port), 100_000);
    await using view = await opened(service.url.replace(service.origin, held.origin));
    const loading = view.page.getByText(/^Loading [1-9]\d* of 500 CIs\.$/);
    await loading.waitFor();
    held.release();
    await shows(view.page, 'healthy', 500);
    await loading.waitFor({ state: 'detached' });
  }, 150_000);

  test('of the past: a storm, saved or recorded, replays to the counts that were live, at each time', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'choragus-'));
    await using service = await startService({ cis: 200 });
    await service.record(join(folder, 'fleet.ndjson'));
    await using view = await opened(service.url, { before: sampler });
    const { page } = view;
    await shows(page, 'healthy', 200);
    await service.cut();
    await shows(page, 'healthy', 0);
    await service.mend();
    await shows(page, 'healthy', 200);
    const live = await samplesOf(page, 'all');
    const healthy = live.map(({ counts }) => counts.healthy);
    expect([healthy[0], Math.min(...healthy.map(Number)), healthy.at(-1)]).toEqual([200, 0, 200]);
    const path = await saved(page);
    expect(readFileSync(path, 'utf8')).not.toContain('csrf');
    await service.endRecord();
    await service.stop();
    for (const file of [path, join(folder, 'fleet.ndjson')]) {
      await page.locator('input[type=file]').setInputFiles(file);
      await page.getByRole('slider', { name: 'Time' }).waitFor();
      await lamp(page, 'recording');
      await expectSame(page, recordsIn(file), live);
    }
    await rm(folder, { recursive: true });
    expect(view.faults.strangers).toEqual([]);
  }, 150_000);

  test('of a restart with another token: keeps the old picture, and takes the new link in the same tab', async () => {
    await using service = await startService({ cis: 5 });
    await using view = await opened(service.url);
    const { page } = view;
    await shows(page, 'healthy', 5);
    await service.stop();
    await page.getByText(/The service cannot be reached\. The page shows the state of \d\d:\d\d:\d\d/).waitFor();
    expect(await isStale(page)).toBe(true);
    await service.restart();
    await page.getByText('The service was restarted, or your session has ended; open its new link').waitFor();
    await shows(page, 'healthy', 5);
    expect(await isStale(page)).toBe(true);
    await page.evaluate("location.hash = '#supervision'");
    await page.getByLabel('New link').fill('javascript:alert(1)');
    await page.getByRole('button', { name: 'Open', exact: true }).last().click();
    await page.getByText('This is not a link').waitFor();
    await page.getByLabel('New link').fill(service.url);
    await page.keyboard.press('Enter');
    await lamp(page, 'live');
    expect(await isStale(page)).toBe(false);
    expect(page.url()).toBe(`${service.origin}/#supervision`);
  }, 150_000);

  test('of a restart whose link is opened in another tab: comes back by itself, and names the other process', async () => {
    await using service = await startService({ cis: 5 });
    await using view = await opened(service.url);
    await shows(view.page, 'healthy', 5);
    await service.restart({ cis: 3 });
    await view.page.getByText('The service was restarted, or your session has ended').waitFor();
    // All tabs of a browser share its cookies.
    await (await view.context.newPage()).goto(service.url);
    await view.page.getByText('The service was restarted: another process answers').waitFor();
    await shows(view.page, 'healthy', 3);
    await lamp(view.page, 'live');
  }, 150_000);

  test('of a restart with the same token: the session has ended, and the same link opens the page again', async () => {
    const token = 'a-token-of-16-characters';
    await using service = await startService({ cis: 5, inspector: { token } });
    await using view = await opened(service.url);
    const { page } = view;
    await shows(page, 'healthy', 5);
    await service.restart({ cis: 3, inspector: { token } });
    await page.getByText('The service was restarted, or your session has ended; open its new link').waitFor();
    await shows(page, 'healthy', 5);
    await page.getByLabel('New link').fill(service.url);
    await page.keyboard.press('Enter');
    await shows(page, 'healthy', 3);
    await lamp(page, 'live');
  }, 150_000);

  test('of a transition into a state with states inside it: counts it', async () => {
    await using service = await startService({ cis: 2 });
    await using view = await opened(`${service.url}`);
    const { page } = view;
    await shows(page, 'healthy', 2);
    await page.evaluate("location.hash = '#statechart?connection=ci-0%231'");
    await page
      .locator('.wire.taken text', { hasText: /^wanted ·1/ })
      .first()
      .waitFor();
    await service.cut();
    await page
      .locator('.wire.taken text', { hasText: /^after backoff.*·\d/ })
      .first()
      .waitFor();
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);

  test('of a file: why it is no recording, on the page; a dropped recording is opened', async () => {
    await using service = await startService({ cis: 5 });
    await using view = await opened(service.url);
    const { page } = view;
    await shows(page, 'healthy', 5);
    const path = await saved(page);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, 'hello\nworld\n\n');
    await page.locator('input[type=file]').setInputFiles(path);
    await page.getByText(/cannot be opened: line 1 is not a record/).waitFor();
    await lamp(page, 'live');
    await page.evaluate(`{
      const dropped = new DataTransfer();
      dropped.items.add(new File([${JSON.stringify(text)}], 'storm.ndjson'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, bubbles: true }));
    }`);
    await page.getByText('storm.ndjson').waitFor();
    await shows(page, 'healthy', 5);
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);
});

/** A machine whose clock is an hour ahead of the service's. */
const SHIFTED_CLOCK = `{
  const own = Date.now.bind(Date);
  Date.now = () => own() + 3_600_000;
}`;
