import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { type ForeignInspector, type Redact, startForeignInspector } from '../../../src/inspector/index.js';
import { root } from '../../support/source-files.js';
import { faultsByAxe, isBrowserMissing, useBrowser } from './browser.js';

const opened = useBrowser();
const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    const gone = once(child, 'exit');
    child.kill();
    await gone;
  }
});

function run(inspector: ForeignInspector, which: 'shop' | 'large' | 'flat'): ChildProcess {
  const child = fork(`${root}test/proof/page/foreign-program.mjs`, [inspector.wsUrl, which]);
  children.push(child);
  return child;
}

const hideEmails: Redact = (value, path) => (path.at(-1) === 'email' ? '[email]' : value);

describe.skipIf(isBrowserMissing)('a program of others', () => {
  test('is shown with its context and its events, bounded and redacted, and is copied as JSON', async () => {
    await using inspector = await startForeignInspector({ redact: hideEmails });
    const program = run(inspector, 'shop');
    await using view = await opened(inspector.url);
    const { page, context } = view;
    await page.getByRole('img', { name: 'Statechart of shop; active: browsing' }).waitFor();
    program.send({ type: 'add', item: { title: 'lamp', token: 'tok-123' } });
    program.send({ type: 'pay', card: { number: '4111' } });
    await page.getByRole('img', { name: 'Statechart of shop; active: paying' }).waitFor();

    const shown = page.getByRole('region', { name: 'Context of shop' });
    await shown.getByText('"Ada"').waitFor();
    await shown.getByText('"[email]"').waitFor();
    await shown.getByText('"[redacted]"').waitFor();
    // A long text does not fill the column. Opened, it is whole as far as the service sent it.
    const long = shown.locator('details', { hasText: 'more characters' }).locator('summary');
    await long.click();
    await shown.getByText(/n… \(4000 more characters\)/).waitFor();
    await long.click();
    const events = page.getByRole('region', { name: 'Events of shop' });
    await events.getByText('"lamp"').waitFor();
    await events.getByText('"4111"').waitFor();
    if (process.env.PICTURES !== undefined) await page.screenshot({ path: `${process.env.PICTURES}/foreign.png` });
    const text = await page.locator('main').textContent();
    for (const secret of ['hunter2', 'tok-123', 'ada@shop.example']) expect(text).not.toContain(secret);

    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy context as JSON' }).click();
    await page.getByText('copied').waitFor();
    const copied = JSON.parse(await page.evaluate<string>('navigator.clipboard.readText()')) as object;
    expect(copied).toMatchObject({ user: { name: 'Ada', email: '[email]', password: '[redacted]' } });
    expect(await faultsByAxe(page)).toEqual([]);
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);

  test.each(['light', 'dark'] as const)(
    'a machine of 510 states is drawn in part, and opened by keyboard: %s',
    async (scheme) => {
      await using inspector = await startForeignInspector();
      const program = run(inspector, 'large');
      await using view = await opened(inspector.url, { scheme });
      const { page } = view;
      await page.getByRole('img', { name: /^Statechart of large/ }).waitFor();
      await page.getByText(/of 510 states drawn/).waitFor();
      if (process.env.PICTURES !== undefined)
        await page.screenshot({ path: `${process.env.PICTURES}/large-${scheme}.png` });
      const close = page.getByRole('button', { name: 'Close region1' });
      await close.focus();
      await page.keyboard.press('Enter');
      const open = page.getByRole('button', { name: 'Open region1: 50 states' });
      await open.waitFor();

      // The drawing stays: only the marks of the active states change.
      const drawing = await page.locator('.chart-canvas svg').elementHandle();
      program.send({ type: 'next0' });
      await page
        .getByText(/region1\.s0\.s1/)
        .first()
        .waitFor();
      expect(await drawing?.evaluate((svg) => svg.isConnected)).toBe(true);
      expect(await page.locator('.chart').getAttribute('aria-busy')).toBe('false');
      await open.focus();
      await page.keyboard.press('Enter');
      await close.waitFor();
      expect(await faultsByAxe(page)).toEqual([]);
      expect(view.faults).toEqual({ errors: [], strangers: [] });
    },
    150_000,
  );

  test('the page goes on while a large chart is laid out', async () => {
    await using inspector = await startForeignInspector();
    const program = run(inspector, 'flat');
    // The worker stands still until it is let go: so the test sees the page during a layout, at any speed of the machine.
    const before = `
      const Original = Worker;
      globalThis.letGo = () => {};
      globalThis.Worker = class extends Original {
        postMessage(chart) { globalThis.letGo = () => super.postMessage(chart); }
      };`;
    await using view = await opened(inspector.url, { before });
    const { page } = view;
    await page.getByText(/^Laying out \d+ states…$/).waitFor();
    // It says in words what will be drawn, and shows the active state and its changes.
    await page.getByText('s0 (active)').waitFor();
    program.send({ type: 'next' });
    await page.getByText('s1 (active)').waitFor();
    const frames = await page.evaluate<number>(`new Promise((resolve) => {
      let count = 0;
      const tick = () => {
        count += 1;
        if (count < 20) requestAnimationFrame(tick);
        else resolve(count);
      };
      requestAnimationFrame(tick);
    })`);
    expect(frames).toBe(20);
    await page.evaluate('letGo()');
    await page.getByRole('img', { name: 'Statechart of flat; active: s1' }).waitFor();
    await page.getByRole('button', { name: 'Open 480 states' }).waitFor();
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);
});
