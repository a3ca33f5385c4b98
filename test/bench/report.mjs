/**
 * Prints a result's tables, and draws its picture:
 *
 *   node test/bench/report.mjs bench.json > tables.md
 *   node test/bench/report.mjs bench.json --svg docs/benchmark.svg
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { markdownTables } from './markdown-tables.mjs';
import { ratioPlot } from './ratio-plot.mjs';

export { markdownTables, ratioPlot };

function report() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { svg: { type: 'string' } } });
  const result = JSON.parse(readFileSync(positionals[0], 'utf8'));
  if (values.svg === undefined) console.log(markdownTables(result));
  else writeFileSync(values.svg, ratioPlot(result));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) report();
