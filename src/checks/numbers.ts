import * as v from 'valibot';

/** The longest delay of a Node timer, in ms: 24.8 days. A timer with a longer one fires at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** Returns a schema for whole numbers from `least` to `most`. */
export function wholeNumber(least: number, most: number) {
  const schema = v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
  return v.message(schema, `a whole number from ${least} to ${most}`);
}

/** Returns a schema for delays that a timer accepts, in ms; fractions are allowed. */
export function milliseconds(least: number) {
  const schema = v.pipe(v.number(), v.minValue(least), v.maxValue(MAX_TIMER_MS));
  return v.message(schema, `a number of milliseconds from ${least} to ${MAX_TIMER_MS}`);
}

/** Returns whether a value is a delay above 0 that a timer accepts, in ms. */
export function isTimeMs(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= MAX_TIMER_MS;
}
