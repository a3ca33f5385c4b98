import { lastValueFrom } from 'rxjs';
import type { Reply } from '../contract/index.js';
import { type TektonResult, toFailure, toSuccess } from './result.js';
import type { Route } from './route.js';
import { readTimeoutMs, type SendOptions, toMessage } from './send-options.js';
import { type Means, type Served, serve } from './serve.js';

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
    return toSuccess(replyOf(await lastValueFrom(served)), means.now() - startedAt);
  } catch (error) {
    return toFailure(error);
  }
}

/** The reply; over a direct connection, one was always opened for it. @internal */
export function replyOf({ via, value }: Served<Reply>): Reply {
  return via === 'direct' ? { ...value, reused: false } : value;
}
