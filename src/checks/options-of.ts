import * as v from 'valibot';
import { canBeShown } from './can-be-shown.js';
import { isPlainObject } from './plain-object.js';

/** What the issue of an option that cannot be read expects, in place of words. */
export const READABLE = 'readable';

type Fields = Record<string, unknown>;

/**
 * A plain object, copied: each field is read once, so that what is checked is what is used.
 *
 * @param takes - What it is, for the message.
 */
export function copied(takes: string): v.GenericSchema<unknown, Fields> {
  const copy = v.rawTransform<unknown, Fields>(({ dataset: { value }, addIssue, NEVER }) => {
    const refuse = (): typeof NEVER => {
      addIssue({ message: takes, received: 'a value' });
      return NEVER;
    };
    try {
      if (!isPlainObject(value)) return refuse();
      // Without a prototype, so that `__proto__` is a field like any other, and refused as one.
      const fields: Fields = Object.create(null);
      for (const key of Object.keys(value)) {
        if (!isReadable(value, key, fields)) {
          const path: [v.ObjectPathItem] = [{ type: 'object', origin: 'value', input: value, key, value: undefined }];
          addIssue({ expected: READABLE, received: 'a value', path });
        }
      }
      return fields;
    } catch {
      return refuse();
    }
  });
  return v.pipe(v.unknown(), copy);
}

/** Options: a plain object of these, and of no others. */
export function optionsOf<E extends v.ObjectEntries>(
  entries: E,
  takes = 'an object',
): v.GenericSchema<unknown, v.InferOutput<v.StrictObjectSchema<E, undefined>>> {
  const known = v.strictObject(entries) as unknown as v.GenericSchema<
    Fields,
    v.InferOutput<v.StrictObjectSchema<E, undefined>>
  >;
  return v.pipe(copied(takes), known);
}

/** Reads a field. False if that throws, or if the field does whenever it is looked at. */
function isReadable(value: Readonly<Fields>, key: string, fields: Fields): boolean {
  try {
    fields[key] = value[key];
    return canBeShown(fields[key]);
  } catch {
    return false;
  }
}
