/** Bundles one example: strips its types, and changes nothing else but the import of `xstate`. Arguments: file, outfile. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const [file, outfile] = process.argv.slice(2);

const example = {
  name: 'example',
  setup: (builder) => {
    builder.onResolve({ filter: /^#example$/ }, () => ({ path: file }));
    builder.onResolve({ filter: /^xstate$/ }, ({ importer }) =>
      importer.endsWith('reporting-xstate.mjs') ? undefined : { path: here('reporting-xstate.mjs') },
    );
  },
};

async function bundle() {
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
      nodePaths: [join(here('../../../..'), 'node_modules'), join(here('..'), 'node_modules')],
      plugins: [example],
    });
    return {};
  } catch ({ errors = [], message }) {
    const missing = errors.flatMap(({ text }) => /Could not resolve "([^"]+)"/.exec(text)?.[1] ?? []);
    return { error: missing.length > 0 ? `needs ${[...new Set(missing)].join(', ')}` : message };
  }
}

process.send(await bundle(), () => process.disconnect());
