/**
 * Measures the cost of proving the order of answers on a wire without ids: `byId`, `proved` and `trusted` in the same rounds, against the
 * same peer program, one request at a time and 64 over four connections, with no work and with 2 ms of work for each answer.
 *
 *   node test/bench/ordering/run.mjs [--rounds N] [--seconds S] [--warmup-ms MS] [--json FILE]   # about 6 min; needs a build
 *   node test/bench/ordering/run.mjs --check    # exits with 1 if `proved` is below its bar
 *
 * Samples are those of `run.mjs`: a fresh client process each, rounds in alternating directions, client and server on one core.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadContender } from '../load-contender.mjs';
import { describeMachine } from '../machine.mjs';
import { markdownTables } from '../markdown-tables.mjs';
import { runRounds } from '../run-rounds.mjs';
import { canPin } from '../spawn-node.mjs';
import { summarise } from '../summarise.mjs';
import { orderings } from '../workloads.mjs';
import { compareOrderings, orderingTable } from './table.mjs';

const BASE = 'choragus-trusted';
const BUDGET_SECONDS = 1_800;
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1.5' },
    'warmup-ms': { type: 'string', default: '1000' },
    json: { type: 'string' },
    check: { type: 'boolean', default: false },
  },
});
const isPinned = canPin(0);
const options = { rounds: Number(values.rounds), seconds: Number(values.seconds) };
const contenders = await Promise.all(['choragus-by-id', 'choragus-proved', BASE].map(loadContender));
const when = new Date().toISOString();
const { samples, failures } = await runRounds(contenders, {
  ...options,
  rows: Object.keys(orderings),
  warmupMs: Number(values['warmup-ms']),
  budgetSeconds: BUDGET_SECONDS,
  cores: isPinned ? { client: 0, server: 0 } : {},
});
const result = {
  when,
  node: process.version,
  machine: describeMachine(),
  pinned: isPinned ? 'client and server on one core' : 'not pinned',
  ...options,
  rows: summarise(samples, contenders, BASE),
  failures,
};

console.log(`${markdownTables(result)}\n${orderingTable(result.rows)}`);
for (const { contender, row, round, error } of failures)
  console.log(`FAILED: ${contender}, ${row}, round ${round}: ${error}`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
const missed = compareOrderings(result.rows).filter(({ isMet }) => !isMet);
for (const { row, ratio, least } of missed)
  console.log(`BELOW THE BAR: ${row}: ${ratio?.median}, and the bar is ${least}`);
process.exitCode = failures.length > 0 || (values.check && missed.length > 0) ? 1 : 0;
