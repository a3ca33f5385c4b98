/**
 * The latency of healthy CIs while others make trouble: asked at an even pace, each latency counted from the moment at
 * which the request was due, so that a stall weighs on all that it holds up. Prints one line of JSON.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createPool } from '../../../dist/src/index.js';
import { exitWithParent } from '../exit-with-parent.mjs';
import { Histogram } from '../histogram.mjs';
import { kinds, TROUBLED } from './kinds.mjs';

const HEALTHY = 8;
const RATE = 1_000;
const WARM_MS = 1_000;
const [kind, portText, troublePortText, secondsText] = process.argv.slice(2);

exitWithParent();
const healthy = Array.from({ length: HEALTHY }, (_, index) => `healthy-${index}`);
const troubled = kind === 'quiet' ? [] : Array.from({ length: TROUBLED }, (_, index) => `troubled-${index}`);
const pool = createPool({
  cis: Object.fromEntries([
    ...healthy.map((ci) => [ci, `tcp://127.0.0.1:${portText}`]),
    ...troubled.map((ci) => [ci, `tcp://127.0.0.1:${troublePortText}`]),
  ]),
  reconnectDelayMs: 50,
  maxReconnectDelayMs: 100,
  maxReplyBytes: 17 * 2 ** 20,
  logger: false,
});
let isOver = false;
let histogram = new Histogram();
let failures = 0;
let asked = 0;

/** Asks what is due by now. */
function pace(startMs) {
  const dueCount = Math.floor(((performance.now() - startMs) * RATE) / 1_000);
  for (; asked < dueCount; asked += 1) {
    const dueMs = startMs + (asked * 1_000) / RATE;
    pool.ask(healthy[asked % HEALTHY], 'hello').subscribe({
      next: () => histogram.record(performance.now() - dueMs),
      error: () => {
        failures += 1;
      },
    });
  }
}

await pool.warm(healthy);
kinds[kind].start(pool, troubled, () => isOver);
const startMs = performance.now();
const pacer = setInterval(() => pace(startMs), 1);
await new Promise((resolve) => setTimeout(resolve, WARM_MS));
histogram = new Histogram();
const loop = monitorEventLoopDelay({ resolution: 1 });
loop.enable();
await new Promise((resolve) => setTimeout(resolve, Number(secondsText) * 1_000));
loop.disable();
clearInterval(pacer);
isOver = true;
console.log(
  JSON.stringify({
    kind,
    failures,
    p50us: histogram.quantileUs(0.5),
    p99us: histogram.quantileUs(0.99),
    p999us: histogram.quantileUs(0.999),
    loopP99Ms: loop.percentile(99) / 1e6,
    loopMaxMs: loop.max / 1e6,
  }),
);
process.exit(0);
