import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./bundle-program.mjs', import.meta.url));

/**
 * Bundles an example with the program that runs it, in a process of its own: the service of esbuild ended during a run of
 * all examples.
 *
 * @throws Error that names the packages of the example which are not installed.
 */
export async function bundleExample(file, outfile) {
  const child = fork(PROGRAM, [file, outfile]);
  let result = { error: 'the process of esbuild ended without a result' };
  child.once('message', (message) => {
    result = message;
  });
  await once(child, 'exit');
  if (result.error !== undefined) throw new Error(result.error);
}
