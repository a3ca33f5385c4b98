import type { Timings } from '../errors/index.js';

/** Returns the timings of a request that never had a slot. Times on the clock, in ms. */
export function timingsUnplaced(startedMs: number, nowMs: number, isLinked: boolean): Timings {
  const totalMs = micro(nowMs - startedMs);
  return { queuedMs: isLinked ? totalMs : 0, connectMs: isLinked ? 0 : totalMs, serviceMs: 0, totalMs };
}

/** Returns the timings of a request that got its slot at `placedMs`, on a link that came up at `upMs`. */
export function timingsPlaced(startedMs: number, upMs: number, placedMs: number, nowMs: number): Timings {
  const waitedMs = placedMs - startedMs;
  // The wait until the link was up counts as connect time; the rest of it as queue time.
  const connectMs = Math.min(Math.max(0, upMs - startedMs), waitedMs);
  return {
    queuedMs: micro(waitedMs - connectMs),
    connectMs: micro(connectMs),
    serviceMs: micro(nowMs - placedMs),
    totalMs: micro(nowMs - startedMs),
  };
}

/** Rounds to microseconds: smaller digits are noise. */
function micro(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
