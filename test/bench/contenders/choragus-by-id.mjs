import { orderings } from '../workloads.mjs';
import { openOrdered } from './choragus.mjs';

/** The same requests to the same peer program, which echoes `request_id`: no probes are needed. */
export const contender = {
  name: 'choragus-by-id',
  package: 'choragus',
  server: 'ndjson',
  rows: Object.keys(orderings),
  note: 'createPool with its defaults, to the port of the same peer that echoes `request_id`',
  open: (target) => openOrdered({ ...target, correlation: 'byId' }, 'byId'),
};
