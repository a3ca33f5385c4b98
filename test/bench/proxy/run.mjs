/**
 * Measures the gain of a client that opens a connection for each message: against the CI itself, and through the proxy, by the cost of
 * a connection to the CI. `node test/bench/proxy/run.mjs [--rounds N] [--seconds S] [--json FILE]`, after `npm run build`.
 */
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { parseArgs } from 'node:util';
import { firstLine } from '../first-line.mjs';
import { describeMachine } from '../machine.mjs';
import { spawnNode } from '../spawn-node.mjs';
import { median, spreadOf } from '../spread.mjs';
import { stopChild } from '../stop-child.mjs';

const CONNECT_MS = [0, 5, 50];
/** Clients at a time. */
const CLIENTS = 8;
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    json: { type: 'string' },
  },
});

/** One client: connects, asks, gets its answer, closes. Resolves with the time in ms. */
function message(port) {
  return new Promise((resolve, reject) => {
    const startMs = performance.now();
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    socket.write(`{"type":"chat","content":"${'x'.repeat(32)}"}\n`);
    socket.once('data', () => {
      socket.end();
      resolve(performance.now() - startMs);
    });
    socket.once('error', reject);
  });
}

async function window(port, ms) {
  const endMs = performance.now() + ms;
  const tookMs = [];
  const one = async () => {
    while (performance.now() < endMs) tookMs.push(await message(port));
  };
  await Promise.all(Array.from({ length: CLIENTS }, one));
  return { p50: median(tookMs), perSecond: (tookMs.length / ms) * 1_000 };
}

async function row(connectMs) {
  const server = spawnNode('proxy/server.mjs', { args: [String(connectMs)] });
  const { port: direct } = await firstLine(server, 10_000);
  const proxy = spawnNode('proxy/proxy.mjs', { args: [String(direct)] });
  const { port: through } = await firstLine(proxy, 10_000);
  const rounds = [];
  for (const port of [direct, through]) await window(port, 500);
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const order = round % 2 === 0 ? ['direct', 'through'] : ['through', 'direct'];
    const took = {};
    for (const which of order) {
      took[which] = await window(which === 'direct' ? direct : through, Number(values.seconds) * 1_000);
    }
    rounds.push(took);
  }
  await stopChild(proxy);
  await stopChild(server);
  return {
    connectMs,
    directMs: median(rounds.map(({ direct: { p50 } }) => p50)),
    throughMs: median(rounds.map(({ through: { p50 } }) => p50)),
    ratio: spreadOf(rounds.map(({ direct: one, through: other }) => one.p50 / other.p50)),
  };
}

const rows = [];
for (const connectMs of CONNECT_MS) rows.push(await row(connectMs));
console.table(
  rows.map(({ connectMs, directMs, throughMs, ratio }) => ({
    'a connection costs (ms)': connectMs,
    'direct, p50 (ms)': Number(directMs.toFixed(2)),
    'through the proxy, p50 (ms)': Number(throughMs.toFixed(2)),
    'times as fast': `${ratio.median.toFixed(2)} (${ratio.low.toFixed(2)} to ${ratio.high.toFixed(2)})`,
  })),
);
if (values.json !== undefined) {
  writeFileSync(
    values.json,
    `${JSON.stringify({ machine: describeMachine(), ...values, clients: CLIENTS, rows }, null, 1)}\n`,
  );
}
