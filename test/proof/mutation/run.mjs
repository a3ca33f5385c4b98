/**
 * Mutation testing: `npm run mutation`, about half an hour on two cores; `npm run mutation -- operators` does a part.
 *
 * Changes the code in one small way at a time and runs the tests: a change that no test notices has survived. Of each
 * part at least 85 % must be noticed, and each survivor must be explained in `survivors.mjs`. Exits with 0 or 1.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parts } from './parts.mjs';
import { readReport } from './read-report.mjs';
import { reasonFor } from './survivors.mjs';

const LEAST_PERCENT = 85;
const root = fileURLToPath(new URL('../../..', import.meta.url));
const stryker = fileURLToPath(new URL('node_modules/@stryker-mutator/core/bin/stryker.js', import.meta.url));
const out = `${root}coverage/mutation`;

function settingsOf(part) {
  return {
    testRunner: 'vitest',
    vitest: { configFile: 'test/proof/mutation/vitest.config.mjs', related: false },
    plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner'))],
    mutate: parts[part].mutate,
    ignorePatterns: ['dist', 'coverage', 'test/bench'],
    coverageAnalysis: 'perTest',
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: `${out}/${part}.json` },
    tempDirName: `${out}/sandbox`,
    // Stryker would rewrite the tsconfig with an API that TypeScript 7 does not have; it needs no rewriting here.
    tsconfigFile: 'none',
    // On top of the time of the tests and of Stryker's own start: enough, since these tests wait for nothing.
    timeoutMS: 1_000,
    concurrency: 2,
    allowEmpty: false,
  };
}

function mutate(part) {
  const file = `${out}/${part}.config.json`;
  writeFileSync(file, JSON.stringify(settingsOf(part)));
  const env = { ...process.env, MUTATED_PART: part };
  const { status } = spawnSync(process.execPath, [stryker, 'run', file], { cwd: root, env, stdio: 'inherit' });
  if (status !== 0) throw new Error(`stryker ended with ${status}`);
  return readReport(`${out}/${part}.json`);
}

mkdirSync(out, { recursive: true });
const chosen = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts);
const figures = {};
let isGood = true;
for (const part of chosen) {
  const { mutants, detected, survivors } = mutate(part);
  const percent = Math.round((1_000 * detected) / mutants) / 10;
  const unexplained = survivors.filter((survivor) => reasonFor(survivor) === undefined);
  console.log(`\n${part}: ${detected} of ${mutants} mutants noticed, ${percent} %; ${survivors.length} survived`);
  for (const { path, line, change } of unexplained) console.log(`  not explained: ${path}:${line}: ${change}`);
  const reasons = {};
  for (const survivor of survivors) {
    const reason = reasonFor(survivor) ?? 'not explained';
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  figures[part] = { mutants, detected, percent, reasons };
  isGood &&= percent >= LEAST_PERCENT && unexplained.length === 0;
}
if (process.env.FIGURES !== undefined) {
  mkdirSync(process.env.FIGURES, { recursive: true });
  const file = `${process.env.FIGURES}/mutation.json`;
  // Parts that did not run keep their figures.
  const former = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  writeFileSync(file, `${JSON.stringify({ ...former, ...figures }, null, 2)}\n`);
}
console.log(
  isGood ? 'mutation: all is well' : 'mutation: too few mutants are noticed, or some survivors are not explained',
);
process.exitCode = isGood ? 0 : 1;
