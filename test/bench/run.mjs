/**
 * The benchmark: Choragus and its peers doing the same work, each compared with a client written by hand (`limit`) in the
 * same row and round.
 *
 *   node test/bench/run.mjs --quick                    # a look; needs a build (npm run build) and nothing else
 *   npm ci --prefix test/bench                         # the peers; redis-server and nats-server are Debian's
 *   node test/bench/run.mjs --json bench.json          # all of it
 *   node test/bench/run.mjs --rows 'ask c64' --contenders choragus,ws --split
 *
 * Each sample is a fresh client process; the servers are fresh in each round. Rounds alternate in direction (A B C, then
 * C B A). Client and server are bound to one core if `taskset` is there: the wake-up of a second core is a cost of the
 * machine, not of a client.
 */
import { writeFileSync } from 'node:fs';
import { missedBars } from './bars.mjs';
import { loadContender } from './load-contender.mjs';
import { describeMachine } from './machine.mjs';
import { markdownTables } from './markdown-tables.mjs';
import { readOptions, usage } from './read-options.mjs';
import { runRounds } from './run-rounds.mjs';
import { canPin } from './spawn-node.mjs';
import { summarise } from './summarise.mjs';

function optionsOrExit() {
  try {
    const options = readOptions(process.argv.slice(2));
    if (!options.isHelp) return options;
    console.log(usage);
    process.exit(0);
  } catch (error) {
    console.error(`${error.message}\n${usage}`);
    process.exit(2);
  }
}

const options = optionsOrExit();
const when = new Date().toISOString();
const cores = coresOf(options);
const contenders = await Promise.all(options.contenders.map(loadContender));
const { samples, absent, failures } = await runRounds(contenders, { ...options, cores });

const result = {
  when,
  node: process.version,
  versions: Object.fromEntries(contenders.flatMap(({ name, version }) => (version ? [[name, version]] : []))),
  machine: describeMachine(),
  command: options.command,
  pinned: cores.name,
  rounds: options.rounds,
  seconds: options.seconds,
  rows: summarise(samples, contenders),
  absent,
  failures,
};

console.log(markdownTables(result));
for (const { name, what } of absent) console.log(`${name} is absent: ${what}`);
for (const { contender, row, round, error } of failures)
  console.log(`FAILED: ${contender}, ${row}, round ${round}: ${error}`);
if (options.jsonFile !== undefined) writeFileSync(options.jsonFile, `${JSON.stringify(result, null, 2)}\n`);
const missed = options.isChecked ? await missedTwice(result.rows) : [];
for (const { text } of missed) console.log(`BELOW HALF OF THE BAR: ${text}`);
process.exitCode = failures.length + missed.length === 0 ? 0 : 1;

/** A bar that is missed in short windows is measured again in longer ones. */
async function missedTwice(rows) {
  const suspect = missedBars(rows).map(({ row }) => row);
  if (suspect.length === 0) return [];
  console.error(`below half of a bar, looked at again: ${suspect.join(', ')}`);
  const own = contenders.filter(({ name }) => name === 'limit' || name === 'choragus');
  const longer = { rows: suspect, rounds: 5, seconds: 1.5, warmupMs: 700, budgetSeconds: 240, cores };
  const again = await runRounds(own, longer);
  return missedBars(summarise(again.samples, own)).filter(({ row }) => suspect.includes(row));
}

function coresOf({ isSplit }) {
  const needed = isSplit ? [0, 1] : [0];
  if (!needed.every(canPin)) return { name: 'not pinned' };
  return {
    name: isSplit ? 'client on core 0, server on core 1' : 'client and server on one core',
    client: 0,
    server: needed.at(-1),
  };
}
