import { catchError, defer, finalize, map, type Observable } from 'rxjs';
import { ChoragusError, type Code } from '../errors/index.js';
import type { Direct, Send } from './direct.js';
import type { Route } from './route.js';

/** An answer, or a part of one, and which way it came. @internal */
export interface Routed<T> {
  readonly via: 'pool' | 'direct';
  readonly value: T;
}

/** What a client sends its requests with. @internal */
export interface Means {
  readonly direct: Direct;
  /** Milliseconds since some fixed moment. */
  readonly now: () => number;
  /** Timeout of a request that names none, in ms. */
  readonly requestTimeoutMs: () => number;
}

/** How long a request may take, in milliseconds. @internal */
export interface Patience {
  /** The caller's timeout; undefined leaves it to the pool. */
  readonly askedMs: number | undefined;
  /** Limit for both ways together; read only to fall back. */
  readonly totalMs: () => number;
}

/**
 * Sends a request through the pool, and over a direct connection if the pool cannot serve it and cannot have sent it.
 * The second way has the time that the first one left.
 *
 * @internal
 */
export function serve<T>(route: Route, send: Send<T>, patience: Patience, means: Means): Observable<Routed<T>> {
  return defer(() => {
    const startedAt = means.now();
    const pooled = defer(() => {
      const { ci, release } = route.lease();
      return defer(() => send(route.pool, ci, patience.askedMs)).pipe(finalize(release));
    });
    return pooled.pipe(
      map((value): Routed<T> => ({ via: 'pool', value })),
      catchError((refusal: unknown) => {
        const remainingMs = (): number => patience.totalMs() - (means.now() - startedAt);
        return goAround(refusal, route, send, remainingMs, means);
      }),
    );
  });
}

/**
 * Sends a request that the pool failed over a direct connection. One that the pool may have sent fails as it did.
 *
 * @internal
 */
export function goAround<T>(
  refusal: unknown,
  { ci, url }: Pick<Route, 'ci' | 'url'>,
  send: Send<T>,
  remainingMs: () => number,
  { direct }: Means,
): Observable<Routed<T>> {
  if (!canFallBack(refusal)) throw refusal;
  const refused = { ci, url, remainingMs: Math.floor(remainingMs()), refusal, send };
  return direct(refused).pipe(map((value): Routed<T> => ({ via: 'direct', value })));
}

// The pool cannot serve now, but another connection may. The other codes would fail there, too (too large, bad options),
// or are what the caller wanted (cancelled) or allowed (deadline).
const causes: ReadonlySet<Code> = new Set<Code>(['unavailable', 'overloaded', 'closed']);

/**
 * Whether a failed request may go over a direct connection: only if the pool could not serve it, and no byte of it can
 * have reached the CI.
 *
 * @internal
 */
export function canFallBack(error: unknown): error is ChoragusError {
  return error instanceof ChoragusError && error.delivery === 'not_sent' && causes.has(error.code);
}
