import type { Pool } from '../../../src/index.js';
import { watch } from '../../support/watch.js';

/** More answers than a pool needs to learn about a CI. */
const MOST_ASKS = 40;
/** Number of answers on one connection after which its CI is known to keep it open. */
const ANSWERS_TO_STAY = 8;

/**
 * Asks until an answer comes over the same connection as the one before. If answers have no ids, the pool uses the first connections of
 * a CI to learn about it, and closes them.
 */
export async function getKnown(pool: Pool, ci = 'apollo'): Promise<void> {
  let connects = 0;
  for (let asks = 0; asks < MOST_ASKS; asks += 1) {
    const before = connects;
    const asked = watch(pool.ask(ci, 'hello'));
    await asked.ended;
    connects = pool.snapshot().cis[ci]?.metrics.connects ?? 0;
    if (asked.values[0]?.reused === true && connects === before) return;
  }
  throw new Error(`${ci} answers each of ${MOST_ASKS} requests on a connection of its own`);
}

/** The same, until its connection takes the next request in the same tick. */
export async function getReady(pool: Pool, ci = 'apollo'): Promise<void> {
  await getKnown(pool, ci);
  for (let asks = 0; asks < ANSWERS_TO_STAY; asks += 1) await watch(pool.ask(ci, 'hello')).ended;
}
