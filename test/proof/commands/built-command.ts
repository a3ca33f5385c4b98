import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

const dist = fileURLToPath(new URL('../../../dist/src/', import.meta.url));

/** The command as installed: JavaScript. */
export interface BuiltCommand {
  /** Returns the path of a compiled file of `src`, for example `cli/choragus.js`. */
  pathOf(file: string): string;
  /** A folder for the tests of a file. */
  readonly folder: string;
}

/** Provides the command built before the tests, and a folder that is removed after the tests of a file. */
export function useBuiltCommand(): BuiltCommand {
  const folder = mkdtempSync(join(tmpdir(), 'choragus-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return { pathOf: (file) => join(dist, file), folder };
}
