import type { Frame } from '../../contract/index.js';

/** Whether a value is an object with fields. */
export function isRecord(value: unknown): value is Frame {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field that holds an object, or an empty one. */
export function recordIn(frame: Frame, name: string): Frame {
  const value = frame[name];
  return isRecord(value) ? value : {};
}

/** A field that holds a text. */
export function textIn(frame: Frame, name: string): string | undefined {
  const value = frame[name];
  return typeof value === 'string' ? value : undefined;
}

/** The same fields without some. */
export function without(frame: Frame, names: readonly string[]): Frame {
  return Object.fromEntries(Object.entries(frame).filter(([name]) => !names.includes(name)));
}
