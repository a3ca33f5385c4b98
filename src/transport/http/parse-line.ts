import type { Frame } from '../../contract/index.js';
import { parseFrame } from '../../protocol/frame-codec.js';

/** A JSON object of an answer. @throws ChoragusError `protocol_error`; the message holds none of the line. */
export const parseLine: (line: string) => Frame = parseFrame;

/** A field that holds an object, or an empty one. */
export function recordIn(frame: Frame, name: string): Frame {
  const value = frame[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Frame) : {};
}

/** The JSON object of a body, or an empty one where it is none. */
export function recordOf(body: string): Frame {
  try {
    return recordIn({ body: JSON.parse(body) as unknown }, 'body');
  } catch {
    return {};
  }
}

export function textIn(frame: Frame, name: string): string | undefined {
  const value = frame[name];
  return typeof value === 'string' ? value : undefined;
}
