/**
 * The latency of healthy CIs while others hang, flap, come in crowds, stream or answer with 16 MiB, compared with the same
 * alone. If the trouble is sockets that come and go, also that of a client written by hand beside as many of them:
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
/** The servers are bound to one core. The pool is not: V8 compiles and collects on threads that it would have to wait for. */
const serverCore = canPin(1) ? 1 : undefined;
const figures = ['p50us', 'p99us', 'p999us', 'loopP99Ms', 'loopMaxMs'];

async function takeRound(order) {
  const servers = ['servers/ndjson.mjs', 'trouble/server.mjs'].map((script) => spawnNode(script, { core: serverCore }));
  const [{ port }, trouble] = await Promise.all(servers.map((server) => firstLine(server, 10_000)));
  const samples = [];
  for (const { client, kind } of order) {
    const args = [client, kind, String(port), String(trouble[kind] ?? 0), values.seconds];
    const child = spawnNode('trouble/sample.mjs', { args });
    samples.push(await firstLine(child, 60_000));
    await stopChild(child);
    console.error(JSON.stringify(samples.at(-1)));
  }
  await Promise.all(servers.map(stopChild));
  return samples;
}

/** Returns each figure of one client beside one kind over all rounds, and its p99 as a ratio to its own quiet one of the same round. */
function summarise({ client, kind }, rounds) {
  const samplesOf = (name) =>
    rounds.map((samples) => samples.find((sample) => sample.client === client && sample.kind === name));
  const own = samplesOf(kind);
  const quiet = samplesOf('quiet');
  return {
    client,
    kind,
    about: kinds[kind].about,
    failures: own.reduce((sum, { failures }) => sum + failures, 0),
    ...Object.fromEntries(figures.map((name) => [name, spreadOf(own.map((sample) => sample[name]))])),
    p99Ratio: spreadOf(own.map((sample, round) => sample.p99us / quiet[round].p99us)),
  };
}

const names = Object.keys(kinds);
const cases = [
  ...names.map((kind) => ({ client: 'pool', kind })),
  ...names.filter((kind) => kinds[kind].isByHand).map((kind) => ({ client: 'limit', kind })),
];
const rounds = [];
for (let round = 0; round < Number(values.rounds); round += 1) {
  rounds.push(await takeRound(round % 2 === 0 ? cases : [...cases].reverse()));
}
const result = {
  rounds: rounds.length,
  seconds: Number(values.seconds),
  kinds: cases.map((one) => summarise(one, rounds)),
};
console.table(
  result.kinds.map(({ client, kind, failures, p99Ratio, ...rest }) => ({
    client,
    kind,
    failures,
    ...Object.fromEntries(figures.map((name) => [name, Number(rest[name].median.toPrecision(3))])),
    'p99 to quiet': Number(p99Ratio.median.toPrecision(3)),
  })),
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
