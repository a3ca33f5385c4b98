/**
 * The latency of healthy CIs while others hang, flap, stream or answer with 16 MiB, against the same with nobody else:
 * `node test/bench/trouble/run.mjs [--rounds N] [--seconds S] [--json FILE]`.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { firstLine } from '../first-line.mjs';
import { canPin, spawnNode } from '../spawn-node.mjs';
import { spreadOf } from '../spread.mjs';
import { stopChild } from '../stop-child.mjs';
import { kinds } from './kinds.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    json: { type: 'string' },
  },
});
const cores = canPin(1) ? { pool: 0, server: 1 } : {};
const figures = ['p50us', 'p99us', 'p999us', 'loopP99Ms', 'loopMaxMs'];

async function takeRound(order) {
  const servers = ['servers/ndjson.mjs', 'trouble/server.mjs'].map((script) =>
    spawnNode(script, { core: cores.server }),
  );
  const [{ port }, trouble] = await Promise.all(servers.map((server) => firstLine(server, 10_000)));
  const samples = [];
  for (const kind of order) {
    const args = [kind, String(port), String(trouble[kind] ?? 0), values.seconds];
    const child = spawnNode('trouble/sample.mjs', { core: cores.pool, args });
    samples.push(await firstLine(child, 60_000));
    await stopChild(child);
    console.error(JSON.stringify(samples.at(-1)));
  }
  await Promise.all(servers.map(stopChild));
  return samples;
}

/** Each figure of one kind over all rounds, and its p99 as a ratio to the quiet one of the same round. */
function summarise(kind, rounds) {
  const own = rounds.map((samples) => samples.find((sample) => sample.kind === kind));
  const quiet = rounds.map((samples) => samples.find((sample) => sample.kind === 'quiet'));
  return {
    kind,
    about: kinds[kind].about,
    failures: own.reduce((sum, { failures }) => sum + failures, 0),
    ...Object.fromEntries(figures.map((name) => [name, spreadOf(own.map((sample) => sample[name]))])),
    p99Ratio: spreadOf(own.map((sample, round) => sample.p99us / quiet[round].p99us)),
  };
}

const names = Object.keys(kinds);
const rounds = [];
for (let round = 0; round < Number(values.rounds); round += 1) {
  rounds.push(await takeRound(round % 2 === 0 ? names : [...names].reverse()));
}
const result = {
  rounds: rounds.length,
  seconds: Number(values.seconds),
  kinds: names.map((kind) => summarise(kind, rounds)),
};
console.table(
  result.kinds.map(({ kind, failures, p99Ratio, ...rest }) => ({
    kind,
    failures,
    ...Object.fromEntries(figures.map((name) => [name, Number(rest[name].median.toPrecision(3))])),
    'p99 to quiet': Number(p99Ratio.median.toPrecision(3)),
  })),
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
