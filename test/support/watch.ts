import type { Observable, Subscription } from 'rxjs';
import type { ChoragusError } from '../../src/index.js';

/** One subscription as its user saw it. */
export interface Watched<T> {
  readonly values: T[];
  readonly subscription: Subscription;
  /** How often it ended; anything but 0 or 1 is a bug. */
  ends: number;
  error: ChoragusError | undefined;
  /** `reply`, `code delivery phase`, or `pending`. */
  readonly outcome: string;
  /** Settles when it ends, with a value or an error. */
  readonly ended: Promise<string>;
}

/** Subscribes, and records every notification. */
export function watch<T>(source: Observable<T>, onNext: (value: T) => void = () => {}): Watched<T> {
  let settle: (outcome: string) => void;
  const ended = new Promise<string>((resolve) => {
    settle = resolve;
  });
  const watched = {
    values: [] as T[],
    ends: 0,
    error: undefined as ChoragusError | undefined,
    ended,
    get outcome(): string {
      if (watched.ends === 0) return 'pending';
      return watched.error === undefined ? 'reply' : failureOf(watched.error);
    },
  };
  const end = (error?: ChoragusError): void => {
    watched.ends += 1;
    watched.error = error;
    settle(watched.outcome);
  };
  const subscription = source.subscribe({
    next: (value) => {
      watched.values.push(value);
      onNext(value);
    },
    error: end,
    complete: () => end(),
  });
  return Object.assign(watched, { subscription });
}

/** Describes a failure by the three fields that a caller acts on. */
export function failureOf({ code, delivery, phase }: ChoragusError): string {
  return `${code} ${delivery} ${phase}`;
}
