import * as v from 'valibot';
import { canBeShown } from './can-be-shown.js';

/** A list, copied. A text or a `Set` is none, though both can be walked through. */
export function listOf<T>(item: v.GenericSchema<unknown, T>, takes: string): v.GenericSchema<unknown, T[]> {
  const copy = v.rawTransform<unknown, unknown[]>(({ dataset: { value }, addIssue, NEVER }) => {
    try {
      if (Array.isArray(value)) {
        const items = Array.from(value as unknown[]);
        if (items.every(canBeShown)) return items;
      }
    } catch {
      // A proxy: it cannot be read.
    }
    addIssue({ message: takes, received: 'a value' });
    return NEVER;
  });
  return v.pipe(v.unknown(), copy, v.array(item));
}
