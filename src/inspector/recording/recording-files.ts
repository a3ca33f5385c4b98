import { createWriteStream, lstatSync, renameSync, rmSync, type WriteStream } from 'node:fs';

/**
 * Frees a path for a new file. Renames the file there to `path.1`, that one to `path.2`, and so on. Keeps `most` files, and removes the
 * oldest. Moves only files: a folder at the path stays.
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

/** Opens a new file that only its owner may read. Fails if the path exists, so that it never writes to a foreign file. */
export function openNew(path: string): WriteStream {
  return createWriteStream(path, { flags: 'wx', mode: 0o600 });
}

/** Returns true for a file or a symbolic link. The link itself is moved. */
function isFile(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found !== undefined && (found.isFile() || found.isSymbolicLink());
}
