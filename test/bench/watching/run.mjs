/**
 * Measures the cost of being watched: a service with 1,000 CIs, 10,000 requests and 40 state changes a second, without an inspector,
 * with an unwatched one, with a watcher, and with a watcher that does not read. Then the time until a watcher of a quiet service has the
 * first state, and the page in a browser if Chromium is installed. Compares all with the budget. `node test/bench/watching/run.mjs [--rounds N] [--seconds S]
 * [--json FILE]`.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromiumPath } from '../../support/chromium.mjs';
import { firstLine } from '../first-line.mjs';
import { canPin, spawnNode } from '../spawn-node.mjs';
import { spreadOf } from '../spread.mjs';
import { stopChild } from '../stop-child.mjs';
import { modes } from './modes.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '6' },
    json: { type: 'string' },
  },
});
const cores = canPin(1) ? { pool: 0, server: 1 } : {};
/** Numbers of quiet CIs, with the longest time until the first state in ms. */
const quiet = [
  { cis: 100, most: 1_000 },
  { cis: 5_000, most: 2_000 },
];
/** The most CPU with one watcher, as a ratio to no inspector. */
const MOST_CPU = 1.1;
/** The fewest frames per second in a storm. */
const LEAST_FRAMES = 30;
/** Longest time for one program; more than all rounds of a usual run take, in ms. */
const PATIENCE_MS = 20 * 60_000;
const figures = ['cores', 'usPerAsk', 'attachStallMs', 'stallMs', 'grownMiB'];

const ready = (cis) => measured('watching/ready.mjs', ['quiet'], (port) => [port, String(cis)]);

/** Runs a program beside a server with these arguments, and returns what it prints. */
async function measured(program, serverArgs, argsOf) {
  const server = spawnNode('watching/server.mjs', { core: cores.server, args: serverArgs });
  try {
    const { port } = await firstLine(server, 10_000);
    const child = spawnNode(program, { core: cores.pool, flags: ['--expose-gc'], args: argsOf(String(port)) });
    try {
      return await firstLine(child, PATIENCE_MS);
    } finally {
      await stopChild(child);
    }
  } finally {
    await stopChild(server);
  }
}

const rounds = await measured('watching/sample.mjs', [], (port) => [port, values.rounds, values.seconds]);
for (const round of rounds) {
  round.quietly = [];
  for (const { cis } of quiet) round.quietly.push(await ready(cis));
  console.error(JSON.stringify(round));
}
const page = chromiumPath === undefined ? undefined : pageFigures();
const result = {
  rounds: rounds.length,
  seconds: Number(values.seconds),
  modes: modes.map((mode) => ({
    mode,
    ...Object.fromEntries(figures.map((name) => [name, spreadOf(rounds.map((round) => round[mode][name]))])),
    cpuRatio: spreadOf(rounds.map((round) => round[mode].usPerAsk / round.off.usPerAsk)),
    points: spreadOf(rounds.map((round) => (round[mode].cores - round.off.cores) * 100)),
  })),
};
const ratioOf = (mode) => result.modes.find((one) => one.mode === mode).cpuRatio;
result.budget = [
  { what: 'CPU without a watcher, as a ratio to no inspector', unit: '', ...ratioOf('unwatched') },
  { what: 'CPU with one watcher, as a ratio to no inspector', unit: '', most: MOST_CPU, ...ratioOf('watched') },
  ...quiet.map(({ cis, most }, index) => ({
    what: `first state of ${cis.toLocaleString('en-US')} quiet CIs in a watcher without a page, from the connection on`,
    unit: 'ms',
    most,
    ...spreadOf(rounds.map(({ quietly }) => quietly[index].readyMs)),
  })),
  ...(page === undefined ? [] : pageBudget(page)),
];
console.table(
  result.modes.map(({ mode, ...spreads }) => ({
    mode,
    ...Object.fromEntries(Object.entries(spreads).map(([name, { median }]) => [name, Number(median.toPrecision(3))])),
  })),
);
console.table(
  result.budget.map(({ what, unit, most, least, median, low, high }) => ({
    what,
    unit,
    most,
    least,
    median,
    low,
    high,
  })),
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);

/** Measures the page in a browser. */
function pageFigures() {
  const path = fileURLToPath(new URL('page-frames.mjs', import.meta.url));
  const { stdout } = spawnSync(process.execPath, [path], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(stdout);
}

function pageBudget({ readyMs100, readyMs5000, framesPerSecond, changesPerSecond }) {
  return [
    { what: 'the page in a browser, until it shows 100 CIs', unit: 'ms', most: 1_000, ...spreadOf(readyMs100) },
    { what: 'the page in a browser, until it shows 5,000 CIs', unit: 'ms', most: 2_000, ...spreadOf(readyMs5000) },
    {
      what: `frames per second of the page with 5,000 CIs and ${changesPerSecond.toLocaleString('en-US')} changes a second`,
      unit: '',
      least: LEAST_FRAMES,
      ...spreadOf([framesPerSecond]),
    },
  ];
}
