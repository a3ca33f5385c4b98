/**
 * `npm run real:xstate`: the examples of xstate's own repository report to the inspector with `@statelyai/inspect`, and
 * its page shows each in Chromium.
 *
 *   XSTATE_REPO=/path/to/clone node test/proof/real/xstate/run.mjs   # about 2 min; needs a build, Chromium and the packages of test/proof/real
 *   … --only=toggle                                                  # those whose name contains it
 *   … --write                                                        # writes the figures into docs/real-peers.md
 *
 * An example without an actor of xstate is named and left out, with the reason. Exits with 1 if any other is not shown.
 * Each opening of the page is measured beside that of a page without a program: on a busy machine, both are slow.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { chromiumPath } from '../../../support/chromium.mjs';
import { CheckList } from '../check-list.mjs';
import { writeFigures } from '../write-figures.mjs';
import { bundleExample } from './bundle-example.mjs';
import { COMMIT, checkOut } from './checkout.mjs';
import { findExamples } from './find-examples.mjs';
import { showExample } from './show-example.mjs';

/** Longest time for one example, on a busy machine. */
const LIMIT_MS = 150_000;

const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length) ?? '';
const folder = mkdtempSync(join(tmpdir(), 'choragus-xstate-'));
const { path, missing } = checkOut(folder);
if (missing !== undefined) {
  console.log(`real:xstate needs a clone of xstate: ${missing}`);
  rmSync(folder, { recursive: true });
  process.exit(1);
}

const generated = fileURLToPath(new URL('./generated/', import.meta.url));
const all = [
  ...findExamples(path),
  { name: 'generated, 510 states in regions', file: join(generated, 'large.mjs') },
  { name: 'generated, 500 states side by side', file: join(generated, 'flat.mjs') },
].filter(({ name }) => name.includes(only));

const list = new CheckList();
const browser = await chromium.launch({
  executablePath: chromiumPath,
  args: ['--no-sandbox', '--disable-gpu'],
});
// The first page of a browser starts processes that the others find running.
await (await browser.newPage()).close();

list.section('The examples of xstate');
const leftOut = {};
const shown = [];
const empty = [];
for (const [index, { name, file, reason }] of all.entries()) {
  if (file === undefined) {
    leftOut[name] = { reason };
    console.log(`left out ${name}: ${reason}`);
    continue;
  }
  const program = join(folder, `example-${index}.mjs`);
  await list.check(
    name,
    async () => {
      await bundleExample(file, program);
      const { states, status, context, payload, emptyMs, shownMs } = await showExample(browser, program);
      shown.push(shownMs);
      empty.push(emptyMs);
      list.note(name, {
        states,
        status,
        contextFields: context.length,
        eventFields: payload.length,
        emptyMs,
        shownMs,
      });
      return `${states} states, ${context.length} context fields, ${payload.length} event fields, shown after ${shownMs} ms; a page without a program after ${emptyMs} ms`;
    },
    LIMIT_MS,
  );
}
await browser.close();
rmSync(folder, { recursive: true });

const median = (times) => [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
list.note('shownMedianMs', median(shown));
list.note('shownWorstMs', Math.max(0, ...shown));
list.note('emptyMedianMs', median(empty));
list.note('emptyWorstMs', Math.max(0, ...empty));
list.note('withinSecond', `${shown.filter((ms) => ms < 1_000).length} of ${shown.length}`);
if (Object.keys(leftOut).length > 0) list.note('left out', leftOut);
console.log(
  `\nshown after ${median(shown)} ms (median), ${Math.max(0, ...shown)} ms (worst); without a program after ${median(empty)} ms and ${Math.max(0, ...empty)} ms`,
);
if (process.argv.includes('--write'))
  writeFigures('xstate examples', { version: COMMIT.slice(0, 8), checks: list.counts, figures: list.figures });
list.finish();
