import { lastValueFrom, tap } from 'rxjs';
import type { Chunk, Outcome } from '../../contract/index.js';
import { describeFailure } from '../describe-failure.js';
import { cancelCode, exitCodes } from '../exit-code.js';
import { printable } from '../printable.js';
import type { Command, CommandIo } from './command.js';
import { fleetOptions, fleetUsage, openFleet } from './fleet.js';
import { readMessage } from './message.js';
import { extrasOf, outcomeJson } from './outcome-json.js';
import { readCommandLine, readSeconds } from './usage-error.js';

const usage = `Usage: choragus stream <ci> <message> [options]

Asks one CI, and prints its answer piece by piece, as it comes. The message - is what
comes from stdin. An answer that is cut is an exit code of 3.

Options:
  --timeout <seconds>   How long the whole answer may take. Default: 600
${fleetUsage}

Examples:
  choragus stream apollo "Tell me a story"
  choragus stream apollo "Tell me a story" --json | jq -rj 'select(.kind == "text") | .content'
`;

export const stream: Command = {
  about: 'ask one CI, and show the answer as it comes',
  usage,
  async run(argv: readonly string[], io: CommandIo): Promise<number> {
    const options = { ...fleetOptions, timeout: { type: 'string', default: '600' } } as const;
    const { values, words } = readCommandLine(argv, options, ['ci', 'message']);
    const [ci = '', text = ''] = words;
    const deadlineMs = readSeconds('timeout', values.timeout);
    const message = await readMessage(text, io);
    await using fleet = await openFleet(values, io);
    let came = '';
    const show = (part: Outcome | Chunk): void => {
      if ('ok' in part) return;
      const { index, kind, content, toolCall } = part;
      if (values.json) io.stdout.write(`${JSON.stringify({ ci, index, kind, content, toolCall })}\n`);
      if (kind !== 'text') return;
      came = content === '' ? came : content;
      if (!values.json) io.stdout.write(io.stdout.isTTY === true ? printable(content) : content);
    };
    const parts$ = fleet.pool.broadcast(message, { to: [ci], stream: true, deadlineMs, signal: io.signal });
    const outcome = (await lastValueFrom<Outcome | Chunk>(parts$.pipe(tap(show)))) as Outcome;
    if (values.json) io.stdout.write(endJson(outcome));
    else if (came !== '' && !came.endsWith('\n')) io.stdout.write('\n');
    if (!outcome.ok && !values.json) io.stderr.write(`${ci}: ${describeFailure(outcome.error, deadlineMs)}\n`);
    if (io.signal.aborted) return cancelCode(io.signal);
    return outcome.ok ? exitCodes.done : came === '' ? exitCodes.failed : exitCodes.partial;
  },
};

/** The pieces have said what the answer is: the end says how it went. */
function endJson(outcome: Outcome): string {
  if (!outcome.ok) return outcomeJson(outcome);
  const { model, reused, timings, raw } = outcome.reply;
  const { metadata } = raw;
  return `${JSON.stringify({ ci: outcome.ci, ok: true, model, ...extrasOf(outcome.reply), metadata, reused, timings })}\n`;
}
