import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { describe, test } from 'vitest';
import { faultsByAxe, isBrowserMissing, shows, useBrowser } from './browser.js';
import { startService } from './service.js';

const opened = useBrowser();

async function open(page: Page, hash: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
}

describe.skipIf(isBrowserMissing).concurrent('the sequence diagram', () => {
  test('shows a request and a reconnect of a real service, and is saved as a file that opens alone', async ({
    expect,
  }) => {
    await using service = await startService({ cis: 2, asksPerSecond: 20, inspector: { sizes: true } });
    await using view = await opened(service.url);
    const { page } = view;
    await shows(page, 'healthy', 2);
    await open(page, `#sequence?connection=${encodeURIComponent('ci-0#1')}`);
    const diagram = page.getByRole('img', { name: 'Sequence of ci-0#1' });
    // Each text has a tooltip with the same text, which is never visible.
    const step = (text: RegExp) => diagram.locator('.seq-step').filter({ hasText: text }).first();
    await step(/answered, 5 characters/).waitFor();
    expect(await diagram.locator('.seq-active').count()).toBeGreaterThan(0);
    await service.load(0);
    await service.cut();
    await step(/link\.lost|xstate\.error/).waitFor();
    await step(/reconnecting/).waitFor();
    await service.mend();
    await step(/link\.up/).waitFor();

    // Nothing changes while it is paused.
    await page.getByRole('button', { name: 'Pause' }).click();
    const before = await diagram.locator('.seq-step').count();
    await service.load(50);
    await page.getByRole('button', { name: 'Follow' }).waitFor();
    expect(await diagram.locator('.seq-step').count()).toBe(before);
    await page.getByRole('button', { name: 'Follow' }).click();
    await expect.poll(() => diagram.locator('.seq-step').count()).toBeGreaterThan(before);
    await service.load(0);

    if (process.env.PICTURES !== undefined)
      await page.screenshot({ path: `${process.env.PICTURES}/sequence-light.png` });
    await page.getByText('The sequence in words').click();
    await page.getByRole('cell', { name: 'link.up' }).first().waitFor();
    expect(await faultsByAxe(page)).toEqual([]);

    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save SVG' }).click();
    const download = await saving;
    // A browser takes the type of a file from its name.
    const path = join(await mkdtemp(join(tmpdir(), 'choragus-sequence-')), download.suggestedFilename());
    await download.saveAs(path);
    const text = await readFile(path, 'utf8');
    expect(text).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(text).not.toMatch(/(href|src|@import|url\()/);
    await using alone = await opened(pathToFileURL(path).href);
    const paper = await alone.page.evaluate<string>(`getComputedStyle(document.querySelector('.seq-paper')).fill`);
    expect(paper).toBe('rgb(255, 255, 255)');
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);

  test('shows what belongs to one request', async ({ expect }) => {
    await using service = await startService({ cis: 1, asksPerSecond: 20, inspector: { sizes: true } });
    await using view = await opened(service.url, { scheme: 'dark' });
    const { page } = view;
    await open(page, `#sequence?connection=${encodeURIComponent('ci-0#1')}`);
    const requests = page.getByRole('combobox', { name: 'Request' });
    await expect.poll(() => requests.locator('option').count()).toBeGreaterThan(5);
    await requests.selectOption({ index: 3 });
    const diagram = page.getByRole('img', { name: /^Sequence of the request/ });
    await diagram.waitFor();
    expect([await diagram.locator('.seq-request').count(), await diagram.locator('.seq-reply').count()]).toEqual([
      1, 1,
    ]);
    expect(await faultsByAxe(page)).toEqual([]);
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);
});
