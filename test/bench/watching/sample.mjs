/**
 * A service with 1,000 CIs at work, watched and not, in turns: `node sample.mjs PORT ROUNDS SECONDS`. Prints one line of JSON with
 * an array of rounds. Each round has for each mode the CPU time of the process (in cores, and in µs for each request), the longest stall
 * while a watcher attached, the longest one afterwards, and the growth of the memory.
 *
 * One process for all modes: two processes with the same work differ by more than a watcher costs.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool } from '../../../dist/src/index.js';
import { startInspector } from '../../../dist/src/inspector/index.js';
import { exitWithParent } from '../exit-with-parent.mjs';
import { firstLine } from '../first-line.mjs';
import { canPin, spawnNode } from '../spawn-node.mjs';
import { stopChild } from '../stop-child.mjs';
import { modes } from './modes.mjs';

const CIS = 1_000;
const REQUESTS_A_SECOND = 10_000;
const WARM_UP_MS = 10_000;
const SETTLE_MS = 1_000;
const [port, rounds, seconds] = process.argv.slice(2);

exitWithParent();
const names = Array.from({ length: CIS }, (_, index) => `ci-${index}`);
const pool = createPool({
  cis: Object.fromEntries(names.map((name) => [name, `tcp://127.0.0.1:${port}`])),
  logger: false,
  reconnectDelayMs: 50,
  maxReconnectDelayMs: 100,
});
await pool.warm();

const startMs = performance.now();
let asked = 0;
setInterval(() => {
  const due = Math.floor(((performance.now() - startMs) * REQUESTS_A_SECOND) / 1_000);
  // Some of them lose their connection; the watcher sees that.
  for (; asked < due; asked += 1) pool.ask(names[(asked * 7) % CIS], 'hello').subscribe({ error: () => {} });
}, 2);
const loop = monitorEventLoopDelay({ resolution: 1 });
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
  const beforeBytes = process.memoryUsage().rss;
  const inspector = mode === 'off' ? undefined : await startInspector(pool);
  const watcher = mode === 'watched' || mode === 'paused' ? startWatcher(inspector.url, mode) : undefined;
  // The watcher connects a while after its start: to start a process costs this one time, which is not to be measured.
  await sleep(800);
  loop.enable();
  loop.reset();
  if (watcher !== undefined) await firstLine(watcher, 20_000);
  await sleep(SETTLE_MS);
  const attachStallMs = loop.max / 1e6;
  loop.reset();
  const window = { cpu: process.cpuUsage(), startMs: performance.now(), asked };
  await sleep(Number(seconds) * 1_000);
  const { user, system } = process.cpuUsage(window.cpu);
  const cores = (user + system) / 1_000 / (performance.now() - window.startMs);
  const usPerAsk = (user + system) / (asked - window.asked);
  const stallMs = loop.max / 1e6;
  loop.disable();
  globalThis.gc();
  const grownMiB = (process.memoryUsage().rss - beforeBytes) / 2 ** 20;
  if (watcher !== undefined) await stopChild(watcher);
  await inspector?.close();
  return { cores, usPerAsk, attachStallMs, stallMs, grownMiB };
}

function startWatcher(url, mode) {
  const args = [url, mode === 'watched' ? 'reads' : 'pauses'];
  return spawnNode('watching/watcher.mjs', { core: canPin(1) ? 1 : undefined, args });
}
