import { ChoragusError } from '../choragus-error.js';
import { describeValue } from '../describe-value.js';

/**
 * Returns the error for a wrong argument of a public function, in the words that all of them use.
 *
 * @param takes - The values that the argument accepts: `a list of names`.
 *
 * @example
 * ```ts
 * throw wrongArgument('warm', 'cis', 'apollo', 'a list of names'); // warm: cis is "apollo": use a list of names
 * ```
 */
export function wrongArgument(of: string, argument: string, value: unknown, takes: string): ChoragusError {
  return invalidConfig(`${of}: ${argument} is ${describeValue(value)}: use ${takes}`);
}

/** Returns an `invalid_config` error: nothing was sent. */
export function invalidConfig(message: string, cause?: unknown): ChoragusError {
  return new ChoragusError('invalid_config', message, { delivery: 'not_sent', cause });
}

/** Returns the error for a wrong setting of one CI. `message` must not hold a secret. */
export function invalidCi(ci: string, message: string): ChoragusError {
  return new ChoragusError('invalid_config', `CI "${ci}": ${message}`, { ci, delivery: 'not_sent' });
}

/** Returns the error for a CI's URL of the wrong form. The URL is not shown: it can hold a secret. */
export function wrongUrl(ci: string, takes: string): ChoragusError {
  return invalidCi(ci, `its url must be ${takes}`);
}

/** Returns the error for a port in a CI's URL. */
export function portOutOfRange(ci: string, port: number): ChoragusError {
  return invalidCi(ci, `its port ${port} is out of range: use 1 to 65535`);
}

/** Returns the error for a user name or password in a CI's URL; `instead` names the option for them. */
export function credentialsInUrl(ci: string, instead: string): ChoragusError {
  return invalidCi(ci, `its url contains credentials: use ${instead} instead`);
}

/** Returns the error for a header's name or an API key that HTTP does not allow. The value is a secret, and not shown. */
export function invalidHeader(ci: string, what: string): ChoragusError {
  return invalidCi(ci, `its ${what} contains a character that HTTP headers do not allow`);
}
