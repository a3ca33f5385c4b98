import { isPlainObject } from '../checks/index.js';
import type { Frame } from '../contract/index.js';
import { RawLine, withoutNonFinite } from '../protocol/raw-line.js';

/** A client's line: what it asks, or what is wrong with it. */
export type Question =
  | {
      readonly kind: 'request';
      readonly frame: Frame;
      /** Its id as it was written, quotes and all: a number that no double holds comes back whole. `undefined` without one. */
      readonly id: string | undefined;
    }
  | { readonly kind: 'fault'; readonly error: string; readonly id: string | undefined }
  /** JSON, and no object. */
  | { readonly kind: 'nonsense' };

/** Reads a client's line. Its id can be read, too, where the line is no JSON for a number that JSON has not. */
export function readQuestion(line: string): Question {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    const { first } = withoutNonFinite(line);
    const where = first === undefined ? '' : `: ${first.token} at position ${first.position}`;
    return { kind: 'fault', error: `Invalid JSON${where}`, id: idOf(line) };
  }
  if (!isPlainObject(value)) return { kind: 'nonsense' };
  return { kind: 'request', frame: value, id: value.request_id === undefined ? undefined : idOf(line) };
}

/** The id of a line that is an object, as far as its brackets and strings tell. */
function idOf(line: string): string | undefined {
  return RawLine.read(line)?.id;
}
