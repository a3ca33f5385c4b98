import { from, lastValueFrom, mergeMap, tap, toArray } from 'rxjs';
import type { Outcome } from '../../contract/index.js';
import { readCommandLine, readSeconds } from '../../terminal/command-line.js';
import { describeFailure } from '../../terminal/describe-failure.js';
import { cancelCode, codeOfParts } from '../../terminal/exit-code.js';
import { measured } from '../../terminal/seconds.js';
import type { Command, CommandIo } from './command.js';
import { checkNames, fleetOptions, fleetUsage, openFleet } from './fleet.js';
import { outcomeJson, outcomeOf } from './outcome.js';

const usage = `Usage: choragus ping [<ci>…] [options]

Sends {"type":"ping"} to the named CIs, or to all, and prints how long each answer
took. The exit code is 1 if a CI did not answer.

Options:
  --timeout <seconds>   How long each answer may take. Default: 2
${fleetUsage}

Examples:
  choragus ping
  choragus ping apollo athena --json
`;

export const ping: Command = {
  usage,
  async run(argv: readonly string[], io: CommandIo): Promise<number> {
    const options = { ...fleetOptions, timeout: { type: 'string', default: '2' } } as const;
    const { values, words } = readCommandLine(argv, options, ['ci…']);
    const deadlineMs = readSeconds('--timeout', values.timeout);
    await using fleet = await openFleet(values, io);
    const { pool } = fleet;
    checkNames(words, pool);
    const names = words.length === 0 ? pool.cis : [...new Set(words)];
    const terms = { deadlineMs, signal: io.signal };
    const show = (outcome: Outcome): void => {
      io.stdout.write(values.json ? outcomeJson(outcome) : lineOf(outcome));
    };
    const outcomes = await lastValueFrom(
      from(names).pipe(
        mergeMap((ci) => outcomeOf(ci, pool.request(ci, { type: 'ping' }, terms))),
        tap(show),
        toArray(),
      ),
    );
    if (io.signal.aborted) return cancelCode(io.signal);
    return codeOfParts(outcomes.filter(({ ok }) => ok).length, outcomes.length);
  },
};

function lineOf(outcome: Outcome): string {
  if (!outcome.ok) return `${outcome.ci}: ${describeFailure(outcome.error)}\n`;
  const { serviceMs, connectMs } = outcome.reply.timings;
  return `${outcome.ci}: answered in ${measured(serviceMs)}, connected in ${measured(connectMs)}\n`;
}
