import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';
import { ChoragusError, type Code, type Delivery, type Phase } from '../../../src/errors/index.js';

/** The expected fields of a `ChoragusError`: all except its message. */
export interface Failure {
  readonly code: Code;
  readonly phase: Phase | undefined;
  readonly delivery: Delivery;
}

export function failure(code: Code, phase?: Phase, delivery: Delivery = 'maybe_sent'): Failure {
  return { code, phase, delivery };
}

export function toFailure(error: unknown): unknown {
  if (!(error instanceof ChoragusError)) return error;
  return failure(error.code, error.phase, error.delivery);
}

/** Runs marbles in virtual time. A `ChoragusError` is compared as a {@link Failure}. */
export function marbles(run: (helpers: RunHelpers) => void): void {
  new TestScheduler((actual, expected) => expect(readable(actual)).toEqual(readable(expected))).run(run);
}

interface Entry {
  readonly notification?: { readonly kind: string; readonly error?: unknown };
}

function readable(log: Entry | readonly Entry[]): unknown {
  if (!Array.isArray(log)) return log;
  return log.map((entry: Entry) => {
    if (entry.notification?.kind !== 'E') return entry;
    return { ...entry, notification: { kind: 'E', error: toFailure(entry.notification.error) } };
  });
}
