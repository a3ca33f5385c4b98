import type { Clock } from '../contract/index.js';

/** The part of the age that is random, so that connections opened together do not all close together. */
const JITTER = 0.1;

/**
 * Calls `tooOld` when a link reaches its maximum age, in ms; 0 for none. Returns a function that cancels.
 *
 * @param random - Returns a number from 0 to below 1. It shortens the age by up to a tenth.
 */
export function limitAge(maxAgeMs: number, clock: Clock, random: () => number, tooOld: () => void): () => void {
  if (maxAgeMs === 0) return () => {};
  const timer = clock.setTimeout(tooOld, maxAgeMs * (1 - JITTER * random()), 'background');
  return () => clock.clearTimeout(timer);
}
