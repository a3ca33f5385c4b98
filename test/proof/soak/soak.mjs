/**
 * A pool under load and faults for a long time, with samples of its memory: `npm run soak`, which builds first and runs
 * this with `--expose-gc`. It takes 10 minutes, or `SOAK_SECONDS`.
 *
 * Each second the heap after a forced collection, open sockets, the active sockets and timers of the process, and the
 * listeners on a signal that outlives its requests are sampled. At the end a line is fitted to the last half of each: it must be flat to within its
 * noise (`trend.mjs` says how that is estimated). When the pool is closed, all counts must be 0. Exits with 0 or 1.
 */
import { fork } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { getEventListeners, once, setMaxListeners } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createPool } from '../../../dist/src/index.js';
import { trendOf } from './trend.mjs';
import { Users } from './users.mjs';

const seconds = Number(process.env.SOAK_SECONDS ?? 600);
const USERS = 24;
const MAX_CONNECTIONS = 4;
const ROWS = 20;
/**
 * Growth of the heap in the last half that means nothing. In its first minutes a process still compiles its code, and
 * its heap rises by about 300 KiB in half a minute, once. A leak is more: 30 s of load are over 10,000 requests, and each
 * would leave at least 60 bytes.
 */
const SETTLING_BYTES = (seconds < 300 ? 600 : 64) * 1_024;

if (typeof globalThis.gc !== 'function' || !(seconds >= 10)) {
  console.error('usage: SOAK_SECONDS=30 node --expose-gc test/proof/soak/soak.mjs (at least 10 seconds)');
  process.exit(2);
}

let sockets = 0;
// Counted from their creation: an idle socket of a pool keeps no process alive, and Node lists only those that do.
subscribe('net.client.socket', ({ socket }) => {
  sockets += 1;
  socket.once('close', () => {
    sockets -= 1;
  });
});

const child = fork(new URL('cis.mjs', import.meta.url), { execArgv: [] });
const [{ cis }] = await once(child, 'message');
const pool = createPool({
  cis,
  logger: false,
  maxConnections: MAX_CONNECTIONS,
  reconnectDelayMs: 50,
  maxReconnectDelayMs: 500,
  healthIntervalMs: 200,
  heartbeatTimeoutMs: 100,
  lateReplyGraceMs: 100,
});
const { signal } = new AbortController();
setMaxListeners(0, signal);

function sample() {
  globalThis.gc();
  const { totals } = pool.snapshot();
  return {
    heap: process.memoryUsage().heapUsed,
    sockets,
    ...resources(),
    listeners: getEventListeners(signal, 'abort').length,
    connections: totals.connections,
    outstanding: totals.inFlight + totals.waiting,
  };
}

const users = new Users(pool, signal);
const samples = [];
const over = users.run(USERS);
console.log(
  row('second', 'heap MiB', 'sockets', 'active', 'timers', 'listeners', 'connections', 'outstanding', 'asked'),
);
for (let second = 1; second <= seconds; second += 1) {
  await sleep(1_000);
  const now = sample();
  samples.push(now);
  if (second % Math.ceil(seconds / ROWS) === 0) {
    const { heap, ...counts } = now;
    console.log(row(second, (heap / 2 ** 20).toFixed(2), ...Object.values(counts), users.counts.asked));
  }
}
users.stop();
await over;

const { metrics } = pool.snapshot().totals;
const report = await pool.close();
child.disconnect();
await once(child, 'exit');
await gone();

const faults = [];
const trends = {};
const half = samples.slice(samples.length >> 1);
for (const [key, unit, least] of [
  ['heap', 1_024, SETTLING_BYTES],
  ['sockets', 1, 2],
  ['listeners', 1, 2],
]) {
  const { slope, error, growth, isFlat } = trendOf(
    half.map((now) => now[key]),
    least,
  );
  const [perSecond, noise, total] = [slope, error, growth].map((value) => (value / unit).toFixed(3));
  const name = unit === 1 ? key : `${key} (KiB)`;
  trends[name] = { perSecond, noise, total, isFlat };
  console.log(
    `${name}: ${perSecond} a second, standard error ${noise}; ${total} in the last half: ${isFlat ? 'flat' : 'GROWS'}`,
  );
  if (!isFlat) faults.push(`${key} grows`);
}
const most = Math.max(...samples.map(({ connections }) => connections));
if (most > 2 * MAX_CONNECTIONS * Object.keys(cis).length) faults.push(`${most} connections at once`);
const left = sample();
for (const key of ['sockets', 'active', 'timers', 'listeners', 'connections', 'outstanding']) {
  if (left[key] !== 0) faults.push(`${left[key]} ${key} left after close`);
}
if (users.wrong.length > 0) faults.push(`wrong answers: ${JSON.stringify(users.wrong)}`);
if (users.counts.answered === 0) faults.push('nothing was answered');
const { retired, lateReplies, duplicates, unsolicited, connects, reconnects } = metrics;
console.log('users', users.counts, users.codes);
console.log('pool', { connects, retired, lateReplies, duplicates, unsolicited, reconnects }, report);
noteFigures({ seconds, users: users.counts, wrong: users.wrong.length, trends, left: faults.length });
console.log(faults.length === 0 ? 'soak: all is well' : `soak: ${faults.join('; ')}`);
process.exitCode = faults.length === 0 ? 0 : 1;

/** Writes the report's figures; `npm run reliability` sets the folder. */
function noteFigures(figures) {
  const folder = process.env.FIGURES;
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/soak.json`, `${JSON.stringify(figures, null, 2)}\n`);
}

function row(...cells) {
  return cells.map((cell) => String(cell).padStart(11)).join(' ');
}

/** Lets sockets finish closing: that takes turns of the event loop, not time. */
async function gone() {
  for (let turn = 0; turn < 1_000; turn += 1) {
    const { active, timers } = resources();
    if (sockets + active + timers === 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function resources() {
  const kinds = process.getActiveResourcesInfo();
  return {
    active: kinds.filter((kind) => /^(TCP|TLS)/.test(kind)).length,
    timers: kinds.filter((kind) => kind === 'Timeout').length,
  };
}
