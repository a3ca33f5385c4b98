import { lastValueFrom } from 'rxjs';
import type { Route } from './route.js';
import { readTimeoutMs, type TimeoutOption } from './send-options.js';
import { type Means, serve } from './serve.js';

const defaultTimeoutMs = 5_000;

/** Whether a CI answers a ping; never rejects. @internal */
export async function pingAddress(routeTo: () => Route, options: TimeoutOption, means: Means): Promise<boolean> {
  try {
    const askedMs = readTimeoutMs(options) ?? defaultTimeoutMs;
    const served = serve(
      routeTo,
      (pool, ci, deadlineMs) => pool.request(ci, { type: 'ping' }, { deadlineMs }),
      { askedMs, totalMs: () => askedMs },
      means,
    );
    return (await lastValueFrom(served)).value.type === 'pong';
  } catch {
    // Whatever the reason, it does not answer; who wants to know why asks the pool.
    return false;
  }
}
