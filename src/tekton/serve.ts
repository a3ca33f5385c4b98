import { catchError, defer, finalize, map, type Observable } from 'rxjs';
import { canFallBack } from './can-fall-back.js';
import type { Direct, Send } from './direct.js';
import type { Route } from './route.js';

/** What came, and over which way. @internal */
export interface Served<T> {
  readonly via: 'pool' | 'direct';
  readonly value: T;
}

/** What a client serves its requests with. @internal */
export interface Means {
  readonly direct: Direct;
  /** Milliseconds since some fixed moment. */
  readonly now: () => number;
  /** What a request may take that names no time, in ms. */
  readonly requestTimeoutMs: () => number;
}

/** How long a request may take, in milliseconds. @internal */
export interface Patience {
  /** What the caller asked for; undefined leaves it to the pool. */
  readonly askedMs: number | undefined;
  /** What both ways together may take; asked only to fall back. */
  readonly totalMs: () => number;
}

/**
 * Sends a request through the pool, and over a direct connection when the pool cannot serve it and cannot have sent it.
 * The second way has the time that the first one left.
 *
 * @param routeTo - Finds the way; what it throws fails the request.
 * @internal
 */
export function serve<T>(routeTo: () => Route, send: Send<T>, patience: Patience, means: Means): Observable<Served<T>> {
  return defer(() => {
    const startedAt = means.now();
    const route = routeTo();
    const pooled = defer(() => {
      const { ci, release } = route.lease();
      return defer(() => send(route.pool, ci, patience.askedMs)).pipe(finalize(release));
    });
    return pooled.pipe(
      map((value): Served<T> => ({ via: 'pool', value })),
      catchError((refusal: unknown) => {
        const remainingMs = (): number => patience.totalMs() - (means.now() - startedAt);
        return goAround(refusal, route, send, remainingMs, means);
      }),
    );
  });
}

/**
 * Sends a request that the pool failed over a direct connection; one that it may have sent fails as it did.
 *
 * @internal
 */
export function goAround<T>(
  refusal: unknown,
  { ci, url }: Pick<Route, 'ci' | 'url'>,
  send: Send<T>,
  remainingMs: () => number,
  { direct }: Means,
): Observable<Served<T>> {
  if (!canFallBack(refusal)) throw refusal;
  const refused = { ci, url, remainingMs: Math.floor(remainingMs()), refusal, send };
  return direct(refused).pipe(map((value): Served<T> => ({ via: 'direct', value })));
}
