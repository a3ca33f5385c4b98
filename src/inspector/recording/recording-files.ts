import { createWriteStream, lstatSync, renameSync, rmSync, type WriteStream } from 'node:fs';

/**
 * Makes room at a path for a new file: what stands there becomes `path.1`, that one `path.2`, and so on; the oldest beyond `most` files
 * is removed. Moves nothing but files: a folder that somebody has named by mistake stays where it is.
 */
export function makeRoom(path: string, most: number): void {
  if (!isFile(path)) return;
  if (most === 1) return rmSync(path);
  rmSync(`${path}.${most - 1}`, { force: true });
  for (let age = most - 2; age >= 0; age -= 1) {
    const from = age === 0 ? path : `${path}.${age}`;
    if (isFile(from)) renameSync(from, `${path}.${age + 1}`);
  }
}

/** States are nobody's business but the owner's; and what another has put there in the meantime is not written to. */
export function openNew(path: string): WriteStream {
  return createWriteStream(path, { flags: 'wx', mode: 0o600 });
}

/** A link counts as one: it is moved, and not followed. */
function isFile(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && (found.isFile() || found.isSymbolicLink());
}
