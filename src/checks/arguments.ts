import { invalidConfig, isPlainObject, wrongArgument } from '../errors/index.js';

/** Checks that an argument is a function. @throws ChoragusError `invalid_config`. */
export function checkFunction(of: string, argument: string, value: unknown): void {
  if (typeof value !== 'function') throw wrongArgument(of, argument, value, 'a function');
}

/**
 * Returns a string as UTF-8 bytes, and bytes unchanged.
 *
 * @throws ChoragusError `invalid_config` for anything else.
 */
export function bytesOf(of: string, argument: string, raw: unknown): Buffer {
  if (typeof raw === 'string') return Buffer.from(raw);
  // A proxy is not a view, and could throw at `instanceof`.
  if (ArrayBuffer.isView(raw) && raw instanceof Uint8Array)
    return Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  throw wrongArgument(of, argument, raw, 'a string or a Buffer');
}

/**
 * Returns a frame as a line of JSON; a string is sent unchanged.
 *
 * @throws ChoragusError `invalid_config` for anything else, and for a frame that JSON cannot express.
 */
export function lineOf(of: string, argument: string, frame: unknown): string {
  if (typeof frame === 'string') return frame;
  try {
    if (isPlainObject(frame)) return JSON.stringify(frame);
  } catch {
    throw invalidConfig(`${of}: ${argument} cannot be written as JSON`);
  }
  throw wrongArgument(of, argument, frame, 'a frame or a string');
}

/**
 * Returns whether a value can be used as an `AbortSignal`. It looks at the members, not at the class: another realm and
 * a polyfill have their own class.
 */
export function isAbortSignal(value: unknown): value is AbortSignal {
  if (typeof value !== 'object' || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return (
    typeof aborted === 'boolean' && typeof addEventListener === 'function' && typeof removeEventListener === 'function'
  );
}
