#!/usr/bin/env bash
# Compiles every TypeScript block of the README and of the docs against the built package, strictly. Runs those of the README that are
# marked `<!-- run: prints "TEXT" -->`, and looks for the texts in what they print. Runs the services of docs/embedding.md.
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
  for (const [, prints, code] of readFileSync(page, 'utf8').matchAll(/(?:<!-- run: prints (.*) -->\n)?```ts\n([\s\S]*?)```/g)) {
    // A block without imports goes on where the one before it on the page ended.
    if (program === undefined || /^import /m.test(code)) programs.push((program = { page, prints, code: '' }));
    program.code += code;
  }
}
if (!programs.some(({ page, prints }) => page === 'README.md' && prints)) throw new Error('no program of the README is run');
programs.forEach(({ page, prints, code }, index) => {
  const name = `${prints ? 'run' : 'compile'}-${page.replace(/\W+/g, '-')}-${index}`;
  writeFileSync(`dist/readme/${name}.ts`, code);
  if (prints) writeFileSync(`dist/readme/${name}.prints`, JSON.stringify(prints.match(/"[^"]*"/g).map((text) => JSON.parse(text))));
});
console.log(`${programs.length} programs`);
JS
npx tsc --ignoreConfig --strict --target es2022 --lib es2023,esnext.disposable --module nodenext --moduleResolution nodenext \
  --types node --skipLibCheck --rootDir dist/readme --outDir dist/readme/built dist/readme/*.ts
node test/package/services.mjs
for program in dist/readme/built/run-*.js; do node test/package/run-example.mjs "$program"; done
rm -rf dist/readme
