import { isTimeMs, MAX_TIMER_MS } from '../checks/index.js';
import { wrongArgument } from '../errors/index.js';

/**
 * Checks an operator's time when the operator is made, not when it is subscribed: a bad one is a mistake in the code.
 *
 * @throws ChoragusError `invalid_config`.
 * @internal
 */
export function checkMs(operator: string, ms: number): void {
  if (isTimeMs(ms)) return;
  throw wrongArgument(operator, 'ms', ms, `a number of milliseconds above 0, at most ${MAX_TIMER_MS}`);
}
