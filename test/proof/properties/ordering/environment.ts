import type { PoolOptions } from '../../../../src/index.js';
import { beyondProof, type MannerName, mannerNames } from './manners.js';

/** `absent`: the option is left out, for a pool that does not have it. */
export type OrderingMode = 'proved' | 'trusted' | 'absent';

const { PROPERTY_ORDERING, PROPERTY_MANNER } = process.env;

/** The value of `PROPERTY_ORDERING`; undefined if it is not set. */
export function orderingOfEnvironment(): OrderingMode | undefined {
  const mode = PROPERTY_ORDERING;
  if (mode === undefined || mode === 'proved' || mode === 'trusted' || mode === 'absent') return mode;
  throw new Error(`PROPERTY_ORDERING is "${mode}": use proved, trusted or absent`);
}

/** The behaviours in `PROPERTY_MANNER`, separated by commas; by default all whose order can be proved. */
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
