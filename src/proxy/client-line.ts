import type { CarriedLine, Frame } from '../contract/index.js';
import { isName, RawLine, withoutNonFinite } from '../protocol/raw-line.js';

/** A client's line, with the fields that the proxy needs. The proxy does not check the rest: the CI does. */
export interface ClientLine extends CarriedLine {
  /** True if the client understands failures of Choragus: its line has an id and `"choragus": true`. */
  readonly isOurs: boolean;
}

/** Reads a client's line. A line that is not a JSON object has no type and no id, and goes to the CI unchanged. */
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

/** Parses a line as JSON. Also accepts `NaN` and `Infinity`, as Python writes them. Returns `undefined` for anything else. */
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
