import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { codes } from '../../../src/errors/index.js';
import type { CiRow } from '../../../src/inspector/feed/records.js';
import { faultsByAxe, isBrowserMissing, useBrowser } from './browser.js';
import { type Service, startService } from './service.js';

const opened = useBrowser();
const PHONE = { width: 390, height: 844 };
/** A page in which no text can be copied by a program. */
const NO_COPY = `{
  Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined });
  Document.prototype.execCommand = () => false;
}`;

let service: Service;
/** Opens the page with the pane of a CI. */
const pane = (ci: string, options: Parameters<typeof opened>[1] = {}) =>
  opened(`${service.url}#fleet?ci=${encodeURIComponent(ci)}`, options);
const region = (page: Page, ci: string) => page.getByRole('region', { name: ci, exact: true });

/** Returns a CI's row as the service has it. */
async function rowOf(page: Page, name: string): Promise<CiRow> {
  const { cis } = await page.evaluate<{ cis: CiRow[] }>("fetch('/api/snapshot.json').then((answer) => answer.json())");
  return cis.find(({ ci }) => ci === name) as CiRow;
}

/** Returns a row without its number, which each reading counts anew. */
const unnumbered = ({ seq: _, ...rest }: CiRow): Omit<CiRow, 'seq'> => rest;

describe.skipIf(isBrowserMissing)('the pane of a CI, on a real service', () => {
  beforeAll(async () => {
    service = await startService({
      cis: 3,
      failing: ['erring', 'down'],
      asksPerSecond: 20,
      inspector: { actions: true },
      pool: { reconnectDelayMs: 8_000, maxReconnectDelayMs: 8_000 },
    });
  }, 150_000);
  afterAll(() => service?.stop());

  test('of a CI that is down: counts its attempts up and the backoff down, and shows the whole last error', async () => {
    await service.load(0);
    await using view = await pane('down', { before: TROUBLES });
    const { page } = view;
    const down = region(page, 'down');
    await down
      .locator('.badge', { hasText: /reconnecting|connecting/ })
      .first()
      .waitFor();
    // Two attempts, and a countdown through three seconds of one of them.
    await expect
      .poll(async () => {
        const waits = waitsIn(await page.evaluate<string[]>('globalThis.troubles'));
        return waits.size >= 2 && [...waits.values()].some((seconds) => new Set(seconds).size >= 3);
      }, SETTLED)
      .toBe(true);
    const seen = await page.evaluate<string[]>('globalThis.troubles');
    const waits = waitsIn(seen);
    const attempts = [...waits.keys()];
    expect(attempts).toEqual([...attempts].sort((a, b) => a - b));
    for (const seconds of waits.values()) {
      if (new Set(seconds).size >= 3) expect(seconds[0]).toBeGreaterThan(seconds.at(-1) as number);
    }
    expect(seen.some((text) => /^▲ down since \d\d:\d\d:\d\d \(.+\), \d+ attempts?/.test(text))).toBe(true);
    const { lastError } = await rowOf(page, 'down');
    expect(lastError).toBeDefined();
    const shown = (await down.locator('.detail-error').textContent()) ?? '';
    expect(shown).toContain(lastError?.code);
    // The code stands in front of it once.
    expect(shown).toContain(lastError?.message.replace(/^\[\w+\] /, ''));
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);

  test('of an erring CI: errors by code with their shares, windows, and a copy that equals the row', async () => {
    await service.load(100);
    await using view = await pane('erring');
    const { page, context } = view;
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const erring = region(page, 'erring');
    const failures = erring.getByRole('table', { name: /Errors by code/ });
    await failures.getByRole('row', { name: /ci_error/ }).waitFor();
    await service.load(0);
    await expect
      .poll(async () => {
        const row = await rowOf(page, 'erring');
        const rows = await failures.getByRole('row').allInnerTexts();
        const shown = rows.slice(1).map((text) => text.split(/\s+/).filter((part) => part !== ''));
        const errors = codes.flatMap((code) => {
          const count = row.failures[code] ?? 0;
          const part = Math.floor((count / row.failed) * 100 + 1e-9);
          return count === 0 ? [] : [{ count, cells: [code, count.toLocaleString('en'), String(part), '%'] }];
        });
        errors.sort((a, b) => b.count - a.count);
        return errors.length > 0 && JSON.stringify(shown) === JSON.stringify(errors.map(({ cells }) => cells));
      }, SETTLED)
      .toBe(true);
    const windows = erring.getByRole('table', { name: 'Requests that have ended' });
    await windows.getByRole('row', { name: /last 5 min (\d+ m )?\d+ s so far/ }).waitFor();
    const copy = erring.getByRole('button', { name: 'Copy as JSON' });
    await expect
      .poll(async () => {
        await copy.click();
        await erring.getByText('copied', { exact: true }).waitFor();
        const copied = JSON.parse(await page.evaluate<string>('navigator.clipboard.readText()')) as CiRow;
        expect(copied.connections[0]?.history?.length).toBeGreaterThan(0);
        return [unnumbered(copied), unnumbered(await rowOf(page, 'erring'))].map((row) => JSON.stringify(sorted(row)));
      }, SETTLED)
      .toSatisfy(([one, other]: string[]) => one === other);
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);

  test('copies without a permission: the user copies a selected text', async () => {
    await using view = await pane('ci-0', { before: NO_COPY });
    const { page } = view;
    const ci = region(page, 'ci-0');
    await ci.getByRole('button', { name: 'Copy as JSON' }).click();
    await ci.getByText('press Ctrl+C to copy').waitFor();
    const selected = await page.evaluate<string>('getSelection().toString()');
    expect((JSON.parse(selected) as CiRow).ci).toBe('ci-0');
    await page.keyboard.press('Control+c');
    await ci.getByText('copied', { exact: true }).waitFor();
    await expect.poll(() => ci.getByRole('textbox').count()).toBe(0);
    // Escape leaves the text first, and then the pane.
    await ci.getByRole('button', { name: 'Copy as JSON' }).click();
    await ci.getByRole('textbox').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => ci.getByRole('textbox').count()).toBe(0);
    expect(await ci.count()).toBe(1);
  }, 150_000);

  test('closes by Escape and by its button, and the focus returns to the list; the back button opens it again', async () => {
    await using view = await pane('ci-1');
    const { page } = view;
    const ci = region(page, 'ci-1');
    const focused = () => page.evaluate<string | null>("document.activeElement.getAttribute('role')");
    const list = page.getByRole('treegrid');
    await list.focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => page.evaluate('document.activeElement.id')).toBe('detail-heading');
    await page.keyboard.press('Escape');
    await ci.waitFor({ state: 'detached' });
    await expect.poll(focused).toBe('treegrid');
    expect(page.url()).not.toContain('ci=');
    await page.goBack();
    await ci.getByRole('button', { name: 'Close' }).click();
    await ci.waitFor({ state: 'detached' });
    await expect.poll(focused).toBe('treegrid');
    await page.goBack();
    await ci.waitFor();
    // A dialog keeps the key for itself.
    await ci.getByRole('button', { name: 'Drain the CI' }).click();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(await ci.count()).toBe(1);
    await ci.getByRole('link', { name: 'Timeline of ci-1#1' }).click();
    await expect.poll(() => page.url()).toContain('#timeline');
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);

  test('of a name that the pool does not know, and of a CI that is removed: says so', async () => {
    await using view = await pane('nobody & co');
    const { page } = view;
    await page.getByText('The pool has no CI named nobody & co.').waitFor();
    await service.add('extra');
    await page.evaluate("location.hash = '#fleet?ci=extra'");
    const extra = region(page, 'extra');
    await extra.getByText('ordering').waitFor();
    await service.remove('extra');
    await extra.getByText(/^removed at/).waitFor();
    await extra.locator('.badge').first().waitFor();
    expect(await extra.getByRole('button', { name: 'Drain the CI' }).count()).toBe(0);
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);

  test('covers the list of a phone, and goes back to it', async () => {
    await using view = await pane('down', { viewport: PHONE });
    const { page } = view;
    const down = region(page, 'down');
    await down.getByText('unavailable').first().waitFor();
    const widths = await page.evaluate<number[]>(
      "[document.documentElement, document.querySelector('.detail')].map((one) => one.scrollWidth - one.clientWidth)",
    );
    expect(widths).toEqual([0, 0]);
    const box = await down.boundingBox();
    expect([box?.x, box?.width, (box?.y ?? 0) + (box?.height ?? 0)]).toEqual([0, PHONE.width, PHONE.height]);
    expect(await page.getByRole('treegrid').isVisible()).toBe(false);
    expect(await faultsByAxe(page)).toEqual([]);
    await down.getByRole('button', { name: 'Back to the list' }).click();
    await page.getByRole('treegrid').waitFor();
    expect(await down.count()).toBe(0);
    expect(view.faults).toEqual({ errors: [], strangers: [] });
  }, 150_000);

  test.each(['light', 'dark'] as const)(
    'has no accessibility faults in %s, and wraps what is long',
    async (scheme) => {
      const long = `a-very-long-name-${'x'.repeat(111)}`;
      await service.add(long);
      await using view = await pane(long, { scheme });
      const { page } = view;
      await region(page, long).getByText('ordering').waitFor();
      const overflow =
        "(() => { const { scrollWidth, clientWidth } = document.querySelector('.detail'); return scrollWidth - clientWidth; })()";
      expect(await page.evaluate(overflow)).toBe(0);
      expect(await faultsByAxe(page)).toEqual([]);
      await page.evaluate("location.hash = '#fleet?ci=down'");
      await region(page, 'down').getByText('unavailable').first().waitFor();
      expect(await page.evaluate(overflow)).toBe(0);
      expect(await faultsByAxe(page)).toEqual([]);
      await service.remove(long);
    },
    150_000,
  );
});

const SETTLED = { timeout: 60_000, interval: 300 };

/** Returns the seconds until the next dial that the texts tell, by the number of attempts. */
function waitsIn(texts: readonly string[]): Map<number, number[]> {
  const waits = new Map<number, number[]>();
  for (const text of texts) {
    const [, attempts, seconds] = /(\d+) attempts?, next dial in (\d+) s/.exec(text) ?? [];
    if (attempts === undefined) continue;
    waits.set(Number(attempts), [...(waits.get(Number(attempts)) ?? []), Number(seconds)]);
  }
  return waits;
}

/** Keeps each different text of the troubles. */
const TROUBLES = `{
  globalThis.troubles = [];
  new MutationObserver(() => {
    const text = document.querySelector('.detail-troubles')?.textContent ?? '';
    if (text !== globalThis.troubles.at(-1)) globalThis.troubles.push(text);
  }).observe(document, { subtree: true, childList: true, characterData: true });
}`;

/** Returns a value with the keys of each object in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, field]) => [key, sorted(field)]),
  );
}
