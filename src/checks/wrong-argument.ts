import { ChoragusError, describeValue } from '../errors/index.js';

/**
 * Returns the error for a wrong argument of a public function, in the words that all of them use.
 *
 * @example
 * ```ts
 * throw wrongArgument('warm', 'cis', 'apollo', 'a list of names'); // warm: cis is "apollo", and takes a list of names
 * ```
 */
export function wrongArgument(of: string, argument: string, value: unknown, takes: string): ChoragusError {
  return invalidConfig(`${of}: ${argument} is ${describeValue(value)}, and takes ${takes}`);
}

/** Returns an `invalid_config` error of a call that sent nothing. */
export function invalidConfig(message: string, cause?: unknown): ChoragusError {
  return new ChoragusError('invalid_config', message, { delivery: 'not_sent', cause });
}
