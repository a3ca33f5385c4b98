import { expect } from 'vitest';
import { jsonLines } from '../../../support/command-rig.js';
import type { Ended } from '../command-process.js';

/** Output that no command may ever write: a stack, a warning of Node, a colour in a pipe. */
export function expectClean({ stdout, stderr }: Ended): void {
  expect(stdout + stderr).not.toMatch(/^\s+at .+[:)]\d*|node:internal|\bUnhandled|Warning:/m);
  expect(stdout + stderr).not.toContain('\u001b');
}

/** Reads stdout as lines of JSON: every line must be an object, and the last line must be complete. */
export function readJson({ stdout }: Ended): Record<string, unknown>[] {
  expect(stdout).toMatch(/^$|\n$/);
  const lines = jsonLines(stdout);
  for (const line of lines) expect(line).toBeTypeOf('object');
  expect(lines).toHaveLength(stdout.split('\n').length - 1);
  return lines;
}
