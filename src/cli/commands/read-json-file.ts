import { readFileSync } from 'node:fs';
import { UsageError } from '../../terminal/command-line.js';

/** Reads a file that holds a JSON object, with or without a byte order mark. @throws UsageError */
export function readJsonFile(path: string): Readonly<Record<string, unknown>> {
  const value = parse(path, decode(path, read(path)));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new UsageError(`${path} does not contain a JSON object`);
}

function read(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

function decode(path: string, bytes: Buffer): string {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe' || mark === 'feff') throw new UsageError(`${path} is UTF-16: save it as UTF-8`);
  try {
    // Skips the byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new UsageError(`${path} is not UTF-8: save it as UTF-8`);
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${(error as Error).message}`);
  }
}
