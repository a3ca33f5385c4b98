import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import { checkedSource, upstream } from './source.js';
import { checkMs, scheduleAfterIo, timeOut } from './time-out.js';

/**
 * Limits the time from subscription to the first value.
 *
 * After the first value it only passes values on. A source that completes without a value in time does not fail. A
 * value at the very moment of the timeout still counts.
 *
 * ```text
 * source       ------a--b----|
 *              firstChunkTimeout(4)
 * result       ----#
 * ```
 *
 * @param ms - The time to the first value, in ms: above 0, at most 2,147,483,647.
 * @returns An operator that errors with `deadline_exceeded`, phase `first chunk`, delivery `maybe_sent`.
 * @throws ChoragusError `invalid_config`, at once, for a time out of range.
 *
 * @example
 * ```ts
 * pool.stream('apollo', 'Explain it slowly').pipe(firstChunkTimeout(5_000), idleTimeout(2_000));
 * ```
 *
 * @see {@link idleTimeout} for the time between values, {@link deadline} for the whole.
 */
export function firstChunkTimeout<T>(ms: number): MonoTypeOperatorFunction<T> {
  checkMs('firstChunkTimeout', ms);
  return (source) => {
    const checked = checkedSource('firstChunkTimeout', source);
    return new Observable<T>((subscriber) => {
      const values = upstream<T>({
        next: (value) => {
          timer.unsubscribe();
          subscriber.next(value);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
      subscriber.add(values);
      const timer = scheduleAfterIo(() => timeOut(values, subscriber, 'first chunk', ms), ms);
      subscriber.add(timer);
      checked.subscribe(values);
    });
  };
}
