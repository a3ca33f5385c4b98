import { lastValueFrom } from 'rxjs';
import { addressBookOf } from './address-book.js';
import { type TektonResult, toFailure, toSuccess } from './result.js';
import type { Route } from './route.js';
import { prepareMessage } from './send-options.js';
import { type Means, serve } from './serve.js';

/** The CI that receives a message. @internal */
export interface Addressee {
  /** The function that was called, for the message of a wrong argument. */
  readonly of: string;
  /** The caller's name for the CI: the `ai_id` of the result. */
  readonly label: string;
  /** True if the result uses the CI's own `ai_id`, if it sends one. */
  readonly isLabelledByCi: boolean;
  /** Finds the route to the CI. If it throws, the message fails with that error. */
  readonly routeTo: () => Route;
}

/** Sends a message to one CI. Never rejects: a failure is the result. @internal */
export async function messageOne(
  { of, label, isLabelledByCi, routeTo }: Addressee,
  content: unknown,
  options: unknown,
  means: Means,
): Promise<TektonResult> {
  const startedAt = means.now();
  try {
    const { message, timeoutMs } = prepareMessage(of, content, options);
    const route = routeTo();
    // As in the original, 0 and null mean the default.
    const askedMs = timeoutMs || undefined;
    const routed = await lastValueFrom(
      serve(
        route,
        (pool, ci, deadlineMs) => pool.ask(ci, message, { deadlineMs }),
        { askedMs, totalMs: () => askedMs ?? means.requestTimeoutMs() },
        means,
      ),
    );
    const own = routed.value.raw.ai_id;
    return toSuccess(routed, {
      aiId: isLabelledByCi && typeof own === 'string' && own !== '' ? own : label,
      elapsedMs: means.now() - startedAt,
      requestCount: addressBookOf(route.pool).countAnswer(routed.value.ci),
    });
  } catch (error) {
    return toFailure(error, { aiId: label, elapsedMs: means.now() - startedAt });
  }
}
