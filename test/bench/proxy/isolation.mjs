/**
 * Measures what one client that makes the CI hang up costs ten others on the same proxy: the time of their answers, quiet and
 * disturbed, and the share of lost requests. `node test/bench/proxy/isolation.mjs [--seconds S] [--every MS] [--json FILE]`, after
 * `npm run build`. Bars: 99 % answered, within twice the quiet time; exits with 1 if one is missed.
 */
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { firstLine } from '../first-line.mjs';
import { describeMachine } from '../machine.mjs';
import { spawnNode } from '../spawn-node.mjs';
import { spreadOf } from '../spread.mjs';
import { stopChild } from '../stop-child.mjs';

const GOOD_CLIENTS = 10;
const ANSWERED_BAR = 0.99;
const TIME_BAR = 2;
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    /** How often the bad client comes back, in ms. */
    every: { type: 'string', default: '50' },
    json: { type: 'string' },
  },
});
const windowMs = Number(values.seconds) * 1_000;

const bad = [
  `{"type":"chat","content":"x","a":${'['.repeat(1_000)}${']'.repeat(1_000)}}`,
  `{"type":"chat","content":"${'x'.repeat(8_192)}"}`,
  '{"type":"chat","content":',
  '[1,2]',
  '{"type":"dance","content":"x"}',
  '{"type":"chat","content":"x","poison":true}',
];

/** Opens a connection; undefined if it is refused. */
function connected(port) {
  return new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('connect', () => resolve(socket));
    socket.on('error', () => resolve(undefined));
  });
}

/** Waits for one answer on a connection; undefined if it ends first. */
function answered(socket, line) {
  return new Promise((resolve) => {
    socket.once('data', resolve);
    socket.once('close', () => resolve(undefined));
    socket.once('end', () => resolve(undefined));
    socket.write(line);
  });
}

/**
 * Asks one question after the other, and does not repeat a lost one. The time of each starts at the question, and includes a new
 * connection.
 */
async function good(port, name, endMs, account) {
  let socket;
  for (let index = 0; performance.now() < endMs; index += 1) {
    const beganMs = performance.now();
    while (socket === undefined && performance.now() < endMs + windowMs) {
      socket = await connected(port);
      if (socket === undefined) await sleep(1);
    }
    const answer = await answered(socket, `{"type":"chat","content":"${name}.${index}"}\n`);
    if (answer === undefined) {
      account.lost += 1;
      socket.destroy();
      socket = undefined;
      continue;
    }
    socket.removeAllListeners('close').removeAllListeners('end');
    const { type, content } = JSON.parse(answer);
    if (type === 'error') account.lost += 1;
    else if (content !== `${name}.${index}`) account.wrong += 1;
    else account.tookMs.push(performance.now() - beganMs);
  }
  socket?.destroy();
}

async function misbehave(port, endMs) {
  for (let index = 0; performance.now() < endMs; index += 1) {
    const socket = await connected(port);
    if (socket !== undefined) {
      socket.once('end', () => socket.end());
      socket.write(`${bad[index % bad.length]}\n`);
      setTimeout(() => socket.destroy(), 1_000).unref();
    }
    await sleep(Number(values.every));
  }
}

async function window(port, isDisturbed) {
  const endMs = performance.now() + windowMs;
  const account = { tookMs: [], lost: 0, wrong: 0 };
  const all = Array.from({ length: GOOD_CLIENTS }, (_, name) => good(port, name, endMs, account));
  await Promise.all(isDisturbed ? [...all, misbehave(port, endMs)] : all);
  const { tookMs, lost, wrong } = account;
  const sorted = tookMs.sort((a, b) => a - b);
  return {
    ...spreadOf(tookMs),
    p99: sorted[Math.floor(sorted.length * 0.99)],
    mean: tookMs.reduce((sum, ms) => sum + ms, 0) / tookMs.length,
    answered: tookMs.length / (tookMs.length + lost + wrong),
    asked: tookMs.length + lost + wrong,
    wrong,
  };
}

async function row(manner) {
  const server = spawnNode('proxy/hanging-ci.mjs', { args: [manner] });
  const { port: direct } = await firstLine(server, 10_000);
  const proxy = spawnNode('proxy/proxy.mjs', { args: [String(direct)] });
  const { port } = await firstLine(proxy, 10_000);
  await window(port, false);
  const quiet = await window(port, false);
  const disturbed = await window(port, true);
  await stopChild(proxy);
  await stopChild(server);
  return { manner, quiet, disturbed, times: disturbed.mean / quiet.mean };
}

const rows = [];
for (const manner of ['ordered', 'byId']) rows.push(await row(manner));
const shown = (ms) => Number(ms.toFixed(2));
console.table(
  rows.map(({ manner, quiet, disturbed, times }) => ({
    CI: manner,
    'quiet: mean, p99 (ms)': `${shown(quiet.mean)}, ${shown(quiet.p99)}`,
    'disturbed: mean, p99 (ms)': `${shown(disturbed.mean)}, ${shown(disturbed.p99)}`,
    'times as long': shown(times),
    'answered (%)': shown(disturbed.answered * 100),
    asked: disturbed.asked,
    wrong: disturbed.wrong,
  })),
);
if (values.json !== undefined) {
  writeFileSync(values.json, `${JSON.stringify({ machine: describeMachine(), ...values, rows }, null, 1)}\n`);
}
const missed = rows.filter(
  ({ times, disturbed }) => times > TIME_BAR || disturbed.answered < ANSWERED_BAR || disturbed.wrong > 0,
);
if (missed.length > 0) {
  console.error(`missed: ${missed.map(({ manner }) => manner).join(', ')}`);
  process.exitCode = 1;
}
