import * as v from 'valibot';
import { copied } from './options-of.js';

/** What the values of a record are, and what its names are. */
export interface RecordParts<T> {
  readonly value: v.GenericSchema<unknown, T>;
  /** Default: any. */
  readonly name?: v.GenericSchema<string, string>;
  /** What the record is, for the message. */
  readonly takes: string;
}

/** A plain object of values by name, copied. Unlike valibot's own `record`, it takes no `Map`, and passes over no name. */
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
