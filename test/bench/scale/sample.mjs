/**
 * One pool of many CIs, in a separate process: the cost to make, hold, warm, inspect, ask and lose them. Prints one
 * line of JSON. `scale/run.mjs` starts it with the number of CIs and the server's port.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool } from '../../../dist/src/index.js';
import { exitWithParent } from '../exit-with-parent.mjs';
import { median } from '../spread.mjs';

const REPEATS = 7;
const [size, port] = process.argv.slice(2).map(Number);
const url = `tcp://127.0.0.1:${port}`;
const named = (count) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`ci-${index}`, url]));

/** Returns how long a step takes, in ms. */
async function timed(act) {
  const startMs = performance.now();
  await act();
  return performance.now() - startMs;
}

async function timedOften(act) {
  const tookMs = [];
  for (let times = 0; times < REPEATS; times += 1) tookMs.push(await timed(act));
  return median(tookMs);
}

async function residentBytes() {
  for (let times = 0; times < 3; times += 1) {
    globalThis.gc();
    await sleep(50);
  }
  return process.memoryUsage().rss;
}

function broadcast(pool) {
  return new Promise((resolve, reject) => {
    let answered = 0;
    pool.broadcast('What should we build?', { deadlineMs: 30_000 }).subscribe({
      next: ({ ok }) => {
        answered += ok ? 1 : 0;
      },
      error: reject,
      complete: () => (answered === pool.cis.length ? resolve() : reject(new Error(`${answered} answers`))),
    });
  });
}

/** Leaves out the code, and the cost of its first use. */
async function useOnce() {
  const pool = createPool({ cis: named(50), logger: false });
  await pool.warm();
  for (let times = 0; times < 20; times += 1) {
    await broadcast(pool);
    pool.snapshot();
  }
  await pool.close();
}

/** Adds and removes one CI beside all the others: the cost of starting and stopping one. */
async function comeAndGo(pool) {
  const times = 200;
  const tookMs = await timed(async () => {
    for (let i = 0; i < times; i += 1) {
      pool.add(`extra-${i}`, url);
      await pool.warm([`extra-${i}`]);
      await pool.remove(`extra-${i}`);
    }
  });
  return (tookMs * 1_000) / times;
}

exitWithParent();
await useOnce();
const emptyBytes = await residentBytes();
const cis = named(size);
let pool;
const createMs = await timed(() => {
  pool = createPool({ cis, logger: false });
});
const idleBytes = await residentBytes();
const warmMs = await timed(async () => {
  const { down } = await pool.warm();
  if (down.length > 0) throw new Error(`${down.length} are down: ${down[0].error.message}`);
});
const connectedBytes = await residentBytes();
const snapshotMs = await timedOften(() => pool.snapshot());
const broadcastMs = await timedOften(() => broadcast(pool));
const snapshotAfterMs = await timed(() => pool.snapshot());
const comeAndGoUs = await comeAndGo(pool);
const closeMs = await timed(() => pool.close());
console.log(
  JSON.stringify({
    size,
    createMs,
    idleKiB: (idleBytes - emptyBytes) / size / 1_024,
    warmMs,
    connectedKiB: (connectedBytes - emptyBytes) / size / 1_024,
    snapshotMs,
    snapshotAfterMs,
    broadcastMs,
    comeAndGoUs,
    closeMs,
  }),
);
process.exit(0);
