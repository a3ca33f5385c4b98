/**
 * `npm run reliability`: runs the proofs at full length and writes their figures to `docs/reliability.md`. Takes
 * about an hour; `npm run reliability -- soak kill` runs some of them, and keeps the other figures of the last run;
 * `npm run reliability -- page` runs none.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { figuresTable } from './figures-table.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const FIGURES = `${root}coverage/figures`;
const PAGE = `${root}docs/reliability.md`;

const proofs = {
  proof: 'npm run proof',
  model: 'npx vitest run test/proof/model',
  faults: 'npx vitest run test/proof/faults',
  kill: 'KILL_SECONDS=60 npx vitest run test/proof/kill',
  storms: 'npx vitest run test/proof/storms',
  soak: 'npm run soak',
  mutation: 'npm run mutation',
};

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(proofs);
for (const name of chosen.filter((one) => one !== 'page')) {
  const env = { ...process.env, FIGURES };
  const { status } = spawnSync('sh', ['-c', proofs[name] ?? 'false'], { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) throw new Error(`${name} failed: no figure was written`);
}

const files = readdirSync(FIGURES).filter((file) => file.endsWith('.json'));
const figures = Object.fromEntries(
  files.map((file) => [file.slice(0, -'.json'.length), JSON.parse(readFileSync(`${FIGURES}/${file}`, 'utf8'))]),
);
const page = readFileSync(PAGE, 'utf8');
const block = /(<!-- figures -->\n)[\s\S]*(<!-- \/figures -->)/;
if (!block.test(page)) throw new Error('docs/reliability.md has no place for the figures');
writeFileSync(
  PAGE,
  page.replace(block, (_, begin, end) => `${begin}${figuresTable(figures)}${end}`),
);
