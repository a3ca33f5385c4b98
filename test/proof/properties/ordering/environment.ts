import type { PoolOptions } from '../../../../src/index.js';
import { beyondProof, type MannerName, mannerNames } from './manners.js';

/** `absent`: the option is left out, for a pool that has none. */
export type OrderingMode = 'proved' | 'trusted' | 'absent';

const { PROPERTY_ORDERING, PROPERTY_MANNER } = process.env;

/** What `PROPERTY_ORDERING` says; undefined where it is not set. */
export function orderingOfEnvironment(): OrderingMode | undefined {
  const mode = PROPERTY_ORDERING;
  if (mode === undefined || mode === 'proved' || mode === 'trusted' || mode === 'absent') return mode;
  throw new Error(`PROPERTY_ORDERING is "${mode}": use proved, trusted or absent`);
}

/** The manners that `PROPERTY_MANNER` names, with commas between them; all that can be proved where it is not set. */
export function mannersOfEnvironment(): readonly MannerName[] {
  if (PROPERTY_MANNER === undefined) return mannerNames.filter((name) => !beyondProof.includes(name));
  const chosen = PROPERTY_MANNER.split(',') as MannerName[];
  const unknown = chosen.find((name) => !mannerNames.includes(name));
  if (unknown === undefined) return chosen;
  throw new Error(`PROPERTY_MANNER names "${unknown}": use ${mannerNames.join(', ')}`);
}

/** The options of a pool, with this ordering. */
export function withOrdering(options: PoolOptions, ordering: OrderingMode): PoolOptions {
  return ordering === 'absent' ? options : ({ ...options, ordering } as PoolOptions);
}
