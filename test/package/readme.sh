#!/usr/bin/env bash
# Compiles every TypeScript block of the README and of the docs against the built package, strictly, and runs those of the
# README that are marked `<!-- run -->`, and its service.
set -eu
rm -rf dist/readme
mkdir -p dist/readme
node - <<'JS'
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
// The reports in docs/api are generated from the types, and no programs.
const isPage = (name) => name.endsWith('.md') && !name.startsWith('api/');
const pages = ['README.md', ...readdirSync('docs', { recursive: true }).filter(isPage).map((name) => `docs/${name}`)];
const programs = [];
for (const page of pages) {
  let program;
  for (const [, mark, code] of readFileSync(page, 'utf8').matchAll(/(<!-- run -->\n)?```ts\n([\s\S]*?)```/g)) {
    // A block without imports goes on where the one before it on the page ended.
    if (program === undefined || /^import /m.test(code)) programs.push((program = { page, mark, code: '' }));
    program.code += code;
  }
}
if (programs.length === 0) throw new Error('no program in README and docs');
programs.forEach(({ page, mark, code }, index) => {
  writeFileSync(`dist/readme/${mark ? 'run' : 'compile'}-${page.replace(/\W+/g, '-')}-${index}.ts`, code);
});
console.log(`${programs.length} programs`);
JS
npx tsc --ignoreConfig --strict --target es2022 --lib es2023,esnext.disposable --module nodenext --moduleResolution nodenext \
  --types node --skipLibCheck --rootDir dist/readme --outDir dist/readme/built dist/readme/*.ts
node test/package/readme-service.mjs
for program in dist/readme/built/run-*.js; do timeout 60 node "$program"; done
rm -rf dist/readme
