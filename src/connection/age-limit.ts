import type { Clock } from '../contract/index.js';

/** The part of the age that is left to chance, so that connections of one moment do not all leave at one moment. */
const JITTER = 0.1;

/**
 * Calls `tooOld` once a link is as old as it may get, in ms; 0 for no limit. Returns what ends the watch.
 *
 * @param random - A number from 0 up to 1: at most a tenth of the age is taken off by it.
 */
export function limitAge(maxAgeMs: number, clock: Clock, random: () => number, tooOld: () => void): () => void {
  if (maxAgeMs === 0) return () => {};
  const timer = clock.setTimeout(tooOld, maxAgeMs * (1 - JITTER * random()), 'background');
  return () => clock.clearTimeout(timer);
}
