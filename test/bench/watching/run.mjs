/**
 * Measures the cost of being watched: a service with 1,000 CIs, 2,000 requests and 40 state changes a second, without an inspector, with
 * an
 * unwatched one, with a watcher, and with a watcher that does not read. `node test/bench/watching/run.mjs [--rounds N] [--seconds S]
 * [--json FILE]`.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { firstLine } from '../first-line.mjs';
import { canPin, spawnNode } from '../spawn-node.mjs';
import { spreadOf } from '../spread.mjs';
import { stopChild } from '../stop-child.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '6' },
    json: { type: 'string' },
  },
});
const cores = canPin(1) ? { pool: 0, server: 1 } : {};
const modes = ['off', 'unwatched', 'watched', 'paused'];
const figures = ['cores', 'attachStallMs', 'stallMs', 'grownMiB'];

async function sample(mode) {
  const server = spawnNode('watching/server.mjs', { core: cores.server });
  try {
    const { port } = await firstLine(server, 10_000);
    const args = [mode, String(port), values.seconds];
    const child = spawnNode('watching/sample.mjs', { core: cores.pool, flags: ['--expose-gc'], args });
    try {
      return await firstLine(child, 60_000);
    } finally {
      await stopChild(child);
    }
  } finally {
    await stopChild(server);
  }
}

const rounds = [];
for (let round = 0; round < Number(values.rounds); round += 1) {
  const order = round % 2 === 0 ? modes : [...modes].reverse();
  const samples = [];
  for (const mode of order) {
    samples.push(await sample(mode));
    console.error(JSON.stringify(samples.at(-1)));
  }
  rounds.push(Object.fromEntries(samples.map((one) => [one.mode, one])));
}
const result = {
  rounds: rounds.length,
  seconds: Number(values.seconds),
  modes: modes.map((mode) => ({
    mode,
    ...Object.fromEntries(figures.map((name) => [name, spreadOf(rounds.map((round) => round[mode][name]))])),
    cpuRatio: spreadOf(rounds.map((round) => round[mode].cores / round.off.cores)),
    points: spreadOf(rounds.map((round) => (round[mode].cores - round.off.cores) * 100)),
  })),
};
console.table(
  result.modes.map(({ mode, ...spreads }) => ({
    mode,
    ...Object.fromEntries(Object.entries(spreads).map(([name, { median }]) => [name, Number(median.toPrecision(3))])),
  })),
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
