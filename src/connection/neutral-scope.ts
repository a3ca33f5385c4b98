import { AsyncResource } from 'node:async_hooks';
import { Observable } from 'rxjs';

/** The async context of this module's load, which belongs to no request. */
const scope = new AsyncResource('Choragus');

/**
 * Subscribes to a source outside of any request's async context. A socket that is dialled within a request's context
 * would keep that request's store (AsyncLocalStorage) alive, and show it to everything that arrives later.
 */
export function inNeutralScope<T>(source: Observable<T>): Observable<T> {
  return new Observable((subscriber) => scope.runInAsyncScope(() => source.subscribe(subscriber)));
}
