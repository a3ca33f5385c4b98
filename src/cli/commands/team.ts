import { lastValueFrom, tap, toArray } from 'rxjs';
import type { Outcome } from '../../contract/index.js';
import { readCommandLine, readSeconds } from '../../terminal/command-line.js';
import { cancelCode, codeOfParts } from '../../terminal/exit-code.js';
import { Screen } from '../../terminal/screen.js';
import { teamChat } from '../../terminal/team-chat.js';
import { showAnswer } from '../show-answer.js';
import type { Command, CommandIo } from './command.js';
import { checkNames, fleetOptions, fleetUsage, openFleet } from './fleet.js';
import { readMessage } from './message.js';
import { outcomeJson } from './outcome.js';

const usage = `Usage: choragus team <message> [options]

Asks all CIs at once, and prints each whole answer as it arrives. Use - as the message to
read it from stdin. The exit code is 1 if a CI did not answer.

Options:
  --to <names>          Ask only these: apollo,athena
  --timeout <seconds>   How long each answer may take. Default: broadcastDeadlineMs, or 2
${fleetUsage}

Examples:
  choragus team "What should we build?" --demo
  choragus team "Ready?" --to apollo,athena --timeout 10
  choragus team "Ready?" --json | jq -r 'select(.ok) | .ci'
`;

export const team: Command = {
  usage,
  async run(argv: readonly string[], io: CommandIo): Promise<number> {
    const options = { ...fleetOptions, to: { type: 'string' }, timeout: { type: 'string' } } as const;
    const { values, words } = readCommandLine(argv, options, ['message']);
    const deadlineMs = values.timeout === undefined ? undefined : readSeconds('--timeout', values.timeout);
    const message = await readMessage(words[0] ?? '', io);
    await using fleet = await openFleet(values, io);
    const to = values.to === undefined ? fleet.pool.cis : values.to.split(',').map((name) => name.trim());
    checkNames(to, fleet.pool);
    const terms = { to: [...new Set(to)], deadlineMs, signal: io.signal };
    const outcomes = values.json
      ? await lastValueFrom(fleet.pool.broadcast(message, terms).pipe(tap(printTo(io)), toArray()))
      : await teamChat(fleet.pool, { message, ...terms }, new Screen(io.stdout, io.env), showAnswer);
    if (io.signal.aborted) return cancelCode(io.signal);
    return codeOfParts(outcomes.filter(({ ok }) => ok).length, outcomes.length);
  },
};

function printTo({ stdout }: CommandIo): (outcome: Outcome) => void {
  return (outcome) => void stdout.write(outcomeJson(outcome));
}
