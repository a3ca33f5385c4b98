// Checks the public API of the built package: each entry's signatures against its report in docs/api, and that every public
// name has a docstring. With --write it renews the reports and writes the reference, as a website, to dist/api.
import { entries, root } from './entries.mjs';
import { readReference, undocumented } from './reference.mjs';
import { reportChanged } from './report.mjs';

const write = process.argv.includes('--write');

const changed = entries.filter((entry) => reportChanged(entry, write)).map(({ name }) => `docs/api/${name}.api.md`);
for (const report of changed) {
  if (write) console.log(`renewed ${report}`);
  else
    console.error(`${report} differs from the code: if the change is intended, run \`npm run docs:api\` and commit it`);
}

const { app, project } = await readReference();
const missing = undocumented(project);
for (const name of missing) console.error(`${name} has no docstring`);
if (write) await app.generateDocs(project, `${root}dist/api`);

console.log(`${entries.length} entries, ${changed.length} changed, ${missing.length} names without a docstring`);
if (missing.length > 0 || (changed.length > 0 && !write)) process.exitCode = 1;
