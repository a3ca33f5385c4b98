import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The command as it is installed: JavaScript. */
export interface BuiltCommand {
  /** The path of a compiled file of `src`, such as `demo/start.js`. */
  pathOf(file: string): string;
  /** A folder that is thrown away with the build. */
  readonly folder: string;
}

/** Builds the sources into a folder of its own, for the tests of a file. */
export function useBuiltCommand(): BuiltCommand {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'choragus-'));
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await copyFile(join(root, 'package.json'), join(folder, 'package.json'));
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const options = ['-p', join(root, 'tsconfig.build.json'), '--outDir', folder];
    // Its exit code says whether the types are right, which is not for these tests to say.
    await new Promise<void>((resolve) => {
      const file = join(folder, '.tsbuildinfo');
      execFile(process.execPath, [tsc, ...options, '--tsBuildInfoFile', file], () => resolve());
    });
  }, 120_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  return {
    pathOf: (file) => join(folder, 'src', file),
    get folder() {
      return folder;
    },
  };
}
