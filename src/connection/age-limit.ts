import type { Limits } from '../contract/index.js';
import type { Runtime } from '../pool/runtime.js';

/** The part of the age that is left to chance, so that connections of one moment do not all leave at one moment. */
const JITTER = 0.1;
/** Where one that is old may not retire yet, it is looked at again after this, in ms. */
const RECHECK_MS = 1_000;

/** A connection that may get too old. */
export interface Aging {
  readonly ci: { readonly limits: Limits };
  readonly mayRetire: boolean;
  retire(): void;
}

/**
 * Retires a connection once it is as old as it may get (`maxConnectionAgeMs`; 0 for no limit) and may retire. Returns what ends the watch.
 */
export function limitAge(connection: Aging, { clock, random }: Pick<Runtime, 'clock' | 'random'>): () => void {
  const { maxConnectionAgeMs } = connection.ci.limits;
  if (maxConnectionAgeMs === 0) return () => {};
  let timer: unknown;
  const look = (): void => (connection.mayRetire ? connection.retire() : lookIn(RECHECK_MS));
  const lookIn = (delayMs: number): void => {
    timer = clock.setTimeout(look, delayMs, 'background');
  };
  lookIn(maxConnectionAgeMs * (1 - JITTER * random()));
  return () => clock.clearTimeout(timer);
}
