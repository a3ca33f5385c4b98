import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import { checkedSource, upstream } from './source.js';
import { checkMs, scheduleAfterIo, timeOut } from './time-out.js';

/**
 * Limits the total time from subscription to completion.
 *
 * When the time is over it unsubscribes from the source, which cancels the request, and then errors. Values pass
 * unchanged and do not extend the time. A value or completion at the very moment of the timeout still counts.
 *
 * Every request of a pool has a deadline already: the option `deadlineMs`, built into the request for speed. Use this
 * operator for any other Observable, or for a whole pipe.
 *
 * ```text
 * source       ---a---b---c---d---|
 *              deadline(10)
 * result       ---a---b--#
 * ```
 *
 * @param ms - The total time, in ms: above 0, at most 2,147,483,647.
 * @returns An operator that errors with `deadline_exceeded`, phase `total`, delivery `maybe_sent`.
 * @throws ChoragusError `invalid_config`, at once, for a time out of range.
 *
 * @example
 * ```ts
 * const reply = await firstValueFrom(pool.ask('apollo', 'What patterns do you see?').pipe(deadline(2_000)));
 * ```
 *
 * @see {@link firstChunkTimeout} and {@link idleTimeout}, which limit parts of it.
 */
export function deadline<T>(ms: number): MonoTypeOperatorFunction<T> {
  checkMs('deadline', ms);
  return (source) => {
    const checked = checkedSource('deadline', source);
    return new Observable<T>((subscriber) => {
      const values = upstream<T>({
        next: (value) => subscriber.next(value),
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
      subscriber.add(values);
      // Before subscribing: the time that the source spends in `subscribe` counts.
      subscriber.add(scheduleAfterIo(() => timeOut(values, subscriber, 'total', ms), ms));
      checked.subscribe(values);
    });
  };
}
