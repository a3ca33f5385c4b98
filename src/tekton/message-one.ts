import { lastValueFrom } from 'rxjs';
import { type TektonResult, toFailure, toSuccess } from './result.js';
import type { Route } from './route.js';
import { readTimeoutMs, type SendOptions, toMessage } from './send-options.js';
import { type Means, serve } from './serve.js';

/** Sends a message to one CI; never rejects. @internal */
export async function messageOne(
  routeTo: () => Route,
  content: string,
  options: SendOptions,
  means: Means,
): Promise<TektonResult> {
  const startedAt = means.now();
  try {
    const askedMs = readTimeoutMs(options);
    const message = toMessage(content, options);
    const served = serve(
      routeTo,
      (pool, ci, deadlineMs) => pool.ask(ci, message, { deadlineMs }),
      { askedMs, totalMs: () => askedMs ?? means.requestTimeoutMs() },
      means,
    );
    return toSuccess(await lastValueFrom(served), means.now() - startedAt);
  } catch (error) {
    return toFailure(error);
  }
}
