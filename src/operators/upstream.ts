import { type Observer, Subscriber } from 'rxjs';

/**
 * The subscriber that an operator hands to its source.
 *
 * Unlike the subscription that `source.subscribe(observer)` returns, it can be let go while `subscribe` still runs.
 * Without that a `take(1)` behind the operator could not stop a source that emits synchronously. RxJS offers no public
 * way to make one and calls the constructor internal, hence the one place for it.
 *
 * @internal
 */
export function upstream<T>(observer: Observer<T>): Subscriber<T> {
  return new Subscriber<T>(observer);
}
