import type { CiRow } from '../feed/records.js';

/** Texts for how a CI's answers are matched to requests. */
export const orderings: Readonly<Record<CiRow['ordering'], string>> = {
  unknown: 'not known yet',
  byId: 'answers by id',
  proved: 'order proved',
  fresh: 'a fresh connection each',
  trusted: 'order trusted',
};
