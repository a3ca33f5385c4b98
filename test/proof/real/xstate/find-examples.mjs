import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the files to run: the `main.ts` of each example that is a Node program, and the machines of all others. */
export function findExamples(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .flatMap((name) => {
      const main = join(folder, name, 'main.ts');
      if (existsSync(main)) return [{ name, file: main }];
      return readdirSync(join(folder, name), { recursive: true })
        .filter((path) => /machine\.ts$/i.test(path))
        .sort()
        .map((path) => ({ name: `${name}, ${path.replace(/^.*\//, '')}`, file: join(folder, name, path) }));
    });
}
