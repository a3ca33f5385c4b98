/**
 * Returns an exponential backoff with full jitter, in ms: a random delay from 0, or from the shortest rest, to
 * `min(max, 2 · base · 2^(attempt − 1))`. So peers that lost their links together do not redial together.
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

/**
 * During an outage, requests may cause one dial of a CI in this time, in ms. After such a dial, the backoff is at least
 * this long.
 */
const REST_MS = 1_000;

/**
 * Returns the shortest backoff. It is 0 for the first one after a dial that no request caused: clients that lost their
 * links together must be spread from the start.
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

/** Returns the next seed. A seed in the context keeps the machine pure: the same input gives the same delays. */
export function nextSeed(seed: number): number {
  return (seed + 0x6d2b79f5) | 0;
}

/** Returns a number from 0 to below 1 for a 32-bit seed: the mixing step of mulberry32 (T. Ettinger, public domain). */
function unitInterval(seed: number): number {
  let t = nextSeed(seed);
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}
