import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { chromiumPath } from '../../support/chromium.mjs';

/** True if no browser is installed: the tests of the page are skipped. */
export const isBrowserMissing = chromiumPath === undefined;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Faults of a page during the test. */
export interface Faults {
  /** What the console reported as errors, and exceptions. */
  readonly errors: string[];
  /** Requests to other hosts. */
  readonly strangers: string[];
}

/** An open page. */
export interface Opened extends AsyncDisposable {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly faults: Faults;
}

export interface OpenOptions {
  /** Default: `light`. */
  readonly scheme?: 'light' | 'dark';
  /** Default: 1360 × 860. */
  readonly viewport?: { readonly width: number; readonly height: number };
  /** A program that runs in the page before its own. */
  readonly before?: string;
}

/** Launches one browser for the tests of a file. Returns a function that opens a page, in a context of its own. */
export function useBrowser(): (url: string, options?: OpenOptions) => Promise<Opened> {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (isBrowserMissing) return;
    browser = await chromium.launch({
      executablePath: chromiumPath as string,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
    });
  }, 150_000);
  afterAll(() => browser?.close());
  return async (url, { scheme = 'light', viewport = { width: 1360, height: 860 }, before } = {}) => {
    const context = await (browser as Browser).newContext({ colorScheme: scheme, viewport, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.setDefaultTimeout(45_000);
    if (before !== undefined) await page.addInitScript(before);
    const faults = watchFaults(page);
    await page.goto(url);
    return { page, context, faults, [Symbol.asyncDispose]: () => context.close() };
  };
}

function watchFaults(page: Page): Faults {
  const faults: Faults = { errors: [], strangers: [] };
  page.on('console', (message) => {
    if (message.type() === 'error') faults.errors.push(message.text());
  });
  page.on('pageerror', (error) => faults.errors.push(error.message));
  page.on('request', (request) => {
    if (!/^(http:\/\/127\.0\.0\.1:|data:|blob:)/.test(request.url())) faults.strangers.push(request.url());
  });
  return faults;
}

/** Returns what axe reports for a page. */
export async function faultsByAxe(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await (
      globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }
    ).axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}

/** Waits until the page shows this number of connections in a state. */
export async function shows(page: Page, state: string, number: number): Promise<void> {
  await page
    .locator('.counts .count', { hasText: state })
    .locator('b')
    .filter({ hasText: new RegExp(`^${number.toLocaleString('en')}$`) })
    .waitFor();
}
