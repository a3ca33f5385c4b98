import { describe, expect, test } from 'vitest';
import { isBrowserMissing, shows, useBrowser } from './browser.js';
import { expectSame, recordsIn, saved } from './recorded.js';
import { sampler, samplesOf, seekTo } from './samples.js';
import { startService } from './service.js';

const opened = useBrowser();

describe.skipIf(isBrowserMissing).concurrent('the past on the page', () => {
  test('a marked part of a recording, saved and opened, shows what the whole one and the live page showed', async () => {
    await using service = await startService({ cis: 50 });
    await using view = await opened(service.url, { before: sampler });
    const { page } = view;
    await shows(page, 'healthy', 50);
    await service.cut();
    await shows(page, 'healthy', 0);
    await service.mend();
    await shows(page, 'healthy', 50);
    const live = await samplesOf(page, 'all');
    const whole = await saved(page);
    const open = async (path: string) => {
      await page.locator('input[type=file]').setInputFiles(path);
      await page.locator('.replay').waitFor();
    };
    await open(whole);
    const part = live.slice(Math.floor(live.length / 4), Math.ceil((live.length * 3) / 4));
    const [from, to] = [part[0]?.at ?? 0, part.at(-1)?.at ?? 0];
    expect(new Set(part.map(({ counts }) => JSON.stringify(counts))).size).toBeGreaterThan(1);
    await seekTo(page, from);
    await page.getByRole('button', { name: /^From / }).click();
    await seekTo(page, to);
    await page.getByRole('button', { name: /^To / }).click();
    const cut = await saved(page);
    await page.getByRole('button', { name: 'Back to the service' }).click();
    await page.locator('.replay').waitFor({ state: 'detached' });
    await open(cut);
    const slider = page.getByRole('slider', { name: 'Time' });
    expect(await slider.getAttribute('min')).toBe(String(from));
    expect(Number(await slider.getAttribute('max'))).toBeLessThanOrEqual(to);
    await expectSame(page, recordsIn(whole), part);
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);

  test('the state in which a trace finds a connection is no event: nothing started', async () => {
    await using service = await startService({ cis: 2 });
    await using view = await opened(service.url);
    const { page } = view;
    await shows(page, 'healthy', 2);
    const show = (name: string) => page.evaluate(`location.hash = '#${name}?connection=ci-0%231'`);
    const steps = (kind: string) => page.locator(`.seq-scroll .seq-${kind}`);
    await show('sequence');
    await steps('found').first().waitFor();
    for (const round of [1, 2]) {
      await show('statechart');
      await page.getByRole('img', { name: /^Statechart of connection/ }).waitFor();
      await show('sequence');
      await steps('found')
        .nth(round * 2 - 1)
        .waitFor();
      expect([await steps('started').count(), await steps('state').count()]).toEqual([0, 0]);
    }
    // A real start is shown.
    await service.cut();
    await service.mend();
    await steps('started').first().waitFor();
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);
});
