import { openUndici } from '../open-undici.mjs';

/** HTTP/1.1 answers one request at a time on a connection, so concurrency takes connections. */
const MOST_CONNECTIONS = 64;

export const contender = {
  name: 'undici',
  package: 'undici',
  server: 'http',
  rows: [
    'ask c1',
    'ask c64',
    'ask c256',
    'fifo x1',
    'fifo x4',
    'cold',
    'broadcast 18',
    'broadcast 1000',
    'idle memory',
    'allocation',
  ],
  note: 'Pool.dispatch over HTTP/1.1, without pipelining: up to 64 connections in the ask rows, and as many as the row says in the fifo rows',
  async open({ host, port, kind, correlation, connections, concurrency, cis }) {
    const pooled = correlation === 'ordered' || kind === 'cold' ? connections : Math.min(concurrency, MOST_CONNECTIONS);
    return openUndici({ host, port, connections: cis ?? pooled, pipelining: 1 });
  },
};
