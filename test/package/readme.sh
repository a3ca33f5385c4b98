#!/usr/bin/env bash
# Compiles every TypeScript block of the README against the built package, and runs those marked `<!-- run -->`.
#   readme.sh FOLDER
set -eu
folder=$1
mkdir -p "$folder" dist/readme
node - <<'JS'
const { readFileSync, writeFileSync } = require('node:fs');
const readme = readFileSync('README.md', 'utf8');
let count = 0;
for (const [, mark, code] of readme.matchAll(/(<!-- run -->\n)?```ts\n([\s\S]*?)```/g)) {
  count += 1;
  writeFileSync(`dist/readme/${mark ? 'run' : 'compile'}-${count}.ts`, code);
}
if (count === 0) throw new Error('the README has no program');
JS
npx tsc --strict --target es2022 --lib es2023,esnext.disposable --module nodenext --moduleResolution nodenext \
  --types node --skipLibCheck --outDir dist/readme/built dist/readme/*.ts
for program in dist/readme/built/run-*.js; do timeout 60 node "$program"; done
rm -rf dist/readme
