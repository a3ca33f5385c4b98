import { catchError, from, lastValueFrom, map, mergeMap, of, tap, toArray } from 'rxjs';
import type { Outcome, Pool } from '../../contract/index.js';
import { ChoragusError } from '../../errors/index.js';
import { describeFailure } from '../describe-failure.js';
import { cancelCode, codeOfParts } from '../exit-code.js';
import { measured } from '../seconds.js';
import type { Command, CommandIo } from './command.js';
import { fleetOptions, fleetUsage, openFleet } from './fleet.js';
import { outcomeJson } from './outcome-json.js';
import { readCommandLine, readSeconds, UsageError } from './usage-error.js';

const usage = `Usage: choragus ping [<ci>…] [options]

Sends {"type":"ping"} to the CIs that are named, or to all, and tells how long the answer
took. The exit code is 3 when some have answered, and 1 when none has.

Options:
  --timeout <seconds>   How long an answer may take. Default: 2
${fleetUsage}

Examples:
  choragus ping
  choragus ping apollo athena --json
`;

export const ping: Command = {
  about: 'see who answers, and how fast',
  usage,
  async run(argv: readonly string[], io: CommandIo): Promise<number> {
    const options = { ...fleetOptions, timeout: { type: 'string', default: '2' } } as const;
    const { values, words } = readCommandLine(argv, options, ['ci…']);
    const deadlineMs = readSeconds('timeout', values.timeout);
    await using fleet = await openFleet(values, io);
    const { pool } = fleet;
    const unknown = words.find((name) => !pool.cis.includes(name));
    if (unknown !== undefined) throw new UsageError(`there is no CI ${JSON.stringify(unknown)}`);
    const names = words.length === 0 ? pool.cis : [...new Set(words)];
    const show = (outcome: Outcome): void => {
      io.stdout.write(values.json ? outcomeJson(outcome) : lineOf(outcome, deadlineMs));
    };
    const outcomes = await lastValueFrom(
      from(names).pipe(
        mergeMap((ci) => pinged(pool, ci, deadlineMs, io.signal)),
        tap(show),
        toArray(),
      ),
    );
    if (io.signal.aborted) return cancelCode(io.signal);
    return codeOfParts(outcomes.filter(({ ok }) => ok).length, outcomes.length);
  },
};

function pinged(pool: Pool, ci: string, deadlineMs: number, signal: AbortSignal) {
  return pool.request(ci, { type: 'ping' }, { deadlineMs, signal }).pipe(
    map((reply): Outcome => ({ ci, ok: true, reply })),
    catchError((error: unknown) => {
      if (error instanceof ChoragusError) return of<Outcome>({ ci, ok: false, error });
      throw error;
    }),
  );
}

function lineOf(outcome: Outcome, deadlineMs: number): string {
  if (!outcome.ok) return `${outcome.ci}: ${describeFailure(outcome.error, deadlineMs)}\n`;
  const { serviceMs, connectMs } = outcome.reply.timings;
  return `${outcome.ci}: answered in ${measured(serviceMs)}, connected in ${measured(connectMs)}\n`;
}
