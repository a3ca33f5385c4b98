import type { Kind } from './kinds.js';
import type { World } from './world.js';

/** One argument of one public function, or one option in it. */
export interface Row {
  /** The function, as its users write it: `pool.ask`, `createPool`. */
  readonly of: string;
  /** The name that the message must contain. */
  readonly names: string | RegExp;
  /** The right values. All others must be rejected. */
  readonly right: Kind;
  /** Calls the function with a value as this argument. */
  readonly act: (value: unknown, world: World) => unknown;
}

/** Calls a function with options; its other arguments are right. */
export type CallWith = (options: never, world: World) => unknown;

/** Makes a row for each option. `required` are those without which the others are not checked. */
export function optionRows(
  of: string,
  call: CallWith,
  kinds: Readonly<Record<string, Kind>>,
  required: (world: World) => object = () => ({}),
): readonly Row[] {
  return Object.entries(kinds).map(([name, right]) => ({
    of,
    names: name,
    right,
    act: (value, world) => call({ ...required(world), [name]: value } as never, world),
  }));
}

/** Makes the row of the options as a whole, and a row for each of them. */
export function optionsRows(
  of: string,
  call: CallWith,
  whole: Kind,
  kinds: Readonly<Record<string, Kind>>,
  required?: (world: World) => object,
): readonly Row[] {
  const act: Row['act'] = (value, world) => call(value as never, world);
  // The error names an unknown option itself.
  const names = /\b(?:options|unknown|__proto__)\b/;
  return [{ of, names, right: whole, act }, ...optionRows(of, call, kinds, required)];
}
