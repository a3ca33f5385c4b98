import { invalidConfig, wrongArgument } from '../errors/index.js';
import { isPlainObject } from './plain-object.js';

/**
 * Returns what is sent of a frame, or of a text, which is sent as it is.
 *
 * @throws ChoragusError `invalid_config` for anything else, and for what JSON cannot hold.
 */
export function lineOf(of: string, argument: string, frame: unknown): string {
  if (typeof frame === 'string') return frame;
  try {
    if (isPlainObject(frame)) return JSON.stringify(frame);
  } catch {
    throw invalidConfig(`${of}: ${argument} cannot be written as JSON`);
  }
  throw wrongArgument(of, argument, frame, 'a frame, or a text');
}
