import { wrongArgument } from '../errors/index.js';

/** Checks that an argument is a function. @throws ChoragusError `invalid_config`. */
export function checkFunction(of: string, argument: string, value: unknown): void {
  if (typeof value !== 'function') throw wrongArgument(of, argument, value, 'a function');
}
