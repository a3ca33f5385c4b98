import { defer, finalize, type Observable } from 'rxjs';
import type { Pool, PoolOptions } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';

/** Most direct connections open at once: a CI that is down must not cost one socket for each request. @internal */
export const maxDirectConnections = 64;

/** Sends one request to one CI of a pool, within the remaining time. @internal */
export type Send<T> = (pool: Pool, ci: string, remainingMs: number | undefined) => Observable<T>;

/** A request that the pool could not serve. @internal */
export interface Refused<T> {
  readonly ci: string;
  /** The CI's URL; undefined if it is unknown. */
  readonly url: string | undefined;
  readonly remainingMs: number;
  /** The pool's error: thrown if a direct connection is not possible. */
  readonly refusal: ChoragusError;
  readonly send: Send<T>;
}

/** Sends a request over a new connection, and closes it afterwards. @internal */
export type Direct = <T>(refused: Refused<T>) => Observable<T>;

/**
 * Creates the fallback of a pool. It opens a pool of one connection for each request, so that both speak the same protocol.
 *
 * @param open - Creates such a pool, as `createPool` does.
 * @param options - Returns its options. Called for each request; `cis`, `maxConnections` and `logger` are not used.
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
          // The answer does not wait for the socket to close, and a failed close cannot change it.
          pool.close({ drainTimeoutMs: 0 }).then(closed, closed);
        }),
      );
    });
}

/** Returns true for a URL without TLS. A pool does not expose its TLS settings: without them a direct connection would trust others. */
function isPlain(url: string): boolean {
  return url.startsWith('tcp://') || url.startsWith('unix:');
}
