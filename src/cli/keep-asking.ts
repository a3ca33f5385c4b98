import { setTimeout as sleep } from 'node:timers/promises';
import { lastValueFrom } from 'rxjs';
import type { Pool } from '../contract/index.js';

const PAUSE_MS = 500;

/** Asks all CIs over and over until cancelled, so that there is something to watch. */
export async function keepAsking(
  pool: Pool,
  {
    message,
    deadlineMs,
    signal,
  }: { readonly message: string; readonly deadlineMs: number; readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await lastValueFrom(pool.broadcast(message, { deadlineMs, signal }), { defaultValue: undefined });
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
  }
}
