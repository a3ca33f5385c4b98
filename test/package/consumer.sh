#!/usr/bin/env bash
# Installs the packed tarball into a project elsewhere and uses every entry point, from plain JavaScript and from strict
# TypeScript.   consumer.sh TARBALL FOLDER
set -eu
tarball=$1
folder=$2
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$folder"
cd "$folder"
cat >package.json <<'JSON'
{ "name": "consumer", "private": true, "type": "module" }
JSON
npm install --silent --no-audit --no-fund "$tarball" rxjs@7 @opentelemetry/api@1 typescript@5 @types/node@20
[ "$(find node_modules -path '*/rxjs/package.json' | wc -l)" -eq 1 ] || { echo 'more than one copy of rxjs'; exit 1; }
cp "$here/consumer.js" "$here/consumer-strict.ts" .
node consumer.js
npx choragus machines --machine pool | grep -q 'stateDiagram-v2'
npx tsc --strict --exactOptionalPropertyTypes --noUncheckedIndexedAccess --target es2022 --lib es2023,esnext.disposable \
  --module nodenext --moduleResolution nodenext --types node --outDir built consumer-strict.ts
node built/consumer-strict.js
