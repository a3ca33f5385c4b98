import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const root = here('../../../../');

/**
 * Bundles an example with the program that runs it. Strips its types; changes nothing else but the import of `xstate`.
 *
 * @throws Error that names the packages of the example which are not installed.
 */
export async function bundleExample(file, outfile) {
  try {
    await build({
      entryPoints: [here('drive-example.mjs')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'silent',
      // Packages in CommonJS call it.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      loader: { '.css': 'empty', '.svg': 'empty' },
      nodePaths: [join(root, 'node_modules')],
      plugins: [{ name: 'example', setup: (builder) => resolve(builder, file) }],
    });
  } catch ({ errors = [], message }) {
    const missing = errors.flatMap(({ text }) => /Could not resolve "([^"]+)"/.exec(text)?.[1] ?? []);
    throw new Error(missing.length > 0 ? `needs ${[...new Set(missing)].join(', ')}` : message);
  }
}

function resolve(builder, file) {
  builder.onResolve({ filter: /^#example$/ }, () => ({ path: file }));
  builder.onResolve({ filter: /^xstate$/ }, ({ importer }) =>
    importer.endsWith('reporting-xstate.mjs') ? undefined : { path: here('reporting-xstate.mjs') },
  );
}
