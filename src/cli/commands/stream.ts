import { ignoreElements, lastValueFrom, Observable, tap } from 'rxjs';
import type { Chunk, Message, Outcome, Pool, Reply } from '../../contract/index.js';
import { readCommandLine, readSeconds } from '../../terminal/command-line.js';
import { cancelCode, exitCodes } from '../../terminal/exit-code.js';
import { printable } from '../../terminal/printable.js';
import type { Command, CommandIo } from './command.js';
import { checkNames, fleetOptions, fleetUsage, openFleet } from './fleet.js';
import { readMessage } from './message.js';
import { extrasOf, outcomeJson, outcomeOf, tellFailure } from './outcome.js';

const usage = `Usage: choragus stream <ci> <message> [options]

Asks one CI, and prints its answer piece by piece. Use - as the message to read it from
stdin.

Options:
  --timeout <seconds>   How long the whole answer may take. Default: streamTimeoutMs, or 600
${fleetUsage}

Examples:
  choragus stream apollo "Tell me a story"
  choragus stream apollo "Tell me a story" --json | jq -rj 'select(.kind == "text") | .content'
`;

export const stream: Command = {
  usage,
  async run(argv: readonly string[], io: CommandIo): Promise<number> {
    const options = { ...fleetOptions, timeout: { type: 'string' } } as const;
    const { values, words } = readCommandLine(argv, options, ['ci', 'message']);
    const [ci = '', text = ''] = words;
    const deadlineMs = values.timeout === undefined ? undefined : readSeconds('--timeout', values.timeout);
    const message = await readMessage(text, io);
    await using fleet = await openFleet(values, io);
    checkNames([ci], fleet.pool);
    let last = '';
    const show = ({ index, kind, content, toolCall }: Chunk): void => {
      if (values.json) io.stdout.write(`${JSON.stringify({ ci, index, kind, content, toolCall })}\n`);
      if (kind !== 'text' || content === '') return;
      last = content;
      if (!values.json) io.stdout.write(io.stdout.isTTY === true ? printable(content) : content);
    };
    const whole$ = wholeOf(fleet.pool, ci, message, { deadlineMs, signal: io.signal, show });
    const outcome = await lastValueFrom(outcomeOf(ci, whole$));
    if (values.json) io.stdout.write(endJson(outcome));
    else if (last !== '' && !last.endsWith('\n')) io.stdout.write('\n');
    if (!outcome.ok && !values.json) tellFailure(outcome, io);
    if (io.signal.aborted) return cancelCode(io.signal);
    return outcome.ok ? exitCodes.good : exitCodes.failed;
  },
};

interface StreamTerms {
  readonly deadlineMs: number | undefined;
  readonly signal: AbortSignal;
  readonly show: (chunk: Chunk) => void;
}

/** Streams an answer: shows its chunks, and emits the whole reply at the end. */
function wholeOf(pool: Pool, ci: string, message: Message, { show, ...terms }: StreamTerms): Observable<Reply> {
  return new Observable((subscriber) => {
    const onEnd = (reply: Reply): void => subscriber.next(reply);
    const chunk$ = pool.stream(ci, message, { ...terms, onEnd });
    return chunk$.pipe(tap(show), ignoreElements()).subscribe(subscriber);
  });
}

/** Returns the last line of a stream as JSON. It repeats no text: the chunks contain the text. */
function endJson(outcome: Outcome): string {
  if (!outcome.ok) return outcomeJson(outcome);
  const { model, reused, timings, raw } = outcome.reply;
  const { metadata } = raw;
  return `${JSON.stringify({ ci: outcome.ci, ok: true, model, ...extrasOf(outcome.reply), metadata, reused, timings })}\n`;
}
