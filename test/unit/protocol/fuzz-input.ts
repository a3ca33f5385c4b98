import fc from 'fast-check';
import { ChoragusError } from '../../../src/errors/index.js';

/** Returns the code of the `ChoragusError` that a function throws; any other error is a fault, and is thrown on. */
export function codeOf(run: () => void): string | undefined {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ChoragusError)) throw error;
    return error.code;
  }
  return undefined;
}

/** Cuts bytes into pieces of these sizes, in turn. */
export function* cut(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  let start = 0;
  for (let i = 0; start < bytes.length; i += 1) {
    const end = start + (sizes[i % sizes.length] as number);
    yield bytes.subarray(start, end);
    start = end;
  }
}

/**
 * Returns what a simple reader makes of the bytes: lines up to the first that is too long, without blank ones and a leading byte order
 * mark.
 */
export function oracle(
  bytes: Buffer,
  maxLineBytes: number,
): { readonly lines: string[]; readonly code: string | undefined } {
  const lines: string[] = [];
  let start = 0;
  for (;;) {
    const end = bytes.indexOf(10, start);
    if ((end === -1 ? bytes.length : end) - start > maxLineBytes) return { lines, code: 'reply_too_large' };
    if (end === -1) return { lines, code: undefined };
    const whole = bytes.toString('utf8', start, end);
    const line = start === 0 && whole.startsWith('\ufeff') ? whole.slice(1) : whole;
    if (/[^\t\r ]/.test(line)) lines.push(line);
    start = end + 1;
  }
}

/** Texts that often break readers. */
export const awkward = [
  '\n',
  '\r\n',
  '\0',
  '\u2028',
  '\u2029',
  '\ufeff',
  '{}',
  '[]',
  '"',
  '\\',
  '{"type":',
  '"pong"}',
  '1e999',
  '-0',
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  '{"a":1,"a":2}',
  '😀',
  '\ud83d',
];
/** Bytes that are not UTF-8. */
const broken = [[0xff], [0xc0, 0x80], [0xe2, 0x82], [0xf0, 0x9f, 0x98], [0xed, 0xa0, 0x80], [0x80], [0xf8, 0x88]];
const piece = fc.oneof(
  fc.uint8Array({ maxLength: 24 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(...awkward).map((text) => Buffer.from(text)),
  fc.constantFrom(...broken).map((bytes) => Buffer.from(bytes)),
  fc.json({ maxDepth: 2 }).map((json) => Buffer.from(`${json}\n`)),
);
/** Bytes that a hostile peer may send. */
export const stream = fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces));
/** Sizes of the pieces. */
export const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

/** Whether JSON.parse reads it as an object. */
export function isJsonObject(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
