import { asyncScheduler, type MonoTypeOperatorFunction, Observable, type Subscriber, type Subscription } from 'rxjs';
import { checkedSource, upstream } from './source.js';
import { checkMs, scheduleAfterIo, timeOut } from './time-out.js';

/**
 * Limits the silence after each value: until the next value, or until the end.
 *
 * The first value starts it; {@link firstChunkTimeout} limits the time before that. A value at the very moment of the
 * timeout still counts. It never fires early, also when the system clock is changed. It may fire up to `ms` late when
 * the clock is changed or the process was blocked.
 *
 * ```text
 * source       -----a--b---------c--|
 *              idleTimeout(4)
 * result       -----a--b---#
 * ```
 *
 * @param ms - The longest silence, in ms: above 0, at most 2,147,483,647.
 * @returns An operator that errors with `deadline_exceeded`, phase `idle`, delivery `maybe_sent`.
 * @throws ChoragusError `invalid_config`, at once, for a time out of range.
 *
 * @example
 * ```ts
 * pool.stream('apollo', 'Explain it slowly').pipe(firstChunkTimeout(5_000), idleTimeout(2_000));
 * ```
 *
 * @see {@link firstChunkTimeout} for the time before the first value, {@link deadline} for the whole.
 */
export function idleTimeout<T>(ms: number): MonoTypeOperatorFunction<T> {
  checkMs('idleTimeout', ms);
  return (source) => {
    const checked = checkedSource('idleTimeout', source);
    return new Observable<T>((subscriber) => {
      let silence: Silence | undefined;
      const values = upstream<T>({
        next: (value) => {
          if (silence === undefined) silence = new Silence(values, subscriber, ms);
          else silence.broken();
          subscriber.next(value);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
      subscriber.add(values);
      checked.subscribe(values);
    });
  };
}

/**
 * Watches the time since the last value with one timer. A value only stores the time; when the timer fires, it is set
 * again for the time that is left. So a thousand values a second cost one timer per `ms`.
 */
class Silence {
  readonly #source: Subscription;
  readonly #subscriber: Subscriber<unknown>;
  readonly #ms: number;
  #lastAt: number;
  #dueAt = 0;
  #timer: Subscription | undefined;

  constructor(source: Subscription, subscriber: Subscriber<unknown>, ms: number) {
    this.#source = source;
    this.#subscriber = subscriber;
    this.#ms = ms;
    this.#lastAt = asyncScheduler.now();
    this.#arm(ms);
  }

  broken(): void {
    this.#lastAt = asyncScheduler.now();
  }

  #arm(delayMs: number): void {
    this.#timer?.unsubscribe();
    this.#dueAt = asyncScheduler.now() + delayMs;
    this.#timer = scheduleAfterIo(this.#look, delayMs);
    this.#subscriber.add(this.#timer);
  }

  readonly #look = (): void => {
    const now = asyncScheduler.now();
    // A last value in the future: the clock was set back. Without this, the silence would last until the clock has
    // caught up.
    this.#lastAt = Math.min(this.#lastAt, now);
    // Counts up to the time the timer was due: a late timer is not the source's fault.
    const silentMs = Math.min(now, this.#dueAt) - this.#lastAt;
    if (silentMs >= this.#ms) timeOut(this.#source, this.#subscriber, 'idle', this.#ms);
    else this.#arm(Math.min(this.#ms - silentMs, this.#ms));
  };
}
