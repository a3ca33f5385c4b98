import { openUndici } from '../open-undici.mjs';

export const contender = {
  name: 'undici-pipelining',
  package: 'undici',
  server: 'http',
  rows: ['ask c64', 'ask c256', 'allocation'],
  note: 'Pool.dispatch over one HTTP/1.1 connection, with pipelining as deep as the concurrency. POSTs are marked as idempotent',
  async open({ host, port, concurrency }) {
    return openUndici({ host, port, connections: 1, pipelining: concurrency });
  },
};
