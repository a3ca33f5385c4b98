import { fieldsOf, isPlainObject } from '../checks/index.js';
import { ChoragusError, describeValue, invalidConfig, wrongArgument } from '../errors/index.js';

/**
 * Reads each option of a call once.
 *
 * @param of - The function that was called, for the message.
 * @param known - The names of all options. Any other is refused, so that the original's `max_tokens` is not ignored.
 * @throws ChoragusError `invalid_config` if `options` is not a plain object, cannot be read, or has an unknown option.
 * @internal
 */
export function readOptions<Name extends string>(
  of: string,
  options: unknown,
  known: readonly Name[],
): Readonly<Partial<Record<Name, unknown>>> {
  try {
    if (!isPlainObject(options)) throw wrongArgument(of, 'options', options, 'a plain object');
    const fields = fieldsOf(options);
    const names: readonly string[] = known;
    const unknown = Object.keys(fields).find((name) => !names.includes(name));
    if (unknown === undefined) return fields as Partial<Record<Name, unknown>>;
    throw invalidConfig(`${of}: ${describeValue(unknown)} is not an option: use ${known.join(', ')}`);
  } catch (error) {
    if (error instanceof ChoragusError) throw error;
    throw invalidConfig(`${of}: options cannot be read: a getter or a proxy threw`);
  }
}
