import type { CiRow } from '../feed/records.js';

/** How the answers of a CI are told apart, in words. */
export const orderings: Readonly<Record<CiRow['ordering'], string>> = {
  unknown: 'not known yet',
  byId: 'answers by id',
  proved: 'order proved',
  fresh: 'a fresh connection each',
  trusted: 'order trusted',
};
