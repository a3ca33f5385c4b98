/**
 * `npm run real:tekton`: the original's own programs (github.com/ckoons/Tekton) ask six CIs, in three worlds: its specialists,
 * its specialists behind Choragus' proxy, and `serveCi` in their place. The programs must report the same in all three.
 * Then a pool asks a specialist 10,000 times: see ordering.mjs.
 *
 *   node test/proof/real/tekton/run.mjs              # about 4 min; needs a build (npm run build), git, python3 with venv and pip
 *   node test/proof/real/tekton/run.mjs --require    # fails if the sources or Python's packages are missing, instead of skipping
 *   node test/proof/real/tekton/run.mjs --control    # the specialists three times: shows that the comparison itself is right
 *   node test/proof/real/tekton/run.mjs --verbose    # prints every pair of different outcomes, not only the first of each cell
 *   node test/proof/real/tekton/run.mjs --write      # writes the figures into docs/real-peers.json and docs/real-peers.md
 *
 * TEKTON_REPO names a clone to use; without it the sources are fetched from GitHub once.
 */
import { withinMs } from '../check-list.mjs';
import { writeFigures } from '../write-figures.mjs';
import { COMMIT } from './checkout.mjs';
import { compareWorlds } from './compare.mjs';
import { compareClient } from './compare-client.mjs';
import { checkOrdering } from './ordering.mjs';
import { prepare } from './prepare.mjs';
import { runWorld } from './run-world.mjs';
import { countText, printDifferences, printTable, verdictOf } from './table.mjs';
import { World } from './world.mjs';

const LIMIT_MS = 240_000;
const has = (flag) => process.argv.includes(flag);
const kinds = has('--control')
  ? { direct: 'direct', again: 'direct', 'a third time': 'direct' }
  : { direct: 'direct', proxy: 'proxy', serveCi: 'serveCi' };

const { options, version: pythonVersion } = prepare();
const began = performance.now();
console.log(`Tekton ${COMMIT.slice(0, 8)}, Python ${pythonVersion}`);
const worlds = await Promise.all(Object.entries(kinds).map(([label, kind]) => World.open(kind, label, options)));
const [base, ...others] = worlds.map((world) => ({ label: world.label, world, cells: {} }));
await withinMs(LIMIT_MS, Promise.all([base, ...others].map(({ world, cells }) => runWorld(world, cells)))).catch(
  cutShort,
);
const cells = compareWorlds(base, others);
const unlike = cells.filter(({ differences, crashes }) => differences.length + crashes.length > 0);
console.log();
printTable(Object.keys(kinds), cells);
printDifferences(base.label, unlike, has('--verbose') ? Number.POSITIVE_INFINITY : 1);
for (const { label, world } of others) console.log(`\n${label}: ${JSON.stringify(world.figures)}`);
const seconds = Math.round((performance.now() - began) / 1_000);
console.log(`\n${cells.length - unlike.length} cells are the same, ${unlike.length} differ (${seconds} s)`);
if (has('--write')) write();
await Promise.all(worlds.map((world) => world.close()));
const unexplained = await compareFunctions();
const { failed } = await checkOrdering({ options, version: pythonVersion });
process.exit(unlike.length + unexplained + failed === 0 ? 0 : 1);

/** Calls the original's functions and those of `choragus/tekton` with the same arguments; returns the number of unexplained cases. */
async function compareFunctions() {
  const rows = await compareClient({ repo: options.tekton, python: options.python });
  const wrong = rows.filter(({ explained, recorded }) => !explained || !recorded);
  for (const { input, differences } of wrong) console.log(`${input}: ${JSON.stringify(differences)}`);
  const same = rows.filter((row) => row.same).length;
  console.log(
    `choragus/tekton: ${rows.length} cases, ${same} the same, ${rows.length - same - wrong.length} differ for a documented reason, ${wrong.length} for none`,
  );
  return wrong.length;
}

/** Compares what was found so far in this case, too. */
function cutShort(error) {
  base.cells['script: the whole'] = [{ ok: false, crashed: error.message }];
}

function write() {
  const rows = cells.map((found) => {
    const counts = Object.entries(found.counts).map(([label, count]) => [label, countText(count)]);
    return [found.cell, { ...Object.fromEntries(counts), compared: verdictOf(found) }];
  });
  const checks = { passed: cells.length - unlike.length, failed: unlike.length };
  const figures = {
    ...others.find(({ label }) => label === 'proxy')?.world.figures,
    'what the programs report': Object.fromEntries(rows),
  };
  writeFigures('Tekton', { version: COMMIT.slice(0, 8), python: pythonVersion, checks, figures });
}
