import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOut } from './checkout.mjs';
import { findPython } from './python.mjs';

/**
 * Checks out Tekton and finds a Python for it. If one is missing, ends the process: with code 0, or with code 1 under `--require`.
 *
 * @returns the options of `World.open`, and Python's version. The scratch folder is removed when the process exits.
 */
export function prepare() {
  const scratch = mkdtempSync(join(tmpdir(), 'choragus-tekton-'));
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));
  const tekton = checkOut(scratch);
  if (tekton.missing) skip(tekton.missing);
  const python = findPython();
  if (python.missing) skip(python.missing);
  return { options: { scratch, tekton: tekton.path, python: python.path }, version: python.version };
}

function skip(reason) {
  const isRequired = process.argv.includes('--require');
  console.log(`real:tekton was ${isRequired ? 'required, but cannot run' : 'skipped'}: ${reason}`);
  process.exit(isRequired ? 1 : 0);
}
