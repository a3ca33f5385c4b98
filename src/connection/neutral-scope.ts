import { AsyncResource } from 'node:async_hooks';
import { Observable } from 'rxjs';

/** The async context in which this module was loaded: that of no request. */
const scope = new AsyncResource('Choragus');

/**
 * Subscribes to a source outside of any request's async context. A socket that is dialled in the context of a request would keep that
 * request's store (AsyncLocalStorage) alive, and show it to all that comes later over the socket.
 */
export function inNeutralScope<T>(source: Observable<T>): Observable<T> {
  return new Observable((subscriber) => scope.runInAsyncScope(() => source.subscribe(subscriber)));
}
