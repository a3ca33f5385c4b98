import { existsSync, readFileSync } from 'node:fs';

/** Returns the lines that a process has appended to its ledger so far, over all of its lives. */
export function readLedger(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8').split('\n').filter(Boolean);
}
