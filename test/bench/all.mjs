/**
 * `npm run bench`: all benchmarks, about an hour on a machine that does nothing else, and writes their figures to
 * `docs/performance.md`, `.svg` and `.json`, and to `docs/inspector.md`. `npm run bench -- rates scale` runs some of them, and keeps the other figures;
 * `npm run bench -- page` runs none, and shows the figures in `coverage/bench`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inspectorPage, performancePage } from './page.mjs';
import { ratioPlot } from './ratio-plot.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = `${root}coverage/bench`;
const docs = `${root}docs/performance`;
const programs = {
  rates: ['test/bench/run.mjs'],
  ordering: ['test/bench/ordering/run.mjs'],
  scale: ['test/bench/scale/run.mjs'],
  trouble: ['test/bench/trouble/run.mjs'],
  budget: ['test/bench/budget/run.mjs'],
  watching: ['test/bench/watching/run.mjs'],
  monitoring: ['test/bench/monitoring/run.mjs'],
  proxy: ['test/bench/proxy/run.mjs'],
};

const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(programs);
mkdirSync(out, { recursive: true });
const json = `${docs}.json`;
const figures = existsSync(json) ? JSON.parse(readFileSync(json, 'utf8')) : {};
for (const name of chosen.filter((one) => one in programs)) {
  const args = [...programs[name], '--json', `${out}/${name}.json`];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  // The page reports a contender that failed in some round; the others keep their figures.
  if (status !== 0 && name !== 'rates') throw new Error(`${name} failed`);
}
for (const name of Object.keys(programs)) {
  const file = `${out}/${name}.json`;
  if (existsSync(file)) figures[name] = JSON.parse(readFileSync(file, 'utf8'));
}
writeFileSync(json, `${JSON.stringify(figures, null, 1)}\n`);
if (figures.rates !== undefined) writeFileSync(`${docs}.svg`, ratioPlot(figures.rates));
writeFileSync(`${docs}.md`, performancePage(readFileSync(`${docs}.md`, 'utf8'), figures));
const inspector = `${root}docs/inspector.md`;
writeFileSync(inspector, inspectorPage(readFileSync(inspector, 'utf8'), figures));
