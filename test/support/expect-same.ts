import { expect } from 'vitest';

/** Expects a value to be another one. Calls `expect` only if it is not: that takes 20 µs, and a property may compare 100,000 times. */
export function expectSame<T>(actual: T, expected: T): void {
  if (!Object.is(actual, expected)) expect(actual).toBe(expected);
}

/** Expects a value to be one of several, in the same way. */
export function expectOneOf<T>(actual: T, expected: readonly T[]): void {
  if (!expected.includes(actual)) expect(expected).toContain(actual);
}
