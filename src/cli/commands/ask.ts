import { lastValueFrom } from 'rxjs';
import { readCommandLine, readSeconds } from '../../terminal/command-line.js';
import { cancelCode, exitCodes } from '../../terminal/exit-code.js';
import { printable } from '../../terminal/printable.js';
import type { Command, CommandIo } from './command.js';
import { checkNames, fleetOptions, fleetUsage, openFleet } from './fleet.js';
import { readMessage } from './message.js';
import { outcomeJson, outcomeOf, tellFailure } from './outcome.js';

const usage = `Usage: choragus ask <ci> <message> [options]

Asks one CI, and prints its answer. Use - as the message to read it from stdin.

Options:
  --timeout <seconds>   How long the answer may take. Default: requestTimeoutMs, or 30
${fleetUsage}

Examples:
  choragus ask apollo "What patterns do you see?"
  git diff | choragus ask athena - --timeout 120
  choragus ask apollo hello --json | jq .timings
`;

export const ask: Command = {
  usage,
  async run(argv: readonly string[], io: CommandIo): Promise<number> {
    const options = { ...fleetOptions, timeout: { type: 'string' } } as const;
    const { values, words } = readCommandLine(argv, options, ['ci', 'message']);
    const [ci = '', text = ''] = words;
    const deadlineMs = values.timeout === undefined ? undefined : readSeconds('--timeout', values.timeout);
    const message = await readMessage(text, io);
    await using fleet = await openFleet(values, io);
    checkNames([ci], fleet.pool);
    const outcome = await lastValueFrom(outcomeOf(ci, fleet.pool.ask(ci, message, { deadlineMs, signal: io.signal })));
    if (values.json) io.stdout.write(outcomeJson(outcome));
    else if (outcome.ok) show(outcome.reply.content, io);
    else tellFailure(outcome, io);
    if (io.signal.aborted) return cancelCode(io.signal);
    return outcome.ok ? exitCodes.good : exitCodes.failed;
  },
};

/** Removes control characters only for a terminal. A file or a pipe gets the text unchanged. */
function show(content: string, { stdout }: CommandIo): void {
  const text = stdout.isTTY === true ? printable(content) : content;
  stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
