import * as v from 'valibot';
import { check, optionsOf } from '../checks/index.js';

/** Sets whether an answer carries the request's id. */
export interface EchoOptions {
  /** If true, the answer carries the request's id, if it has one. Default: true. */
  readonly echo?: boolean | undefined;
}

const schema = optionsOf({ echo: v.optional(v.boolean('true or false'), true) });

/**
 * Returns true if an answer carries the request's id. Default: true.
 *
 * @throws ChoragusError `invalid_config`.
 * @internal
 */
export function readEcho(of: string, options: EchoOptions | undefined): boolean {
  return options === undefined || check(schema, options, { of }).echo;
}
