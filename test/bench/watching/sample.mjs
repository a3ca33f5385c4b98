/**
 * A service with 1,000 CIs at work, watched or not: `node sample.mjs off|unwatched|watched|paused PORT SECONDS`. Prints one line of JSON:
 * its CPU time (in cores, and in µs for each request), the longest stall while a watcher attached, and the growth of its memory.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool } from '../../../dist/src/index.js';
import { startInspector } from '../../../dist/src/inspector/index.js';
import { exitWithParent } from '../exit-with-parent.mjs';
import { firstLine } from '../first-line.mjs';
import { canPin, spawnNode } from '../spawn-node.mjs';
import { stopChild } from '../stop-child.mjs';

const CIS = 1_000;
const REQUESTS_A_SECOND = 10_000;
const SETTLE_MS = 3_000;
const [mode, port, seconds] = process.argv.slice(2);

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
const pacer = setInterval(() => {
  const due = Math.floor(((performance.now() - startMs) * REQUESTS_A_SECOND) / 1_000);
  // Some of them lose their connection; the watcher sees that.
  for (; asked < due; asked += 1) pool.ask(names[(asked * 7) % CIS], 'hello').subscribe({ error: () => {} });
}, 2);

await sleep(SETTLE_MS);
globalThis.gc();
const beforeBytes = process.memoryUsage().rss;
const loop = monitorEventLoopDelay({ resolution: 1 });
const inspector = mode === 'off' ? undefined : await startInspector(pool);
const watcher = startWatcher();
await sleep(800);
loop.enable();
if (watcher !== undefined) await firstLine(watcher, 20_000);
await sleep(1_000);
const attachStallMs = loop.max / 1e6;

loop.reset();
const cpu = process.cpuUsage();
const windowMs = performance.now();
const askedBefore = asked;
await sleep(Number(seconds) * 1_000);
const { user, system } = process.cpuUsage(cpu);
const cores = (user + system) / 1_000 / (performance.now() - windowMs);
const usPerAsk = (user + system) / (asked - askedBefore);
globalThis.gc();
const grownMiB = (process.memoryUsage().rss - beforeBytes) / 2 ** 20;
clearInterval(pacer);
console.log(JSON.stringify({ mode, cores, usPerAsk, attachStallMs, stallMs: loop.max / 1e6, grownMiB }));
if (watcher !== undefined) await stopChild(watcher);
await inspector?.close();
process.exit(0);

function startWatcher() {
  if (mode !== 'watched' && mode !== 'paused') return undefined;
  const args = [inspector.url, mode === 'watched' ? 'reads' : 'pauses'];
  return spawnNode('watching/watcher.mjs', { core: canPin(1) ? 1 : undefined, args });
}
