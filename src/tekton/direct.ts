import { defer, finalize, type Observable } from 'rxjs';
import type { Pool, PoolOptions } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';

/** The direct connections that may be open at once: a CI that is down must not cost a socket for each request. @internal */
export const maxDirectConnections = 64;

/** Sends one request over a pool: which CI of it, and how long it may still take. @internal */
export type Send<T> = (pool: Pool, ci: string, remainingMs: number | undefined) => Observable<T>;

/** A request that the pool could not serve. @internal */
export interface Refused<T> {
  readonly ci: string;
  /** Where the CI is; undefined where that is not known. */
  readonly url: string | undefined;
  readonly remainingMs: number;
  /** What the pool said: shown when a direct connection is out of the question. */
  readonly refusal: ChoragusError;
  readonly send: Send<T>;
}

/** Serves a request over a connection of its own, which is closed afterwards. @internal */
export type Direct = <T>(refused: Refused<T>) => Observable<T>;

/**
 * Makes the way around a pool: for each request a pool of one connection, so that both speak the same protocol.
 *
 * @param open - Makes such a pool, as `createPool` does.
 * @param options - The options of each, read anew for each; its CIs, connections and logger are not used.
 * @internal
 */
export function createDirect(open: (options: PoolOptions) => Pool, options: () => PoolOptions): Direct {
  let opened = 0;
  return ({ ci, url, remainingMs, refusal, send }) =>
    defer(() => {
      if (url === undefined || !isPlain(url) || remainingMs < 1 || opened >= maxDirectConnections) throw refusal;
      const pool = open({ ...options(), cis: { [ci]: url }, maxConnections: 1, logger: false });
      opened += 1;
      const closed = (): void => {
        opened -= 1;
      };
      return defer(() => send(pool, ci, remainingMs)).pipe(
        finalize(() => {
          // The answer does not wait for the socket's end, and a close that failed cannot change it.
          pool.close({ drainTimeoutMs: 0 }).then(closed, closed);
        }),
      );
    });
}

/** TLS settings belong to the pool and are not shown by it: without them, a direct connection would trust others. */
function isPlain(url: string): boolean {
  return url.startsWith('tcp://') || url.startsWith('unix:');
}
