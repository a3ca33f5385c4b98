import { isObservable, type Observable, type Observer, Subscriber } from 'rxjs';
import { wrongArgument } from '../errors/index.js';

/**
 * Returns an operator's source if it is an Observable, of this copy of RxJS or of another one.
 *
 * @throws ChoragusError `invalid_config`.
 * @internal
 */
export function checkedSource<T>(operator: string, source: Observable<T>): Observable<T> {
  if (isSource(source)) return source;
  throw wrongArgument(operator, 'source', source, 'an Observable');
}

function isSource(source: unknown): boolean {
  try {
    return isObservable(source);
  } catch {
    // A getter, or a proxy.
    return false;
  }
}

/**
 * Creates the subscriber that an operator passes to its source.
 *
 * Unlike the subscription that `source.subscribe(observer)` returns, it can be unsubscribed while `subscribe` still
 * runs. Otherwise a `take(1)` after the operator could not stop a source that emits synchronously. RxJS marks the
 * constructor as internal and has no public one, so it is called only here.
 *
 * @internal
 */
export function upstream<T>(observer: Observer<T>): Subscriber<T> {
  return new Subscriber<T>(observer);
}
