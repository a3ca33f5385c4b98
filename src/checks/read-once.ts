import * as v from 'valibot';
import { isPlainObject } from '../errors/index.js';

/**
 * Returns whether a value can be described: valibot reads its class when it reports a fault, and a proxy may throw at
 * that.
 */
export function canBeShown(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return true;
  try {
    void (Object.getPrototypeOf(value) as object | null)?.constructor?.name;
    return true;
  } catch {
    return false;
  }
}

/**
 * Copies an object's own fields, reading each once, so that the checked value is the one that is used. The copy has no
 * prototype: `__proto__` is a field like any other.
 *
 * @throws Whatever a getter or a proxy throws.
 */
export function fieldsOf(value: object): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(value)) fields[name] = (value as Readonly<Record<string, unknown>>)[name];
  return fields;
}

/** Marks the issue of an option that cannot be read. */
export const READABLE = 'readable';

type Fields = Record<string, unknown>;

/**
 * Returns a schema that copies a plain object. Each field is read once, so that the checked value is the one that is
 * used.
 *
 * @param takes - What is accepted, for the message.
 */
export function copied(takes: string): v.GenericSchema<unknown, Fields> {
  const copy = v.rawTransform<unknown, Fields>(({ dataset: { value }, addIssue, NEVER }) => {
    const refuse = (): typeof NEVER => {
      addIssue({ message: takes, received: 'a value' });
      return NEVER;
    };
    try {
      if (!isPlainObject(value)) return refuse();
      // Without a prototype, so that `__proto__` is a field like any other, and refused as unknown.
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

/** Returns a schema for a plain object with these options and no others. */
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

/** Copies a field. Returns false if reading it throws, or if it cannot be described. */
function isReadable(value: Readonly<Fields>, key: string, fields: Fields): boolean {
  try {
    fields[key] = value[key];
    return canBeShown(fields[key]);
  } catch {
    return false;
  }
}

/** The schemas of a record's values and names. */
export interface RecordParts<T> {
  readonly value: v.GenericSchema<unknown, T>;
  /** Default: any. */
  readonly name?: v.GenericSchema<string, string>;
  /** What is accepted, for the message. */
  readonly takes: string;
}

/**
 * Returns a schema that copies a plain object of values by name. Unlike valibot's `record`, it refuses a `Map`, and
 * skips no name.
 */
export function recordOf<T>({ value, name, takes }: RecordParts<T>): v.GenericSchema<unknown, Record<string, T>> {
  const checked = v.rawTransform<Record<string, unknown>, Record<string, T>>(({ dataset, addIssue }) => {
    const record: Record<string, T> = Object.create(null);
    for (const [key, given] of Object.entries(dataset.value)) {
      const read = v.safeParse(value, given);
      const named = name === undefined ? undefined : v.safeParse(name, key);
      for (const issue of [...(named?.issues ?? []), ...(read.issues ?? [])]) {
        const item: v.ObjectPathItem = { type: 'object', origin: 'value', input: dataset.value, key, value: given };
        addIssue({ ...issue, path: [item, ...(issue.path ?? [])] } as Parameters<typeof addIssue>[0]);
      }
      if (read.success) record[key] = read.output;
    }
    return record;
  });
  return v.pipe(copied(takes), checked);
}

/** Returns a schema that copies a list. It refuses other iterables, such as a string or a `Set`. */
export function listOf<T>(item: v.GenericSchema<unknown, T>, takes: string): v.GenericSchema<unknown, T[]> {
  const copy = v.rawTransform<unknown, unknown[]>(({ dataset: { value }, addIssue, NEVER }) => {
    try {
      if (Array.isArray(value)) {
        const items = Array.from(value as unknown[]);
        if (items.every(canBeShown)) return items;
      }
    } catch {
      // A proxy that cannot be read.
    }
    addIssue({ message: takes, received: 'a value' });
    return NEVER;
  });
  return v.pipe(v.unknown(), copy, v.array(item));
}
