import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the files to run: the entry of each example that is a Node program, and the machines of all others. */
export function findExamples(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .flatMap((name) => {
      const main = ['main.ts', 'src/index.ts'].map((path) => join(folder, name, path)).find((path) => existsSync(path));
      if (main !== undefined) return [{ name, file: main }];
      return readdirSync(join(folder, name), { recursive: true })
        .filter((path) => /machine\.ts$/i.test(path))
        .sort()
        .map((path) => ({ name: `${name}, ${path.replace(/^.*\//, '')}`, file: join(folder, name, path) }));
    });
}
