import * as v from 'valibot';
import { type ChoragusError, describeValue, invalidConfig } from '../errors/index.js';
import { READABLE } from './options-of.js';

/** The function whose argument is checked, and the words in which messages name it. */
export interface Checked {
  /** The function, or whatever else the message begins with: `createPool`, `CI "apollo"`. Default: nothing. */
  readonly of?: string;
  /** The argument's name. Default: `options`. */
  readonly argument?: string;
  /** The options whose values no message may show, nor what is in them. Default: none. */
  readonly secrets?: readonly string[];
}

/**
 * Checks an argument of a public function, and returns it with its defaults: a copy, for options.
 *
 * @throws ChoragusError `invalid_config`, naming each bad option, its value and what it takes. Never what a getter or a proxy throws.
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
  // An option is called by its name alone.
  const name = [...(argument === undefined ? [] : [argument]), ...path].join('.') || 'options';
  if (issue.expected === 'never') return `${name} is not an option`;
  if (issue.expected === READABLE) return `${name} cannot be read`;
  if (issue.type === 'strict_object') return `${name} is missing`;
  const value = path.some((key) => secrets.includes(key)) ? 'a value' : shown(issue);
  return `${name} is ${value}: use ${issue.message}`;
}

/** A text in the place of an object or a list can be anything, such as the content of a message: it is not shown. */
function shown({ input, type }: v.BaseIssue<unknown>): string {
  return typeof input === 'string' && type === 'raw_transform' ? 'a text' : describeValue(input);
}
