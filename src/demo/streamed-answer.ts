import { lastValueFrom, tap } from 'rxjs';
import type { Chunk, Outcome, Pool } from '../contract/index.js';
import { describeFailure } from '../terminal/describe-failure.js';
import type { Screen } from '../terminal/screen.js';
import { measured } from '../terminal/seconds.js';
import type { Question } from '../terminal/team-chat.js';
import { WrappedText } from './wrapped-text.js';

const streamDeadlineMs = 120_000;

/** Asks one CI for a streamed answer, and shows each piece as it arrives. */
export async function streamedAnswer(pool: Pool, ci: string, question: Question, screen: Screen): Promise<void> {
  const startedMs = performance.now();
  const text = new WrappedText(screen);
  let chunks = 0;
  let firstMs = 0;
  // A broadcast to one CI: unlike `stream`, its outcome shows whether the connection was reused.
  const parts$ = pool.broadcast(question.message, {
    to: [ci],
    stream: true,
    deadlineMs: streamDeadlineMs,
    signal: question.signal,
  });
  const show = (part: Outcome | Chunk): void => {
    if ('ok' in part || part.kind !== 'text') return;
    if (chunks === 0) firstMs = performance.now() - startedMs;
    chunks += 1;
    text.write(part.content);
  };
  const outcome = await lastValueFrom<Outcome | Chunk>(parts$.pipe(tap(show)));
  text.end();
  screen.line();
  screen.line(`  ${sumOf(outcome, chunks, firstMs)}`);
}

function sumOf(outcome: Outcome | Chunk, chunks: number, firstMs: number): string {
  if (!('ok' in outcome)) return 'The answer has no end.';
  if (!outcome.ok) return `The answer was cut: ${describeFailure(outcome.error)}.`;
  const { reused, timings } = outcome.reply;
  const pieces = chunks === 1 ? 'In one piece' : `${chunks} pieces`;
  const times = `the first after ${measured(firstMs)}, the last after ${measured(timings.totalMs)}`;
  return `${pieces}, ${times}; connection ${reused ? 'reused' : 'new'}.`;
}
