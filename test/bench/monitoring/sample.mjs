/**
 * A service with 1,000 CIs and as many requests as it can carry, scraped and not, in turns: `node sample.mjs PORT ROUNDS SECONDS`. Prints one
 * line of JSON with an array of rounds. Each round has for each mode the requests answered in a second, and the event loop's delay.
 *
 * One process for all modes: two processes with the same work differ by more than a scrape costs.
 */
import { createServer } from 'node:http';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool } from '../../../dist/src/index.js';
import { prometheusHandler } from '../../../dist/src/prometheus/index.js';
import { exitWithParent } from '../exit-with-parent.mjs';
import { firstLine } from '../first-line.mjs';
import { canPin, spawnNode } from '../spawn-node.mjs';
import { stopChild } from '../stop-child.mjs';
import { modes } from './modes.mjs';

const CIS = 1_000;
const CONCURRENCY = 64;
const WARM_UP_MS = 10_000;
const SETTLE_MS = 1_000;
const RESOLUTION_MS = 1;
const [port, rounds, seconds] = process.argv.slice(2);

exitWithParent();
const names = Array.from({ length: CIS }, (_, index) => `ci-${index}`);
const pool = createPool({
  cis: Object.fromEntries(names.map((name) => [name, `tcp://127.0.0.1:${port}`])),
  logger: false,
});
await pool.warm();
const targets = {};
for (const [mode, maxCis] of [
  ['default', undefined],
  ['named', CIS],
]) {
  const server = createServer(prometheusHandler(pool, { maxCis })).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  targets[mode] = `http://127.0.0.1:${server.address().port}/metrics`;
}

let asked = 0;
let answered = 0;
const next = () => {
  asked += 1;
  pool.ask(names[(asked * 7) % CIS], 'hello').subscribe({
    complete: () => {
      answered += 1;
      next();
    },
  });
};
for (let i = 0; i < CONCURRENCY; i += 1) next();
const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
await sleep(WARM_UP_MS);

const result = [];
for (let round = 0; round < Number(rounds); round += 1) {
  const measured = {};
  for (const mode of round % 2 === 0 ? modes : modes.toReversed()) measured[mode] = await measure(mode);
  result.push(measured);
}
console.log(JSON.stringify(result));
process.exit(0);

async function measure(mode) {
  globalThis.gc();
  const scraper =
    mode === 'off'
      ? undefined
      : spawnNode('monitoring/scraper.mjs', { core: canPin(1) ? 1 : undefined, args: [targets[mode]] });
  const { bytes = 0 } = scraper === undefined ? {} : await firstLine(scraper, 20_000);
  await sleep(SETTLE_MS);
  loop.enable();
  loop.reset();
  const window = { cpu: process.cpuUsage(), startMs: performance.now(), answered };
  await sleep(Number(seconds) * 1_000);
  const tookMs = performance.now() - window.startMs;
  const { user, system } = process.cpuUsage(window.cpu);
  loop.disable();
  if (scraper !== undefined) await stopChild(scraper);
  const lagMs = (ns) => Math.max(0, ns / 1e6 - RESOLUTION_MS);
  return {
    perSecond: ((answered - window.answered) * 1_000) / tookMs,
    usPerAsk: (user + system) / (answered - window.answered),
    lagP99Ms: lagMs(loop.percentile(99)),
    lagMaxMs: lagMs(loop.max),
    bytes,
  };
}
