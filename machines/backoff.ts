/**
 * Exponential backoff with full jitter: a delay drawn evenly from 0, or from the shortest rest, to `min(max, 2 · base · 2^(attempt − 1))`, so that
 * peers that drop together do not come back together.
 *
 * @see "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 ("full jitter").
 */
export function backoffDelayMs(
  config: { readonly seed: number; readonly reconnectDelayMs: number; readonly maxReconnectDelayMs: number },
  attempt: number,
  shortestMs = 0,
): number {
  const ceilingMs = Math.min(config.maxReconnectDelayMs, config.reconnectDelayMs * 2 ** Math.min(attempt, 30));
  return Math.round(shortestMs + unitInterval(config.seed) * (ceilingMs - shortestMs));
}

/** Requests may have a CI dialled once in this time while it is down, in ms, and what they had dialled is not dialled again sooner. */
const REST_MS = 1_000;

/**
 * The shortest backoff. There is none for the first one after a dial that nobody asked for: those who lost their links together are
 * spread from the first moment on.
 */
export function restMs(
  config: {
    readonly dialledFor: 'demand' | 'upkeep';
    readonly reconnectDelayMs: number;
    readonly maxReconnectDelayMs: number;
  },
  attempt: number,
): number {
  if (config.dialledFor === 'upkeep' && attempt === 1) return 0;
  return Math.min(REST_MS, config.reconnectDelayMs, config.maxReconnectDelayMs);
}

/** The seed after this one. A seed in the context keeps the machine pure: same input, same delays. */
export function nextSeed(seed: number): number {
  return (seed + 0x6d2b79f5) | 0;
}

/** A number from 0 up to 1 out of a 32-bit seed: the mixing step of mulberry32 (T. Ettinger, public domain). */
function unitInterval(seed: number): number {
  let t = nextSeed(seed);
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}
