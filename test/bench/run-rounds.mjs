import { ServerSet } from './server-set.mjs';
import { takeSample } from './take-sample.mjs';
import { workloads } from './workloads.mjs';

/** Takes all samples, round by round. Reports its progress on stderr; begins none after the budget is spent. */
export async function runRounds(contenders, options) {
  const endMs = performance.now() + options.budgetSeconds * 1_000;
  const present = contenders.filter((contender) => contender.absent === undefined);
  const missing = contenders.filter((contender) => contender.absent !== undefined);
  const book = {
    samples: [],
    failures: [],
    absent: new Map(missing.map(({ name, absent }) => [name, absent])),
  };
  for (const [name, what] of book.absent) console.error(`${name} is absent: ${what}`);
  for (let round = 1; round <= options.rounds && performance.now() < endMs; round += 1) {
    await runRound(round, present, { ...options, endMs }, book);
  }
  return { ...book, absent: [...book.absent].map(([name, what]) => ({ name, what })) };
}

async function runRound(round, contenders, options, book) {
  const servers = new ServerSet(options.cores.server);
  // Backwards in the next round: a drift over a round then affects all alike.
  const ordered = round % 2 === 1 ? contenders : [...contenders].reverse();
  try {
    for (const row of options.rows) {
      for (const contender of ordered.filter(({ rows }) => rows.includes(row))) {
        if (performance.now() > options.endMs) return console.error('the time is over');
        await runOne({ round, row, contender }, servers, options, book);
      }
    }
  } finally {
    await servers.stop();
  }
}

async function runOne({ round, row, contender }, servers, options, book) {
  if (book.absent.has(contender.name)) return;
  const ready = await servers.ready(contender.server).catch((error) => ({ error: `its server ${error.message}` }));
  if (ready.absent !== undefined) {
    book.absent.set(contender.name, ready.absent);
    return console.error(`${contender.name} is absent: ${ready.absent}`);
  }
  const sample = ready.error
    ? ready
    : await takeSample(contender, row, ready, { ...options, core: options.cores.client });
  const head = `round ${round}/${options.rounds}  ${row.padEnd(14)}  ${contender.name.padEnd(18)}`;
  if (sample.error !== undefined) {
    book.failures.push({ contender: contender.name, row, round, error: sample.error });
    return console.error(`${head}FAILED: ${sample.error}`);
  }
  book.samples.push({ ...sample, round, server: ready.version });
  console.error(`${head}${figureOf(sample, workloads[row])}`);
}

function figureOf(sample, { measure, unit }) {
  const figure = Math.round(sample[measure]).toLocaleString('en-US').padStart(12);
  return measure === 'bytes' ? `${figure} bytes a ${unit}` : `${figure} ${unit}s a second`;
}
