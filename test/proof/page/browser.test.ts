import { fork } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CiServer, createPool, type Pool, serveCi } from '../../../src/index.js';
import { type Inspector, startForeignInspector, startInspector } from '../../../src/inspector/index.js';
import { watchableOf } from '../../../src/observe/watchable.js';
import { root } from '../../support/source-files.js';
import { faultsByAxe, isBrowserMissing, shows, useBrowser } from './browser.js';

const CIS = 1_000;
/** `SCREENSHOTS=docs` writes the pictures into the documentation. */
const pictures = `${root}${process.env.SCREENSHOTS === 'docs' ? 'docs/inspector' : 'coverage/inspector'}`;
const views = ['fleet', 'statechart', 'timeline', 'sequence', 'supervision'];

let ci: CiServer;
let pool: Pool;
let inspector: Inspector;
const openAt = useBrowser();
const opened = (scheme: 'light' | 'dark', url = inspector.url) => openAt(url, { scheme });

const show = (page: Page, hash: string) => page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
/** Waits until the list is filtered, a moment after the text was typed, and its only row reads so. */
const showsOnly = (page: Page, row: RegExp) =>
  expect.poll(() => page.locator('.rows .tr').allTextContents()).toEqual([expect.stringMatching(row)]);
const poolCount = (state: 'healthy' | 'reconnecting') =>
  Object.values(pool.snapshot().cis).filter((one) => one.connections[0]?.state === state).length;

describe.skipIf(isBrowserMissing)('the page, in a browser, with 1,000 connections', () => {
  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    ci = await serveCi({ id: 'apollo', handler: ({ content }) => content });
    const cis = Object.fromEntries(Array.from({ length: CIS }, (_, index) => [`ci-${index}`, ci.url]));
    pool = createPool({ cis, logger: false, reconnectDelayMs: 1_000, maxReconnectDelayMs: 2_000, maxDials: 1_000 });
    inspector = await startInspector(pool, { actions: true });
    await pool.warm();
  }, 150_000);

  afterAll(async () => {
    await inspector?.close();
    await pool?.close({ drainTimeoutMs: 0 });
    await ci?.close();
  });

  test('shows the pool before, during and after a storm', async () => {
    const { page, context, faults } = await opened('light');
    await shows(page, 'healthy', CIS);
    await ci.close();
    await shows(page, 'healthy', 0);
    expect(poolCount('healthy')).toBe(0);
    await page.screenshot({ path: `${pictures}/storm.png` });
    ci = await serveCi({
      id: 'apollo',
      listen: { port: Number(ci.url.split(':').at(-1)) },
      handler: ({ content }) => content,
    });
    await shows(page, 'healthy', CIS);
    expect(poolCount('healthy')).toBe(CIS);
    await show(page, '#timeline');
    await page.locator('.lanes canvas').waitFor();
    await page.getByRole('img', { name: /^1000 connections/ }).waitFor();
    await page.locator('.curves .u-legend').first().waitFor();
    await page.screenshot({ path: `${pictures}/timeline.png` });
    expect(faults).toEqual({ errors: [], strangers: [] });
    await context.close();
  }, 150_000);

  test('finds a connection with the keyboard alone, and shows its machine and state', async () => {
    const { page, context, faults } = await opened('light');
    await shows(page, 'healthy', CIS);
    await page.keyboard.press('/');
    await page.keyboard.type('ci-77');
    await page.locator('.shown b').filter({ hasText: /^11$/ }).waitFor();
    expect(page.url()).toContain('search=ci-77');
    await page.getByRole('treegrid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.getByRole('heading', { name: 'ci-770', exact: true }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.locator('.rows .tr').filter({ hasText: 'ci-770#1' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const chart = page.getByRole('img', { name: /Statechart of connection; active: linked, linked.healthy/ });
    await chart.waitFor();
    expect(page.url()).toContain(`connection=${encodeURIComponent('ci-770#1')}`);
    await page.screenshot({ path: `${pictures}/statechart.png` });
    await page.reload();
    await chart.waitFor();
    await page.goBack();
    await page.getByRole('treegrid').waitFor();
    expect(faults).toEqual({ errors: [], strangers: [] });
    await context.close();
  }, 150_000);

  test('sorts, filters by state, and keeps only visible rows in the page', async () => {
    const { page, context } = await opened('light', `${inspector.url}#fleet`);
    await shows(page, 'healthy', CIS);
    expect(await page.locator('.rows .tr').count()).toBeLessThan(60);
    await page.getByRole('button', { name: 'CI', exact: true }).click();
    await page.getByRole('button', { name: 'CI', exact: true }).click();
    await page.locator('.rows .tr').first().filter({ hasText: 'ci-999' }).waitFor();
    await page.locator('.counts .count', { hasText: 'degraded' }).click();
    await page.getByText('No CI matches these filters.').waitFor();
    await context.close();
  }, 150_000);

  test('acts after a confirmation, and shows the sequence', async () => {
    const { page, context, faults } = await opened('light');
    await shows(page, 'healthy', CIS);
    await show(page, `#statechart?connection=${encodeURIComponent('ci-5#1')}`);
    await page.getByRole('button', { name: 'Ping', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Reconnect', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reconnect' }).click();
    await page.getByText('ci-5#1 is gone.').waitFor();
    expect(pool.snapshot().cis['ci-5']?.connections.map(({ connection }) => connection)).toEqual(['ci-5#2']);
    await show(page, `#sequence?connection=${encodeURIComponent('ci-5#1')}`);
    await page.locator('.seq-scroll text', { hasText: 'close' }).first().waitFor();
    await page.screenshot({ path: `${pictures}/sequence.png` });
    expect(faults).toEqual({ errors: [], strangers: [] });
    await context.close();
  }, 150_000);

  test('saves a recording, and opens it again without a service, at any time', async () => {
    const { page, context, faults } = await opened('light');
    await shows(page, 'healthy', CIS);
    watchableOf(pool).intervene({ do: 'reconnect', connection: 'ci-9#1' });
    await page.getByRole('searchbox').fill('ci-9#2');
    await showsOnly(page, /ci-9.*healthy/);
    await page.getByRole('searchbox').fill('');
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save' }).click();
    const path = await (await saving).path();
    expect(readFileSync(path, 'utf8')).not.toContain('csrf');
    await page.goto(`${new URL('/', inspector.url)}?replay`);
    await page.locator('input[type=file]').setInputFiles(path);
    await shows(page, 'healthy', CIS);
    const slider = page.getByRole('slider', { name: 'Time' });
    const latest = await slider.getAttribute('aria-valuetext');
    await slider.focus();
    await page.keyboard.press('Home');
    await expect.poll(() => slider.getAttribute('aria-valuetext')).not.toBe(latest);
    await page.getByRole('button', { name: 'Play' }).click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    expect(faults).toEqual({ errors: [], strangers: [] });
    await context.close();
  }, 150_000);

  test('reports that the service is gone, and takes its new link', async () => {
    const port = Number(new URL(inspector.url).port);
    const token = new URL(inspector.url).searchParams.get('token') ?? '';
    const { page, context } = await opened('light');
    await shows(page, 'healthy', CIS);
    await inspector.close();
    await page.getByText('The service cannot be reached').waitFor();
    inspector = await startInspector(pool, { actions: true, port, token });
    // The sessions ended with the inspector, although its token is the same.
    await page.getByLabel('New link').fill(inspector.url);
    await page.keyboard.press('Enter');
    await page.getByText('live', { exact: true }).waitFor();
    await context.close();
  }, 150_000);

  test('shows the actors of a program without Choragus', async () => {
    await using foreign = await startForeignInspector();
    const program = fork(`${root}test/proof/inspector/foreign-program.mjs`, [foreign.wsUrl], {
      stdio: ['pipe', 'ignore', 'inherit', 'ipc'],
    });
    const { page, context, faults } = await opened('light', foreign.url);
    await page.getByRole('img', { name: /^Statechart of / }).waitFor();
    expect(await faultsByAxe(page)).toEqual([]);
    await page.screenshot({ path: `${pictures}/actors.png` });
    program.kill();
    expect(faults).toEqual({ errors: [], strangers: [] });
    await context.close();
  }, 150_000);

  test('requests fewer records on demand, and keeps that in the URL', async () => {
    const { page, context, faults } = await opened('light');
    await shows(page, 'healthy', CIS);
    await page.getByLabel('Level').selectOption('summary');
    await page.getByText('live', { exact: true }).waitFor();
    await shows(page, 'healthy', CIS);
    expect(page.url()).toContain('level=summary');
    watchableOf(pool).intervene({ do: 'reconnect', connection: 'ci-11#1' });
    await page.getByRole('searchbox').fill('ci-11#2');
    await showsOnly(page, /ci-11.*healthy/);
    await show(page, `#sequence?level=states&connection=${encodeURIComponent('ci-12#1')}`);
    await page.getByText('if the level is “trace”').or(page.getByText('No events yet.')).waitFor();
    expect(faults).toEqual({ errors: [], strangers: [] });
    await context.close();
  }, 150_000);

  test.each(['light', 'dark'] as const)(
    'axe reports nothing: %s',
    async (scheme) => {
      const { page, context, faults } = await opened(scheme);
      await shows(page, 'healthy', CIS);
      for (const view of views) {
        await show(page, `#${view}?connection=${encodeURIComponent('ci-1#1')}`);
        await page.locator(`nav a[aria-current=page]`, { hasText: new RegExp(view, 'i') }).waitFor();
        expect([view, await faultsByAxe(page)]).toEqual([view, []]);
        if (view === 'fleet' || view === 'supervision')
          await page.screenshot({ path: `${pictures}/${view}-${scheme}.png` });
      }
      expect(faults).toEqual({ errors: [], strangers: [] });
      await context.close();
    },
    150_000,
  );
});
