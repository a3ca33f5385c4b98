import { orderings } from '../workloads.mjs';
import { openOrdered } from './choragus.mjs';

/** The default against a peer that echoes no ids: a probe behind each request. */
export const contender = {
  name: 'choragus-proved',
  package: 'choragus',
  server: 'ndjson',
  rows: Object.keys(orderings),
  note: "createPool with `ordering: 'proved'`, the default: a probe behind each request; the answer is held until the answer to the probe",
  open: (target) => openOrdered(target, 'proved', { ordering: 'proved' }),
};
