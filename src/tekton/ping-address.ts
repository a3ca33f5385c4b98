import { lastValueFrom } from 'rxjs';
import type { Pool } from '../contract/index.js';
import { addressOf } from './address.js';
import { routeToAddress } from './route.js';
import { readTimeoutMs } from './send-options.js';
import { type Means, serve } from './serve.js';

const defaultTimeoutMs = 5_000;

/**
 * Returns true if a CI answers a ping.
 *
 * @throws ChoragusError `invalid_config` for a wrong argument, because false means that the CI is down.
 * @internal
 */
export async function pingAddress(
  pool: () => Pool,
  host: unknown,
  port: unknown,
  options: unknown,
  means: Means,
): Promise<boolean> {
  const timeoutMs = readTimeoutMs('ping', options);
  addressOf('ping', host, port);
  // As in the original, 0 and null mean the default of a message.
  const askedMs = timeoutMs === undefined ? defaultTimeoutMs : timeoutMs || undefined;
  try {
    const served = serve(
      routeToAddress('ping', pool(), host, port),
      (over, ci, deadlineMs) => over.request(ci, { type: 'ping' }, { deadlineMs }),
      { askedMs, totalMs: () => askedMs ?? means.requestTimeoutMs() },
      means,
    );
    return (await lastValueFrom(served)).value.type === 'pong';
  } catch {
    // The CI does not answer. Callers who need the reason use the pool.
    return false;
  }
}
