import { wrongArgument } from '../errors/index.js';

/**
 * Returns a text as UTF-8, and bytes as they are.
 *
 * @throws ChoragusError `invalid_config` for anything else.
 */
export function bytesOf(of: string, argument: string, raw: unknown): Buffer {
  if (typeof raw === 'string') return Buffer.from(raw);
  // A proxy is no view, and would throw at `instanceof`.
  if (ArrayBuffer.isView(raw) && raw instanceof Uint8Array)
    return Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
  throw wrongArgument(of, argument, raw, 'a text or a Buffer');
}
