import * as v from 'valibot';

/** The longest time that a timer of the system can hold, in ms: 24.8 days. A longer one would fire at once. */
export const MAX_TIMER_MS = 2_147_483_647;

/** A whole number within bounds, both included. */
export function wholeNumber(least: number, most: number) {
  const schema = v.pipe(v.number(), v.integer(), v.minValue(least), v.maxValue(most));
  return v.message(schema, `a whole number from ${least} to ${most}`);
}

/** A time in ms that a timer can hold, a fraction included. */
export function milliseconds(least: number) {
  const schema = v.pipe(v.number(), v.minValue(least), v.maxValue(MAX_TIMER_MS));
  return v.message(schema, `a number of milliseconds from ${least} to ${MAX_TIMER_MS}`);
}

/** Whether a value is a time above 0 that a timer can hold, in ms. */
export function isTimeMs(value: unknown): value is number {
  return typeof value === 'number' && value > 0 && value <= MAX_TIMER_MS;
}
