import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startForeignInspector } from '../../../../dist/src/inspector/index.js';

const LIMIT_MS = 30_000;

/**
 * Runs a bundled example beside an inspector of its own, opens the page, and waits until it shows the chart, the context
 * and the fields of the events. First it opens the page without a program: this time shows how busy the machine is.
 *
 * @returns the number of states, and both times from the opening of the page until all was shown, in ms.
 */
export async function showExample(browser, program) {
  const inspector = await startForeignInspector();
  try {
    const emptyMs = await timeOfPage(browser, inspector.url, isEmpty);
    const example = await started(program, inspector.wsUrl);
    try {
      const shownMs = await timeOfPage(browser, inspector.url, isShown, example.expected);
      assert.equal(inspector.dropped, 0, 'the inspector did not understand a report');
      return { ...example.expected, emptyMs, shownMs };
    } finally {
      await example.end();
    }
  } finally {
    await inspector.close();
  }
}

/** Starts an example in a folder of its own, because an example can write files. Returns what the page must show. */
async function started(program, wsUrl) {
  const cwd = await mkdtemp(join(dirname(program), 'folder-'));
  const child = fork(program, { cwd, env: { ...process.env, INSPECT_URL: wsUrl }, silent: true });
  const errors = [];
  child.stdout.resume();
  child.stderr.on('data', (text) => errors.push(String(text)));
  const gone = once(child, 'exit');
  const end = async () => {
    child.kill();
    await gone;
  };
  const failed = gone.then(([code]) => {
    throw new Error(`the example ended, with code ${code}: ${errors.join('').slice(0, 300)}`);
  });
  try {
    const [expected] = await Promise.race([once(child, 'message'), failed]);
    assert.ok(expected.hasMachine, 'the example has no machine');
    return { expected, end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Opens the page and waits until a function says in it that all is shown. Returns the time until then, in ms. */
async function timeOfPage(browser, url, isReady, expected) {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const faults = [];
    page.on('pageerror', ({ message }) => faults.push(message));
    await page.goto(url, { waitUntil: 'commit' });
    const shown = await page.waitForFunction(isReady, expected, { polling: 'raf', timeout: LIMIT_MS });
    const ms = Math.round(await shown.jsonValue());
    assert.deepEqual(faults, []);
    return ms;
  } finally {
    await context.close();
  }
}

/** Runs in the page. Returns the time since its opening, once it says that no program has connected. */
function isEmpty() {
  return document.body?.textContent.includes('No program has connected') ? performance.now() : undefined;
}

/** Runs in the page. Returns the time since its opening, once all is shown. */
function isShown({ states, context, payload }) {
  // A root without states has no chart: the page has chosen another actor then. A reader chooses the root.
  const root = document.querySelector('aside .tree > li > button');
  if (root !== null && root.getAttribute('aria-current') !== 'true') root.click();
  const keysIn = (selector) =>
    new Set([...document.querySelectorAll(`${selector} .content-key`)].map(({ textContent }) => textContent));
  // A machine with no states but its root has nothing to draw.
  const hasChart = states <= 1 || document.querySelector('.chart-canvas svg .state') !== null;
  const shownContext = keysIn('aside .content');
  const shownPayload = keysIn('.content-events');
  const hasAll = context.every((key) => shownContext.has(key)) && payload.every((key) => shownPayload.has(key));
  const hasEvents = document.querySelector('.content-events > li') !== null;
  return hasChart && hasAll && hasEvents ? performance.now() : undefined;
}
