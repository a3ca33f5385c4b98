import { ChoragusError } from '../errors/index.js';

/** The longest time that a timer of the system can hold, in ms: 24.8 days. A longer one would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/**
 * Checks an operator's time when the operator is made, not when it is subscribed: a bad one is a mistake in the code.
 *
 * @throws ChoragusError `invalid_config`.
 * @internal
 */
export function checkMs(operator: string, ms: number): void {
  if (typeof ms === 'number' && ms > 0 && ms <= MAX_TIMER_MS) return;
  const message = `${operator}(ms) takes a number of milliseconds above 0 and up to ${MAX_TIMER_MS}, not ${String(ms)}`;
  throw new ChoragusError('invalid_config', message, { delivery: 'not_sent' });
}
