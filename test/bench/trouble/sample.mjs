/**
 * The latency of healthy CIs while others make trouble. Requests come at an even pace, and each latency counts from the
 * time when the request was due, so that a stall counts for every request it delays. Prints one line of JSON.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitWithParent } from '../exit-with-parent.mjs';
import { Histogram } from '../histogram.mjs';
import { clients } from './clients.mjs';

const RATE = 1_000;
/** In this time, the code that opens and loses connections is still being compiled. */
const WARM_MS = 10_000;
const [client, kind, port, troublePort, secondsText] = process.argv.slice(2);

exitWithParent();
const ask = await clients[client]({ kind, port: Number(port), troublePort: Number(troublePort) });
let histogram = new Histogram();
let failures = 0;
let asked = 0;

/** Sends the requests that are due by now. */
function pace(startMs) {
  const dueCount = Math.floor(((performance.now() - startMs) * RATE) / 1_000);
  for (; asked < dueCount; asked += 1) {
    const dueMs = startMs + (asked * 1_000) / RATE;
    ask(asked, (error) => {
      if (error) failures += 1;
      else histogram.record(performance.now() - dueMs);
    });
  }
}

const startMs = performance.now();
const pacer = setInterval(() => pace(startMs), 1);
await sleep(WARM_MS);
histogram = new Histogram();
const loop = monitorEventLoopDelay({ resolution: 1 });
loop.enable();
await sleep(Number(secondsText) * 1_000);
loop.disable();
clearInterval(pacer);
console.log(
  JSON.stringify({
    client,
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
