import { lastValueFrom } from 'rxjs';
import type { Outcome } from '../../contract/index.js';
import { describeFailure } from '../describe-failure.js';
import { cancelCode, exitCodes } from '../exit-code.js';
import { printable } from '../printable.js';
import type { Command, CommandIo } from './command.js';
import { fleetOptions, fleetUsage, openFleet } from './fleet.js';
import { readMessage } from './message.js';
import { outcomeJson } from './outcome-json.js';
import { readCommandLine, readSeconds } from './usage-error.js';

const usage = `Usage: choragus ask <ci> <message> [options]

Asks one CI, and prints its answer. The message - is what comes from stdin.

Options:
  --timeout <seconds>   How long the answer may take. Default: 30
${fleetUsage}

Examples:
  choragus ask apollo "What patterns do you see?"
  git diff | choragus ask athena - --timeout 120
  choragus ask apollo hello --json | jq .timings
`;

export const ask: Command = {
  about: 'ask one CI',
  usage,
  async run(argv: readonly string[], io: CommandIo): Promise<number> {
    const options = { ...fleetOptions, timeout: { type: 'string', default: '30' } } as const;
    const { values, words } = readCommandLine(argv, options, ['ci', 'message']);
    const [ci = '', text = ''] = words;
    const deadlineMs = readSeconds('timeout', values.timeout);
    const message = await readMessage(text, io);
    await using fleet = await openFleet(values, io);
    // A broadcast to one: it fails as an outcome, and not as an exception.
    const outcome$ = fleet.pool.broadcast(message, { to: [ci], deadlineMs, signal: io.signal });
    const outcome = await lastValueFrom<Outcome>(outcome$);
    if (values.json) io.stdout.write(outcomeJson(outcome));
    else if (outcome.ok) show(outcome.reply.content, io);
    else io.stderr.write(`${ci}: ${describeFailure(outcome.error, deadlineMs)}\n`);
    if (io.signal.aborted) return cancelCode(io.signal);
    return outcome.ok ? exitCodes.done : exitCodes.failed;
  },
};

/** On a terminal a CI's text must not steer it; a file or a pipe gets what was said. */
function show(content: string, { stdout }: CommandIo): void {
  const text = stdout.isTTY === true ? printable(content) : content;
  stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
