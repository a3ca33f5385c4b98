import { Observable } from 'rxjs';
import type { Dial, Target, Transport } from '../../contract/index.js';
import type { SocketPhase } from '../socket/node-error.js';
import type { ReadDialect } from './dialect.js';
import { fromHttpError, isFault } from './http-error.js';
import { HttpLink } from './http-link.js';
import { loadUndici } from './load-undici.js';

/** An idle socket is kept for so long, in ms, unless the server says that it closes it earlier. */
const KEEP_ALIVE_MS = 600_000;

/** A transport for servers that speak a dialect of chat over HTTP/1.1: a client, and so a socket, for each connection. */
export function httpTransport(readDialect: ReadDialect): Transport {
  return {
    prepare(target: Target): Dial {
      const { ci, tls, maxReplyBytes } = target;
      const dialect = readDialect(target);
      const { Client } = loadUndici(ci);
      const connect = Object.fromEntries(Object.entries(tls ?? {}).filter(([, value]) => value !== undefined));
      return (sink) =>
        new Observable((subscriber) => {
          const client = new Client(dialect.origin, {
            pipelining: 1,
            keepAliveTimeout: KEEP_ALIVE_MS,
            keepAliveMaxTimeout: KEEP_ALIVE_MS,
            connect,
          });
          let phase: SocketPhase = 'dialling';
          const onLost = (error: unknown): void => {
            if (subscriber.closed) return;
            // A bug crashes the actor that owns this link.
            subscriber.error(isFault(error) ? fromHttpError(error, phase, ci) : error);
          };
          const link = new HttpLink({ client, dialect, ci, maxReplyBytes, sink, onLost });
          link.dial().then(() => {
            if (subscriber.closed) return;
            phase = 'linked';
            subscriber.next(link);
          }, onLost);
          return () => link.close();
        });
    },
  };
}
