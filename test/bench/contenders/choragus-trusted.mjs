import { orderings } from '../workloads.mjs';
import { openOrdered } from './choragus.mjs';

/** The same, for a peer whose order the user vouches for: no probes. */
export const contender = {
  name: 'choragus-trusted',
  package: 'choragus',
  server: 'ndjson',
  rows: ['fifo x1', 'fifo x4', ...Object.keys(orderings)],
  note: "choragus with `ordering: 'trusted'`: the pool writes no probes, and trusts the order of the answers",
  open: (target) => openOrdered(target, 'trusted', { ordering: 'trusted' }),
};
