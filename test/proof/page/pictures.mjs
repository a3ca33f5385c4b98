/**
 * Renews the pictures of the inspector's page in `docs/inspector/`: `npm run docs:pictures`. Shows real services: one with
 * healthy and failing CIs under load, one in a storm of reconnects, and a program without Choragus. Needs Chromium.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startForeignInspector } from '../../../dist/src/inspector/index.js';
import { chromiumPath } from '../../support/chromium.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const out = process.argv[2] ?? fileURLToPath(new URL('../../../docs/inspector/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'choragus-pictures-'));
const sizes = { wide: { width: 1360, height: 860 }, phone: { width: 390, height: 844 } };
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
});
const children = [];
try {
  await trouble();
  await storm();
  await foreign();
} finally {
  for (const child of children) child.kill('SIGKILL');
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

/** The fleet, a CI in trouble, its statechart and its sequence. */
async function trouble() {
  const { url, order } = await start({
    cis: 200,
    failing: ['hung', 'erring', 'down'],
    asksPerSecond: 400,
    inspector: { actions: true, sizes: true },
  });
  const until = (page) => page.locator('.tr.in-bad').nth(2).waitFor();
  await picture('fleet', url, '#fleet', until, ['light', 'dark', 'phone']);
  await picture('detail', url, '#fleet?ci=down', (page) => page.locator('#detail-heading').waitFor(), [
    'light',
    'dark',
    'phone',
  ]);
  await picture('supervision', url, '#supervision', undefined, ['light', 'dark']);
  const connection = encodeURIComponent('ci-1#1');
  await picture('statechart', url, `#statechart?connection=${connection}`, (page) =>
    page.getByRole('img', { name: /^Statechart of connection; active: linked/ }).waitFor(),
  );
  await picture('sequence', url, `#sequence?connection=${connection}`, (page) =>
    page.locator('.seq-scroll text', { hasText: 'chat' }).nth(3).waitFor(),
  );
  await order('load', { asksPerSecond: 0 });
}

/** All connections lost at once: live, over time, and replayed. */
async function storm() {
  const { url, order } = await start({
    cis: 1_000,
    asksPerSecond: 500,
    pool: { maxReconnectDelayMs: 2_000, maxConnections: 1 },
  });
  const path = join(folder, 'storm.ndjson');
  await order('record', { path });
  const view = await opened(url, 'light');
  await counts(view.page, 'healthy', '1,000');
  await order('cut');
  await counts(view.page, 'healthy', '0');
  // The list is assessed once a second.
  await view.page.locator('.tr.in-bad').nth(9).waitFor();
  await view.page.screenshot({ path: join(out, 'storm.png') });
  await order('mend');
  await counts(view.page, 'healthy', '1,000');
  await view.page.evaluate("location.hash = '#timeline'");
  await view.page.locator('.curves .u-legend').first().waitFor();
  // The next second has a point of each curve.
  await sleep(2_000);
  await view.page.screenshot({ path: join(out, 'timeline.png') });
  await order('endRecord');
  await view.page.evaluate("location.hash = '#fleet'");
  await view.page.locator('input[type=file]').setInputFiles(path);
  const slider = view.page.getByRole('slider', { name: 'Time' });
  await slider.waitFor();
  // The middle of the recording: the storm.
  await slider.evaluate((input) => {
    input.value = String((Number(input.min) + Number(input.max)) / 2);
    input.dispatchEvent(new Event('input', { bubbles: true }));
  });
  await view.page.screenshot({ path: join(out, 'replay.png') });
  await view.context.close();
}

/** Another program, with the context and the events of its machine. */
async function foreign() {
  const isSecret = (path) => ['password', 'card'].includes(path.at(-1));
  const inspector = await startForeignInspector({
    redact: (value, path) => (isSecret(path) ? '[redacted]' : value),
  });
  const child = fork(join(here, 'foreign-program.mjs'), [inspector.wsUrl, 'shop'], {
    stdio: ['pipe', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  child.send({ type: 'add', item: { name: 'lamp', price: 40 } });
  child.send({ type: 'pay', card: '4111', amount: 40 });
  await picture('actors', inspector.url, '', (page) =>
    page.getByRole('img', { name: /^Statechart of shop; active: paying/ }).waitFor(),
  );
  child.kill();
  await inspector.close();
}

/** Takes a picture of a view for each look: `NAME.png` if there is one look, else `NAME-LOOK.png`. */
async function picture(name, url, hash, until, looks = ['light']) {
  for (const look of looks) {
    const { page, context } = await opened(`${url}${hash}`, look);
    await until?.(page);
    // The figures of the first seconds.
    await page.waitForTimeout(2_500);
    await page.screenshot({ path: join(out, looks.length === 1 ? `${name}.png` : `${name}-${look}.png`) });
    await context.close();
  }
}

async function opened(url, look) {
  const context = await browser.newContext({
    colorScheme: look === 'dark' ? 'dark' : 'light',
    viewport: look === 'phone' ? sizes.phone : sizes.wide,
    deviceScaleFactor: look === 'phone' ? 2 : 1,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(url);
  return { page, context };
}

function counts(page, state, number) {
  return page
    .locator('.counts .count', { hasText: state })
    .locator('b')
    .filter({ hasText: new RegExp(`^${number}$`) })
    .waitFor();
}

/** Starts a service, and returns its link and a way to give it orders. */
async function start(options) {
  const child = fork(join(here, 'service.mjs'), [JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  children.push(child);
  const [{ url }] = await once(child, 'message');
  let next = 0;
  const order = async (name, rest = {}) => {
    next += 1;
    child.send({ id: next, order: name, ...rest });
    const [{ error }] = await once(child, 'message');
    if (error !== undefined) throw new Error(error);
  };
  return { url, order };
}
