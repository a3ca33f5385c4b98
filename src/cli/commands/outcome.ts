import { catchError, map, type Observable, of } from 'rxjs';
import type { Outcome, Reply } from '../../contract/index.js';
import { ChoragusError } from '../../errors/index.js';
import { describeFailure } from '../../terminal/describe-failure.js';
import type { CommandIo } from './command.js';

/** Converts one CI's reply, or its ChoragusError, into an outcome. Any other exception is a bug, and passes. */
export function outcomeOf(ci: string, reply$: Observable<Reply>): Observable<Outcome> {
  return reply$.pipe(
    map((reply): Outcome => ({ ci, ok: true, reply })),
    catchError((error: unknown) => {
      if (error instanceof ChoragusError) return of<Outcome>({ ci, ok: false, error });
      throw error;
    }),
  );
}

/** Returns how one CI's request ended, as a line of JSON. */
export function outcomeJson(outcome: Outcome): string {
  if (!outcome.ok) return `${JSON.stringify({ ci: outcome.ci, ok: false, error: errorData(outcome.error) })}\n`;
  const { ci, reply } = outcome;
  const { content, model, type, reused, timings } = reply;
  return `${JSON.stringify({ ci, ok: true, content, model, type, ...extrasOf(reply), reused, timings })}\n`;
}

/** Returns the fields that a model server sends beside the text. */
export function extrasOf({ usage, finishReason, reasoning, toolCalls, refusal }: Reply) {
  return { usage, finishReason, reasoning, toolCalls, refusal };
}

/** Returns the fields of a failure, for JSON. */
function errorData({ code, reason, said, delivery, phase, status, retryAfterMs, partial, timings }: ChoragusError) {
  return { code, message: reason, said, delivery, phase, status, retryAfterMs, partial, timings };
}

/** Writes a failure as a line to stderr. Writes nothing if the reader of stdout has left. */
export function tellFailure({ ci, error }: Extract<Outcome, { ok: false }>, { stderr, signal }: CommandIo): void {
  if (signal.reason !== 'SIGPIPE') stderr.write(`${ci}: ${describeFailure(error)}\n`);
}
