import { isPlainObject } from '../checks/index.js';
import type { Frame } from '../contract/index.js';
import { RawLine, withoutNonFinite } from '../protocol/raw-line.js';

/** A client's line: a request, or the fault in it. */
export type ReceivedLine =
  | {
      readonly kind: 'request';
      readonly frame: Frame;
      /** The id as JSON text, with its quotes: even a number that no double can hold returns unchanged. `undefined`: no id. */
      readonly id: string | undefined;
    }
  | { readonly kind: 'fault'; readonly error: string; readonly id: string | undefined }
  /** JSON, but not an object. */
  | { readonly kind: 'not an object' };

/** Reads a client's line. Reads the id even if the line is not JSON because of `NaN` or `Infinity`. */
export function readReceivedLine(line: string): ReceivedLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    const { first } = withoutNonFinite(line);
    const where = first === undefined ? '' : `: ${first.token} at position ${first.position}`;
    return { kind: 'fault', error: `Invalid JSON${where}`, id: idOf(line) };
  }
  if (!isPlainObject(value)) return { kind: 'not an object' };
  return { kind: 'request', frame: value, id: value.request_id === undefined ? undefined : idOf(line) };
}

/** Returns the id of a line that looks like an object by its brackets and strings. */
function idOf(line: string): string | undefined {
  return RawLine.read(line)?.id;
}
