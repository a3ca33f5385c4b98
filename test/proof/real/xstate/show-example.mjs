import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { startForeignInspector } from '../../../../dist/src/inspector/index.js';

const LIMIT_MS = 30_000;

/**
 * Runs a bundled example beside an inspector of its own, opens the page, and waits until it shows the chart, the context
 * and the fields of the events.
 *
 * @returns the number of states, and the time from the opening of the page until all was shown, in ms.
 */
export async function showExample(browser, program) {
  const inspector = await startForeignInspector();
  const child = fork(program, { env: { ...process.env, INSPECT_URL: inspector.wsUrl }, silent: true });
  const errors = [];
  child.stderr.on('data', (text) => errors.push(String(text)));
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the example ended, with code ${code}: ${errors.join('').slice(0, 300)}`);
  });
  ended.catch(() => {});
  const context = await browser.newContext();
  try {
    const [expected] = await Promise.race([once(child, 'message'), ended]);
    assert.ok(expected.name !== undefined, 'the example has no machine');
    const page = await context.newPage();
    const faults = [];
    page.on('pageerror', ({ message }) => faults.push(message));
    await page.goto(inspector.url, { waitUntil: 'commit' });
    const shown = await page.waitForFunction(isShown, expected, { polling: 'raf', timeout: LIMIT_MS });
    const shownMs = Math.round(await shown.jsonValue());
    assert.deepEqual(faults, []);
    assert.equal(inspector.dropped, 0, 'the inspector did not understand a report');
    return { ...expected, shownMs };
  } finally {
    await context.close();
    await inspector.close();
    if (child.exitCode === null && child.signalCode === null) {
      child.kill();
      await once(child, 'exit');
    }
  }
}

/** Runs in the page. Returns the time since its opening, once all is shown. */
function isShown({ states, context, payload }) {
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
