/**
 * Measures the cost of being scraped: a service with 1,000 CIs and as many requests as it can carry, not scraped, and scraped each second
 * with series for 200 CIs and for all. Compares with the budget. `node test/bench/monitoring/run.mjs [--rounds N] [--seconds S] [--json FILE]`.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
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
/** The least throughput while scraped, as a ratio to none in the same round. */
const LEAST_RATIO = 0.98;
/** The longest delay of the event loop while scraped, in ms. */
const MOST_LAG_MS = 5;
/** Longest time for all rounds, in ms; more than a usual run takes. */
const PATIENCE_MS = 20 * 60_000;

const server = spawnNode('watching/server.mjs', { core: cores.server, args: ['quiet'] });
let rounds;
try {
  const { port } = await firstLine(server, 10_000);
  const args = [String(port), values.rounds, values.seconds];
  const child = spawnNode('monitoring/sample.mjs', { core: cores.pool, flags: ['--expose-gc'], args });
  try {
    rounds = await firstLine(child, PATIENCE_MS);
  } finally {
    await stopChild(child);
  }
} finally {
  await stopChild(server);
}

const spread = (mode, name) => spreadOf(rounds.map((round) => round[mode][name]));
const result = {
  rounds: rounds.length,
  seconds: Number(values.seconds),
  leastRatio: LEAST_RATIO,
  mostLagMs: MOST_LAG_MS,
  modes: modes.map((mode) => ({
    mode,
    ...Object.fromEntries(
      ['perSecond', 'usPerAsk', 'lagP99Ms', 'lagMaxMs', 'bytes'].map((name) => [name, spread(mode, name)]),
    ),
    ratio: spreadOf(rounds.map((round) => round[mode].perSecond / round.off.perSecond)),
  })),
};
for (const { mode, perSecond, ratio, lagP99Ms, lagMaxMs, bytes } of result.modes) {
  const figures = { perSecond, ratio, lagP99Ms, lagMaxMs, bytes };
  const shown = Object.entries(figures).map(
    ([name, { median, low, high }]) =>
      `${name} ${median.toPrecision(4)} (${low.toPrecision(4)} to ${high.toPrecision(4)})`,
  );
  console.log(`${mode}: ${shown.join(', ')}`);
}
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
