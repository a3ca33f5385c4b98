/** Bundles the inspector's page into `dist/`: `node src/inspector/page/build.mjs`. Prints its size, and fails if it is too large. */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const MOST_GZIPPED_BYTES = 150 * 1_024;
const here = fileURLToPath(new URL('.', import.meta.url));
const out = fileURLToPath(new URL('../../../dist/src/inspector/page/', import.meta.url));

mkdirSync(out, { recursive: true });
await build({
  entryPoints: { page: `${here}main.tsx`, 'layout-worker': `${here}chart/layout-worker.ts` },
  outdir: out,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  legalComments: 'none',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
});
copyFileSync(`${here}index.html`, `${out}index.html`);

const sizes = ['index.html', 'page.js', 'layout-worker.js', 'page.css'].map((name) => {
  const bytes = readFileSync(out + name);
  return { name, bytes: bytes.length, gzipped: gzipSync(bytes).length };
});
const gzipped = sizes.reduce((sum, one) => sum + one.gzipped, 0);
console.log(`${sizes.map((one) => `${one.name} ${one.bytes} (${one.gzipped} gzipped)`).join(', ')}; ${gzipped} in all`);
if (gzipped > MOST_GZIPPED_BYTES)
  throw new Error(`the page has ${gzipped} bytes gzipped: keep it below ${MOST_GZIPPED_BYTES}`);
