/**
 * Measures the inspector's page in a browser, at a real service: `node test/bench/watching/page-frames.mjs [--cis 5000]
 * [--changes 2000] [--seconds 5] [--openings 5]`. Prints one line of JSON: the frames per second during a storm of changes, the changes per
 * second that arrived meanwhile, the CPU time of the page's main thread in ms per second, and for each opening how long the page took until
 * it showed all of 100 CIs and of 5,000, in ms. Needs `dist` and Chromium.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { chromiumPath } from '../../support/chromium.mjs';

const { values } = parseArgs({
  options: {
    cis: { type: 'string', default: '5000' },
    changes: { type: 'string', default: '2000' },
    seconds: { type: 'string', default: '5' },
    openings: { type: 'string', default: '5' },
  },
});
const CALIBRATE_MS = 2_000;
/** A first guess: the changes of state that one reconnect causes. */
const CHANGES_A_LINK = 4;

/** Runs in the page before its own program: counts the changes that arrive and the frames. */
const counters = `{
  globalThis.counted = { changes: 0, frames: 0 };
  const Native = EventSource;
  globalThis.EventSource = class extends Native {
    constructor(...args) {
      super(...args);
      this.addEventListener('message', ({ data }) => {
        counted.changes += data.split('"t":"transition"').length - 1;
      });
    }
  };
  const tick = () => {
    counted.frames += 1;
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}`;

const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  const { readyMs: readyMs100 } = await measure(100, 0);
  const large = await measure(Number(values.cis), Number(values.changes));
  const { framesPerSecond, changesPerSecond, busyMsPerSecond, readyMs: readyMs5000 } = large;
  console.log(JSON.stringify({ framesPerSecond, changesPerSecond, busyMsPerSecond, readyMs100, readyMs5000 }));
} finally {
  await browser.close();
}

/** Opens the page of a service with this number of CIs some times; then starts a storm, if it is to have one. */
async function measure(cis, changes) {
  const service = await startService(cis);
  try {
    const readyMs = [];
    for (let opening = 1; opening < Number(values.openings); opening += 1) {
      const { page, tookMs } = await open(service, cis);
      readyMs.push(tookMs);
      await page.context().close();
    }
    const { page, tookMs } = await open(service, cis);
    readyMs.push(tookMs);
    if (changes === 0) return { readyMs };
    const browserSide = await page.context().newCDPSession(page);
    // The thread's own time: other programs of the machine have no part in it.
    await browserSide.send('Performance.enable', { timeDomain: 'threadTicks' });
    const count = async () => {
      const { metrics } = await browserSide.send('Performance.getMetrics');
      const busyMs = metrics.find(({ name }) => name === 'TaskDuration').value * 1_000;
      return { busyMs, ...(await page.evaluate('({ ...counted, atMs: performance.now() })')) };
    };
    let links = changes / CHANGES_A_LINK;
    await service.order('churn', { linksPerSecond: links });
    const before = await rates(count, CALIBRATE_MS);
    links *= changes / Math.max(1, before.changesPerSecond);
    await service.order('churn', { linksPerSecond: links });
    return { readyMs, ...(await rates(count, Number(values.seconds) * 1_000)) };
  } finally {
    service.child.kill('SIGKILL');
  }
}

/** Opens the page as a new visitor: nothing of an earlier opening is in a cache. */
async function open(service, cis) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 } });
  const page = await context.newPage();
  await page.addInitScript(counters);
  const startMs = performance.now();
  await page.goto(service.url);
  await page.waitForFunction((text) => document.querySelector('.shown')?.textContent === text, shownText(cis));
  return { page, tookMs: Math.round(performance.now() - startMs) };
}

function shownText(cis) {
  const count = cis.toLocaleString('en');
  return `${count} of ${count} CIs`;
}

async function rates(count, forMs) {
  const from = await count();
  await sleep(forMs);
  const to = await count();
  const seconds = (to.atMs - from.atMs) / 1_000;
  return {
    framesPerSecond: Math.round((to.frames - from.frames) / seconds),
    changesPerSecond: Math.round((to.changes - from.changes) / seconds),
    busyMsPerSecond: Math.round((to.busyMs - from.busyMs) / seconds),
  };
}

async function startService(cis) {
  const path = fileURLToPath(new URL('../../proof/page/service.mjs', import.meta.url));
  const child = fork(path, [JSON.stringify({ cis, inspector: { actions: true } })], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [{ url }] = await once(child, 'message');
  let id = 0;
  const order = async (name, rest) => {
    id += 1;
    child.send({ id, order: name, ...rest });
    const [{ error }] = await once(child, 'message');
    if (error !== undefined) throw new Error(error);
  };
  return { url, child, order };
}
