import * as v from 'valibot';
import { type ChoragusError, describeValue, invalidConfig } from '../errors/index.js';
import { READABLE } from './read-once.js';

/** The function whose argument is checked, and how messages name it. */
export interface Checked {
  /** The beginning of the message, such as `createPool` or `CI "apollo"`. Default: nothing. */
  readonly of?: string;
  /** The argument's name. Default: `options`. */
  readonly argument?: string;
  /** The options whose values no message may show, in whole or in part. Default: none. */
  readonly secrets?: readonly string[];
}

/**
 * Checks an argument of a public function, and returns it with its defaults. Options are copied.
 *
 * @throws ChoragusError `invalid_config`, naming each bad option, its value and what it accepts. It never throws what a
 *   getter or a proxy throws.
 */
export function check<T>(schema: v.GenericSchema<unknown, T>, input: unknown, checked: Checked = {}): T {
  let read: v.SafeParseResult<typeof schema>;
  try {
    read = v.safeParse(schema, input);
  } catch {
    throw refuse([`${checked.argument ?? 'options'} cannot be read`], checked);
  }
  if (read.success) return read.output;
  throw refuse(
    read.issues.map((issue) => describe(issue, checked)),
    checked,
  );
}

function refuse(faults: readonly string[], { of }: Checked): ChoragusError {
  return invalidConfig(`${of === undefined ? '' : `${of}: `}${faults.join('; ')}`);
}

function describe(issue: v.BaseIssue<unknown>, { argument, secrets = [] }: Checked): string {
  const path = (issue.path ?? []).map((item) => String(item.key));
  // An option is named without the word "options".
  const name = [...(argument === undefined ? [] : [argument]), ...path].join('.') || 'options';
  if (issue.expected === 'never') return `${name} is not an option`;
  if (issue.expected === READABLE) return `${name} cannot be read`;
  if (issue.type === 'strict_object') return `${name} is missing`;
  const value = path.some((key) => secrets.includes(key)) ? 'a value' : shown(issue);
  return `${name} is ${value}: use ${issue.message}`;
}

/** Describes a wrong value. A string in place of an object or a list is not shown: it can be content. */
function shown({ input, type }: v.BaseIssue<unknown>): string {
  return typeof input === 'string' && type === 'raw_transform' ? 'a string' : describeValue(input);
}
