import { parseArgs } from 'node:util';
import { contenderNames } from './load-contender.mjs';
import { rates } from './workloads.mjs';

const full = {
  rows: Object.keys(rates),
  contenders: contenderNames,
  rounds: 5,
  seconds: 1.5,
  warmupMs: 1_000,
  budgetSeconds: 3_600,
};

/** A quick run, in under a minute. */
const quick = {
  rows: ['ask c1', 'ask c64', 'ask c256', 'stream'],
  contenders: ['limit', 'choragus', 'ioredis'],
  rounds: 3,
  seconds: 0.3,
  warmupMs: 200,
  budgetSeconds: 55,
};

export const usage = `usage: node test/bench/run.mjs [options]
  --quick                a few rows and contenders, short windows: under a minute
  --rows A,B             of: ${full.rows.join(', ')}
  --contenders A,B       of: ${contenderNames.join(', ')} (the limit is always measured)
  --rounds N             samples of each contender in each row (${full.rounds})
  --seconds S            length of a sample's window (${full.seconds})
  --warmup-ms MS         the same work before the window, not counted (${full.warmupMs}, times the row's own number)
  --budget-seconds S     begin no sample after this time (${full.budgetSeconds})
  --split                the servers on core 1, the clients on core 0; else both on core 0
  --json FILE            write the result there
  --check                fail when Choragus is below half of what it is to reach`;

/** Returns the complete options of the command line. Throws an error with a message for the user. */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: 'boolean', default: false },
      rows: { type: 'string' },
      contenders: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      'warmup-ms': { type: 'string' },
      'budget-seconds': { type: 'string' },
      split: { type: 'boolean', default: false },
      json: { type: 'string' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const preset = values.quick ? quick : full;
  return {
    ...preset,
    rows: listOf('rows', values.rows, full.rows, preset.rows),
    contenders: withLimit(listOf('contenders', values.contenders, full.contenders, preset.contenders)),
    rounds: numberOf('rounds', values.rounds, preset.rounds),
    seconds: numberOf('seconds', values.seconds, preset.seconds),
    warmupMs: numberOf('warmup-ms', values['warmup-ms'], preset.warmupMs),
    budgetSeconds: numberOf('budget-seconds', values['budget-seconds'], preset.budgetSeconds),
    isSplit: values.split,
    jsonFile: values.json,
    isChecked: values.check,
    isHelp: values.help,
    command: ['node test/bench/run.mjs', ...withoutFile(args).map(quoted)].join(' '),
  };
}

function listOf(option, given, known, otherwise) {
  if (given === undefined) return otherwise;
  const names = given.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) throw new Error(`--${option}: no ${unknown.join(', ')}; there are ${known.join(', ')}`);
  return known.filter((name) => names.includes(name));
}

function withLimit(names) {
  return names.includes('limit') ? names : ['limit', ...names];
}

function numberOf(option, given, otherwise) {
  if (given === undefined) return otherwise;
  const number = Number(given);
  if (!(number > 0)) throw new Error(`--${option} takes a number above 0, not ${given}`);
  return number;
}

/** The result names its command, without the paths of the machine. */
function withoutFile(args) {
  return args.filter((arg, index) => !arg.startsWith('--json') && args[index - 1] !== '--json');
}

function quoted(arg) {
  return /^[\w.,=-]+$/.test(arg) ? arg : `'${arg}'`;
}
