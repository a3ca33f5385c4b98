import { openPool, rows } from './choragus.mjs';

/** The same with an inspection observer that does nothing: the cost of being watchable. */
export const contender = {
  name: 'choragus-inspect',
  package: 'choragus',
  server: 'ndjson',
  rows: rows.filter((row) => row.startsWith('ask') || row === 'stream'),
  note: 'choragus with an inspection observer (`createPool({ inspect })`) that does nothing',
  open: (target) => openPool(target, { inspect: () => {} }),
};
