import { catchError, defer, map, mergeMap, type Observable, of } from 'rxjs';
import type { Outcome, Pool, Reply } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import { addressBookOf } from './address-book.js';
import type { Send } from './direct.js';
import { type TektonResult, toFailure, toSuccess } from './result.js';
import { routeToCi } from './route.js';
import { prepareMessage } from './send-options.js';
import { type Means, type Routed, sendDirectly } from './serve.js';

const defaultDeadlineMs = 2_000;

/**
 * Sends a message to all configured CIs of the pool, and settles by the deadline.
 *
 * @throws ChoragusError `invalid_config` for a wrong argument, but only if the pool has no CI: otherwise each result reports it.
 * @internal
 */
export async function messageAll(
  pool: Pool,
  content: unknown,
  options: unknown,
  means: Means,
): Promise<Record<string, TektonResult>> {
  const startedAt = means.now();
  const elapsedMs = (): number => means.now() - startedAt;
  const book = addressBookOf(pool);
  const to = book.givenCis;
  const results = new Map<string, TektonResult>();
  const fail = (ci: string, error: unknown): TektonResult => toFailure(error, { aiId: ci, elapsedMs: elapsedMs() });
  try {
    const { message, timeoutMs } = prepareMessage('sendToAll', content, options);
    const deadlineMs = readDeadlineMs(timeoutMs, means);
    const send: Send<Reply> = (over, ci, remainingMs) => over.ask(ci, message, { deadlineMs: remainingMs });
    const settle = ({ ci, ...outcome }: Outcome): Observable<TektonResult> =>
      defer((): Observable<Routed<Reply>> => {
        if (outcome.ok) return of({ via: 'pool', value: outcome.reply });
        return sendDirectly(outcome.error, routeToCi(pool, ci), send, () => deadlineMs - elapsedMs(), means);
      }).pipe(
        map((routed) => {
          const requestCount = book.countAnswer(ci);
          return toSuccess(routed, { aiId: ci, elapsedMs: elapsedMs(), requestCount });
        }),
        catchError((error: unknown) => of(fail(ci, error))),
      );
    await pool
      .broadcast(message, { to, deadlineMs })
      .pipe(mergeMap((outcome) => settle(outcome).pipe(map((result) => [outcome.ci, result] as const))))
      .forEach(([ci, result]) => {
        results.set(ci, result);
      });
  } catch (error) {
    if (to.length === 0) throw error;
    for (const ci of to) if (!results.has(ci)) results.set(ci, fail(ci, error));
  }
  return Object.fromEntries(results);
}

/** Returns the deadline in ms. As in the original, null means the default of a single message, and 0 fails at once. */
function readDeadlineMs(timeoutMs: number | null | undefined, means: Means): number {
  if (timeoutMs === undefined) return defaultDeadlineMs;
  if (timeoutMs === null) return means.requestTimeoutMs();
  if (timeoutMs > 0) return timeoutMs;
  const message = 'timeout 0 leaves no time for a message to all CIs: omit it for 2 s, or use null for the default';
  throw new ChoragusError('deadline_exceeded', message, { delivery: 'not_sent', phase: 'total' });
}
