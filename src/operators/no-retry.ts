import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import { alreadySent, ChoragusError } from '../errors/index.js';
import { checkedSource, upstream } from './source.js';

/**
 * Lets its source be subscribed once, so that no `retry()` or `repeat()` after it can send a request twice.
 *
 * A further subscription errors with `already_sent`, whether the former one is in flight, has completed, failed or was
 * unsubscribed. One case lets the next subscription through: the former ended in a `ChoragusError` with delivery
 * `not_sent`. The `cause` of the `already_sent` is the error of the former subscription, if it ended in one.
 *
 * Every request of a pool is sent at most once already, by a check built into the request for speed. Use this operator
 * for any other Observable.
 *
 * Unlike other operators it keeps its state for each source, not for each subscription: counting subscriptions is its
 * purpose.
 *
 * ```text
 * source       --a--#            (maybe_sent)
 *              noRetry(), retry(3)
 * result       --a--#            (already_sent)
 * ```
 *
 * @returns An operator that errors with `already_sent`, delivery `maybe_sent`.
 *
 * @example
 * ```ts
 * // Tries again only while it is certain that nothing was sent.
 * pool.ask('apollo', 'Launch it').pipe(noRetry(), retry({ count: 3, delay: 500 }));
 * ```
 *
 * @see {@link deadline} for a time limit.
 */
export function noRetry<T>(): MonoTypeOperatorFunction<T> {
  return (source) => {
    const checked = checkedSource('noRetry', source);
    let state: 'fresh' | 'spent' = 'fresh';
    let formerError: unknown;
    return new Observable<T>((subscriber) => {
      if (state === 'spent') {
        subscriber.error(alreadySent(formerError));
        return;
      }
      state = 'spent';
      const values = upstream<T>({
        next: (value) => subscriber.next(value),
        error: (error: unknown) => {
          // Before the next line: a `retry()` subscribes again within it.
          if (error instanceof ChoragusError && error.delivery === 'not_sent') state = 'fresh';
          else formerError = error;
          subscriber.error(error);
        },
        complete: () => subscriber.complete(),
      });
      subscriber.add(values);
      checked.subscribe(values);
    });
  };
}
