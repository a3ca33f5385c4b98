import type { Timings } from '../errors/index.js';

/** Where the time of a request went that never had a place. All moments on the clock, in ms. */
export function timingsUnplaced(startedMs: number, nowMs: number, isLinked: boolean): Timings {
  const totalMs = micro(nowMs - startedMs);
  return { queuedMs: isLinked ? totalMs : 0, connectMs: isLinked ? 0 : totalMs, serviceMs: 0, totalMs };
}

/** Where the time of a request went that had its place from `placedMs` on, on a link that came up at `upMs`. */
export function timingsPlaced(startedMs: number, upMs: number, placedMs: number, nowMs: number): Timings {
  const waitedMs = placedMs - startedMs;
  // The wait until the link was up is the connect's; the rest of it is the queue's.
  const connectMs = Math.min(Math.max(0, upMs - startedMs), waitedMs);
  return {
    queuedMs: micro(waitedMs - connectMs),
    connectMs: micro(connectMs),
    serviceMs: micro(nowMs - placedMs),
    totalMs: micro(nowMs - startedMs),
  };
}

/** Milliseconds to the microsecond: what lies beyond is noise. */
function micro(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
