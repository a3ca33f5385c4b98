import type { CarriedLine, Frame } from '../contract/index.js';
import { isName, RawLine, withoutNonFinite } from '../protocol/raw-line.js';

/** A client's line, read as far as it must be to be carried; what it says is the CI's to judge. */
export interface ClientLine extends CarriedLine {
  /** Whether the client understands our own failures: it asks with an id, and says `"choragus": true`. */
  readonly isOurs: boolean;
}

/** Reads a client's line. What is no JSON object has no type and no place for an id, and goes to the CI as it came. */
export function readClientLine(text: string): ClientLine {
  const raw = RawLine.read(text);
  const frame = raw === undefined ? undefined : frameOf(text);
  if (raw === undefined || frame === undefined) {
    return { type: '', text, isStream: false, id: undefined, withId: undefined, isOurs: false };
  }
  return {
    type: typeof frame.type === 'string' ? frame.type : '',
    text,
    isStream: frame.stream === true,
    id: raw.id,
    withId: (id) => raw.withId(id),
    isOurs: frame.choragus === true && isName(raw.id),
  };
}

/** What a line says, where it is JSON, or would be but for numbers that JSON has not. */
function frameOf(text: string): Frame | undefined {
  try {
    return JSON.parse(text) as Frame;
  } catch {
    try {
      return JSON.parse(withoutNonFinite(text).json) as Frame;
    } catch {
      return undefined;
    }
  }
}
