import { catchError, defer, map, mergeMap, type Observable, of } from 'rxjs';
import type { Outcome, Pool, Reply } from '../contract/index.js';
import { addressBookOf } from './address-book.js';
import type { Send } from './direct.js';
import { type TektonResult, toFailure, toSuccess } from './result.js';
import { routeToName } from './route.js';
import { readTimeoutMs, type SendOptions, toMessage } from './send-options.js';
import { goAround, type Means, type Served } from './serve.js';

const defaultDeadlineMs = 2_000;

/** Sends a message to all CIs that the pool was given; rejects never, and settles by the deadline. @internal */
export async function messageAll(
  pool: Pool,
  content: string,
  options: SendOptions,
  means: Means,
): Promise<Record<string, TektonResult>> {
  const startedAt = means.now();
  const elapsedMs = (): number => means.now() - startedAt;
  const to = addressBookOf(pool).givenCis;
  const results = new Map<string, TektonResult>();
  try {
    const deadlineMs = readTimeoutMs(options) ?? defaultDeadlineMs;
    const message = toMessage(content, options);
    const send: Send<Reply> = (over, ci, remainingMs) => over.ask(ci, message, { deadlineMs: remainingMs });
    const settle = (outcome: Outcome): Observable<TektonResult> =>
      defer((): Observable<Served<Reply>> => {
        if (outcome.ok) return of({ via: 'pool', value: outcome.reply });
        const route = routeToName(pool, outcome.ci);
        return goAround(outcome.error, route, send, () => deadlineMs - elapsedMs(), means);
      }).pipe(
        map((served) => toSuccess(served, elapsedMs())),
        catchError((error: unknown) => of(toFailure(error))),
      );
    await pool
      .broadcast(message, { to, deadlineMs })
      .pipe(mergeMap((outcome) => settle(outcome).pipe(map((result) => [outcome.ci, result] as const))))
      .forEach(([ci, result]) => {
        results.set(ci, result);
      });
  } catch (error) {
    for (const ci of to) if (!results.has(ci)) results.set(ci, toFailure(error));
  }
  return Object.fromEntries(results);
}
