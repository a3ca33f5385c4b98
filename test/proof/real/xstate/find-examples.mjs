import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Examples whose program waits for a MongoDB server at its start. Their machines run without one. */
const NEED_SERVER = ['mongodb-credit-check-api', 'mongodb-persisted-state'];

/**
 * Returns the files to run: the entry of each example that is a Node program, and the machines of all others.
 *
 * @returns for each either its `file`, or a `reason` why it cannot run.
 */
export function findExamples(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .flatMap((name) => {
      const program = NEED_SERVER.includes(name) ? undefined : programIn(join(folder, name));
      if (program !== undefined) return [{ name, file: program }];
      const machines = readdirSync(join(folder, name), { recursive: true })
        .filter((path) => /machine\.ts$/i.test(path))
        .sort();
      if (machines.length === 0) return [{ name, reason: reasonFor(join(folder, name)) }];
      return machines.map((path) => ({
        name: `${name}, ${path.replace(/^.*\//, '')}`,
        file: join(folder, name, path),
      }));
    });
}

/** Returns the file that Node runs. An example with a page is a program for a browser. */
function programIn(folder) {
  const found = ['main.ts', 'src/index.ts'].map((path) => join(folder, path)).find((path) => existsSync(path));
  return found !== undefined && !/\bdocument\b/.test(readFileSync(found, 'utf8')) ? found : undefined;
}

function reasonFor(folder) {
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (dependencies.xstate === undefined && dependencies['@xstate/store'] !== undefined)
    return 'it has no actors: it uses @xstate/store alone';
  throw new Error(`${folder} has neither a program for Node nor a file with a machine`);
}
