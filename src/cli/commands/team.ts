import { lastValueFrom, tap, toArray } from 'rxjs';
import type { Outcome } from '../../contract/index.js';
import { cancelCode, codeOfParts } from '../exit-code.js';
import { Screen } from '../screen.js';
import { teamChat } from '../team-chat.js';
import type { Command, CommandIo } from './command.js';
import { fleetOptions, fleetUsage, openFleet } from './fleet.js';
import { readMessage } from './message.js';
import { outcomeJson } from './outcome-json.js';
import { readCommandLine, readSeconds, UsageError } from './usage-error.js';

const usage = `Usage: choragus team <message> [options]

Asks all CIs at once, and shows each answer as it arrives. The message - is what comes
from stdin. The exit code is 3 when some have answered, and 1 when none has.

Options:
  --to <names>          Only these, such as apollo,athena
  --timeout <seconds>   How long each answer may take. Default: 2
${fleetUsage}

Examples:
  choragus team "What should we build?" --demo
  choragus team "Ready?" --to apollo,athena --timeout 10
  choragus team "Ready?" --json | jq -r 'select(.ok) | .ci'
`;

export const team: Command = {
  about: 'ask all CIs at once',
  usage,
  async run(argv: readonly string[], io: CommandIo): Promise<number> {
    const options = { ...fleetOptions, to: { type: 'string' }, timeout: { type: 'string', default: '2' } } as const;
    const { values, words } = readCommandLine(argv, options, ['message']);
    const deadlineMs = readSeconds('timeout', values.timeout);
    const message = await readMessage(words[0] ?? '', io);
    await using fleet = await openFleet(values, io);
    const to = values.to === undefined ? fleet.pool.cis : readNames(values.to, fleet.pool.cis);
    const terms = { to, deadlineMs, signal: io.signal };
    const outcomes = values.json
      ? await lastValueFrom(fleet.pool.broadcast(message, terms).pipe(tap(printTo(io)), toArray()))
      : await teamChat(fleet.pool, { message, ...terms }, new Screen(io.stdout, io.env));
    if (io.signal.aborted) return cancelCode(io.signal);
    return codeOfParts(outcomes.filter(({ ok }) => ok).length, outcomes.length);
  },
};

function printTo({ stdout }: CommandIo): (outcome: Outcome) => void {
  return (outcome) => void stdout.write(outcomeJson(outcome));
}

function readNames(text: string, known: readonly string[]): string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return [...new Set(names)];
  throw new UsageError(`there is no CI ${JSON.stringify(unknown)}; there are ${known.join(', ')}`);
}
