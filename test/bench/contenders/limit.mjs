import { fanOut } from '../fan-out.mjs';
import { FifoClient } from '../limit/fifo-client.mjs';
import { LimitClient } from '../limit/limit-client.mjs';
import { rates } from '../workloads.mjs';

/** The client for comparison: written by hand for this wire, with only what a correct answer takes. */
export const contender = {
  name: 'limit',
  server: 'ndjson',
  rows: Object.keys(rates),
  note: 'a hand-written client without deadlines, cancellation, states, metrics and reconnection',
  async open(target) {
    const { host, port, fifoPort, cis } = target;
    if (target.correlation === 'ordered')
      return FifoClient.open({ host, port: fifoPort, connections: target.connections });
    if (cis === undefined) return LimitClient.open({ host, port });
    return fanOut(await Promise.all(Array.from({ length: cis }, () => LimitClient.open({ host, port }))));
  },
};
