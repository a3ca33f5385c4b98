import { interval, lastValueFrom, startWith, tap, toArray } from 'rxjs';
import type { Outcome, Pool } from '../contract/index.js';
import type { Screen } from './screen.js';
import { measured } from './seconds.js';
import { showReply } from './show-reply.js';
import { wrappedLines } from './wrapped-lines.js';

/** A question, the deadline of each answer, and the signal that cancels it. */
export interface Question {
  readonly message: string;
  /** The CIs to ask. Default: all. */
  readonly to?: readonly string[] | undefined;
  /** How long each answer may take, in ms. Default: the pool's `broadcastDeadlineMs`. */
  readonly deadlineMs?: number | undefined;
  readonly signal: AbortSignal;
}

const redrawMs = 100;
const indent = '  ';

/**
 * Asks all CIs at once, and shows each result as it arrives. Settles with all results, in the order of arrival.
 *
 * @param show - Shows one result. Default: `showReply`, one line.
 */
export async function teamChat(
  pool: Pool,
  question: Question,
  screen: Screen,
  show: (outcome: Outcome, screen: Screen) => void = showReply,
): Promise<readonly Outcome[]> {
  const { message, to = pool.cis, deadlineMs, signal } = question;
  const startedMs = performance.now();
  const elapsedMs = (): number => performance.now() - startedMs;
  let answered = 0;
  let failed = 0;
  const draw = (): void => {
    const failures = failed === 0 ? '' : `${failed} failed, `;
    const time = `${(elapsedMs() / 1_000).toFixed(1)} s`;
    screen.progress(`${answered} of ${to.length} have answered, ${failures}${time}`);
  };
  const drawing = interval(redrawMs).pipe(startWith(0)).subscribe(draw);
  const outcomes$ = pool.broadcast(message, { to, deadlineMs, signal }).pipe(
    tap((outcome) => {
      if (outcome.ok) answered += 1;
      else failed += 1;
      draw();
      show(outcome, screen);
    }),
    toArray(),
  );
  try {
    const outcomes = await lastValueFrom(outcomes$);
    screen.progress('');
    showSum(outcomes, elapsedMs(), screen);
    return outcomes;
  } finally {
    drawing.unsubscribe();
    screen.progress('');
  }
}

function showSum(outcomes: readonly Outcome[], elapsedMs: number, screen: Screen): void {
  const replies = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.reply] : []));
  const reused = replies.filter((reply) => reply.reused).length;
  const links = `${replies.length - reused} over new connections, ${reused} over open ones`;
  const sum = `${replies.length} of ${outcomes.length} answered in ${measured(elapsedMs)}: ${links}.`;
  screen.line();
  for (const line of wrappedLines(sum, screen.width - indent.length)) screen.line(indent + line);
}
