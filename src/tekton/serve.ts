import { catchError, defer, finalize, map, type Observable } from 'rxjs';
import { ChoragusError, type Code } from '../errors/index.js';
import type { Direct, Send } from './direct.js';
import type { Route } from './route.js';

/** An answer, or a part of one, and its route: the pool or a direct connection. @internal */
export interface Routed<T> {
  readonly via: 'pool' | 'direct';
  readonly value: T;
}

/** What a client needs to send requests. @internal */
export interface Means {
  readonly direct: Direct;
  /** Returns the milliseconds since a fixed moment. */
  readonly now: () => number;
  /** Returns the timeout of a request without its own, in ms. */
  readonly requestTimeoutMs: () => number;
}

/** How long a request may take, in milliseconds. @internal */
export interface Timeouts {
  /** The caller's timeout; undefined means the pool's. */
  readonly askedMs: number | undefined;
  /** Returns the limit for both routes together. Called only for a direct connection. */
  readonly totalMs: () => number;
}

/**
 * Sends a request through the pool. If the pool can neither serve it nor have sent it, sends it over a direct connection
 * within the remaining time.
 *
 * @internal
 */
export function serve<T>(route: Route, send: Send<T>, timeouts: Timeouts, means: Means): Observable<Routed<T>> {
  return defer(() => {
    const startedAt = means.now();
    const pooled = defer(() => {
      const { ci, release } = route.lease();
      return defer(() => send(route.pool, ci, timeouts.askedMs)).pipe(finalize(release));
    });
    return pooled.pipe(
      map((value): Routed<T> => ({ via: 'pool', value })),
      catchError((refusal: unknown) => {
        const remainingMs = (): number => timeouts.totalMs() - (means.now() - startedAt);
        return sendDirectly(refusal, route, send, remainingMs, means);
      }),
    );
  });
}

/**
 * Sends a failed request over a direct connection. If the pool may have sent it, throws the pool's error.
 *
 * @internal
 */
export function sendDirectly<T>(
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

// With these codes a direct connection can succeed. With the others it would fail, too (too large, bad options), or the
// caller wants no second try (cancelled, deadline).
const causes: ReadonlySet<Code> = new Set<Code>(['unavailable', 'overloaded', 'closed']);

/**
 * Returns true if a failed request may go over a direct connection: the pool could not serve it, and no byte of it can
 * have reached the CI.
 *
 * @internal
 */
export function canFallBack(error: unknown): error is ChoragusError {
  return error instanceof ChoragusError && error.delivery === 'not_sent' && causes.has(error.code);
}
