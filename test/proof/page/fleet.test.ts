import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { faultsByAxe, isBrowserMissing, shows, useBrowser } from './browser.js';
import { type Service, startService } from './service.js';

const HEALTHY = 200;
const ALL = HEALTHY + 3;
const phone = { width: 390, height: 844 };
/** From then on, a CI that answers nothing is in trouble: 10 s, and up to 5 s until the service notes it. */
const UNANSWERED_MS = 30_000;

/** A program for a page: returns the visible targets that are smaller than 40 px. */
const smallTargets = `[...document.querySelectorAll('button, select, input, .rows .tr, nav a')]
  .map((node) => ({ text: node.textContent || node.tagName, box: node.getBoundingClientRect() }))
  .filter(({ box }) => box.width > 0 && Math.min(box.width, box.height) < 40)
  .map(({ text, box }) => text + ': ' + box.width + ' x ' + box.height)`;

let service: Service;
const openAt = useBrowser();

const rows = (page: Page) => page.locator('.rows .tr');
const row = (page: Page, ci: string) => page.getByRole('row', { name: new RegExp(`connections of ${ci} ${ci} `) });
const shown = (page: Page, count: number) => page.locator('.shown', { hasText: `${count} of ${ALL} CIs` }).waitFor();

const iconOf = async (page: Page) =>
  decodeURIComponent((await page.locator('link[rel=icon]').getAttribute('href')) ?? '');

/** Waits until the page has found the three that fail. */
async function opened(options?: Parameters<typeof openAt>[1]) {
  const open = await openAt(service.url, options);
  await open.page
    .getByRole('button', { name: 'in trouble (3)' })
    .waitFor({ state: 'visible', timeout: UNANSWERED_MS * 2 });
  return open;
}

describe.skipIf(isBrowserMissing).concurrent('the page of a service of which three CIs fail', () => {
  beforeAll(async () => {
    // No deadline ends the requests of the CI that hangs: it must be found without.
    const pool = { requestTimeoutMs: 600_000 };
    service = await startService({ cis: HEALTHY, failing: ['hung', 'erring', 'down'], asksPerSecond: 400, pool });
  }, 150_000);
  afterAll(() => service?.stop());

  test('says in its top three rows what is wrong, the worst first', async () => {
    await using open = await opened();
    const { page, faults } = open;
    const texts = async () => (await rows(page).allInnerTexts()).slice(0, 4).map((text) => text.replace(/\s+/g, ' '));
    const [down, erring, hung, healthy] = await texts();
    expect(down).toMatch(/^▸ down R (reconnecting|connecting) .*▲ down since \d\d:\d\d:\d\d, [\d,]+ attempts?, /);
    expect(down).toContain('[unavailable]');
    expect(erring).toMatch(/^▸ erring [DH] (degraded|healthy) ▲ failing ▲ failing 100 % \(\d/);
    expect(erring).toContain('[ci_error]');
    expect(hung).toMatch(/^▸ hung H healthy ◆ no answers ◆ no answer for \d+ s/);
    expect(healthy).toMatch(/^▸ ci-0 H healthy [–\d]/);
    expect(faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);

  test('counts them in the title and the icon, and none once all is well', async ({ expect }) => {
    await using open = await opened();
    expect(await open.page.title()).toMatch(/^\(3\) .+ · Choragus$/);
    expect(await iconOf(open.page)).toMatch(/^data:image\/svg\+xml,.*>3<\/text>/);
    await using other = await startService({ failing: ['down'] });
    await using recovering = await openAt(other.url);
    const { page } = recovering;
    await expect.poll(() => page.title(), { timeout: 45_000 }).toMatch(/^\(1\) /);
    await other.remove('down');
    await expect.poll(() => page.title(), { timeout: 45_000 }).toMatch(/^[^()]+ · Choragus$/);
    expect(await iconOf(page)).not.toContain('<text');
  }, 150_000);

  test('says that a search has no match, and clears it', async () => {
    await using open = await opened();
    const { page } = open;
    await page.keyboard.press('/');
    await page.keyboard.type('xyz');
    await page.getByText('No CI matches “xyz”.').waitFor();
    expect(page.url()).toContain('search=xyz');
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await shown(page, ALL);
    expect(await page.getByRole('searchbox').inputValue()).toBe('');
    expect(page.url()).not.toContain('search');
  }, 150_000);

  test('filters by trouble, by state and by error code', async () => {
    await using open = await opened();
    const { page } = open;
    await page.getByRole('button', { name: 'in trouble (3)' }).click();
    await shown(page, 3);
    await page.getByRole('button', { name: 'ci_error 1' }).click();
    await shown(page, 1);
    await row(page, 'erring').waitFor();
    expect(page.url()).toMatch(/codes=ci_error.*trouble=only/);
    await page.getByRole('button', { name: 'ci_error 1' }).click();
    // It waits between two dials most of the time.
    await page.locator('.counts .count', { hasText: 'reconnecting' }).click();
    await row(page, 'erring').waitFor({ state: 'detached' });
    await row(page, 'down').waitFor();
    await page.reload();
    await row(page, 'down').waitFor();
  }, 150_000);

  test('moves the choice with the keys, shows connections, and comes back to what was clicked', async () => {
    await using open = await opened();
    const { page } = open;
    await page.getByRole('treegrid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.waitForURL(/ci=erring/);
    await page.getByText('order held').waitFor();
    await page.getByRole('heading', { name: 'erring', exact: true }).waitFor();
    await page.keyboard.press('ArrowRight');
    await rows(page).filter({ hasText: 'erring#1' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.waitForURL(/connection=erring%231/);
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('ArrowLeft');
    await rows(page).filter({ hasText: 'erring#1' }).waitFor({ state: 'detached' });
    await row(page, 'ci-3').click();
    await page.getByRole('heading', { name: 'ci-3', exact: true }).waitFor();
    await row(page, 'ci-5').click();
    await page.getByRole('heading', { name: 'ci-5', exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'ci-3', exact: true }).waitFor();
    // The keys have left no entries: before the first click, the cursor was on the CI that fails.
    await page.goBack();
    await page.getByRole('heading', { name: 'erring', exact: true }).waitFor();
  }, 150_000);

  test('sorts by a column, the largest first, and back', async () => {
    await using open = await opened();
    const { page } = open;
    const name = page.getByRole('button', { name: 'CI', exact: true });
    await name.click();
    await rows(page).first().filter({ hasText: 'ci-0' }).waitFor();
    await name.click();
    await rows(page).first().filter({ hasText: 'hung' }).waitFor();
    await page.getByRole('button', { name: 'Err/s' }).click();
    expect(await page.getByRole('columnheader', { name: 'Err/s' }).getAttribute('aria-sort')).toBe('descending');
    await rows(page)
      .first()
      .filter({ hasText: /erring|down/ })
      .waitFor();
  }, 150_000);

  test('fits a phone: no sideways scroll, targets of 40 px, the menu behind a button', async () => {
    await using open = await opened({ viewport: phone });
    const { page } = open;
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(phone.width);
    expect((await page.locator('header.top').boundingBox())?.height).toBeLessThan(52);
    const list = await page.getByRole('treegrid').boundingBox();
    expect(list?.height).toBeGreaterThan(phone.height * 0.7);
    const small = () => page.evaluate<string[]>(smallTargets);
    expect(await small()).toEqual([]);
    await page.getByRole('button', { name: 'Filters' }).click();
    expect(await small()).toEqual([]);
    await page.getByRole('button', { name: 'Filters' }).click();
    await page.getByRole('button', { name: 'Menu' }).click();
    expect(await small()).toEqual([]);
    expect(await faultsByAxe(page)).toEqual([]);
    await page.getByRole('link', { name: 'Supervision' }).click();
    await page.waitForURL(/#supervision/);
  }, 150_000);

  test.each(['light', 'dark'] as const)(
    'axe reports nothing: %s',
    async (scheme) => {
      await using open = await opened({ scheme });
      const { page } = open;
      await shows(page, 'reconnecting', 1);
      await row(page, 'erring').click();
      await page.getByRole('heading', { name: 'erring', exact: true }).waitFor();
      await page.getByRole('treegrid').focus();
      await page.keyboard.press('ArrowRight');
      expect(await faultsByAxe(page)).toEqual([]);
    },
    150_000,
  );
});
