import type * as v from 'valibot';
import { ChoragusError } from '../errors/index.js';

/** The error of a function that was given wrong options: which, and what each of them takes. */
export function invalidOptions(
  name: string,
  takes: Readonly<Record<string, string>>,
  issues: readonly v.BaseIssue<unknown>[],
): ChoragusError {
  const faults = issues.map(({ path }) => {
    const key = path?.[0]?.key;
    if (key === undefined) return 'options are an object';
    return Object.hasOwn(takes, String(key))
      ? `${String(key)} takes ${takes[String(key)]}`
      : `${String(key)} is not an option`;
  });
  return new ChoragusError('invalid_config', `${name}: ${faults.join('; ')}`, { delivery: 'not_sent' });
}
