/**
 * Exponential backoff with full jitter: a delay drawn evenly from 0 to `min(max, 2 · base · 2^(attempt − 1))`, so that
 * the first one is `base` in the mean and peers that drop together do not come back together.
 *
 * @see "Exponential Backoff And Jitter", AWS Architecture Blog, 2015 ("full jitter").
 */
export function backoffDelayMs(
  config: { readonly seed: number; readonly reconnectDelayMs: number; readonly maxReconnectDelayMs: number },
  attempt: number,
): number {
  const ceilingMs = Math.min(config.maxReconnectDelayMs, config.reconnectDelayMs * 2 ** Math.min(attempt, 30));
  return Math.round(unitInterval(config.seed) * ceilingMs);
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
