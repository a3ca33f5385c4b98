/**
 * `npm run real:xstate`: the examples of xstate's own repository report to the inspector with `@statelyai/inspect`, and
 * its page shows each in Chromium.
 *
 *   XSTATE_REPO=/path/to/clone node test/proof/real/xstate/run.mjs   # about 2 min; needs a build and Chromium
 *   … --only=toggle                                                  # those whose name contains it
 *   … --write                                                        # writes the figures into docs/real-peers.md
 *
 * An example that needs packages which this repository does not have is named and left out. Exits with 1 if a check failed.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { CheckList } from '../check-list.mjs';
import { writeFigures } from '../write-figures.mjs';
import { bundleExample } from './bundle-example.mjs';
import { COMMIT, checkOut } from './checkout.mjs';
import { findExamples } from './find-examples.mjs';
import { showExample } from './show-example.mjs';

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
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
// The first page of a browser starts processes that the others find running.
await (await browser.newPage()).close();

list.section('The examples of xstate');
const leftOut = [];
const times = [];
for (const [index, { name, file }] of all.entries()) {
  const program = join(folder, `example-${index}.mjs`);
  try {
    await bundleExample(file, program);
  } catch ({ message }) {
    leftOut.push(name);
    console.log(`left out ${name}: ${message}`);
    continue;
  }
  await list.check(name, async () => {
    const { states, status, context, payload, shownMs } = await showExample(browser, program);
    times.push(shownMs);
    list.note(name, {
      states,
      status,
      contextFields: context.length,
      eventFields: payload.length,
      shownMs,
    });
    return `${states} states, ${context.length} context fields, ${payload.length} event fields, shown after ${shownMs} ms`;
  });
}
await browser.close();
rmSync(folder, { recursive: true });

console.log(`\nshown after ${Math.max(...times)} ms at most; left out: ${leftOut.length} of ${all.length}`);
list.note('shownWorstMs', Math.max(...times));
list.note('leftOut', leftOut.join('; '));
if (process.argv.includes('--write'))
  writeFigures('xstate examples', { version: COMMIT.slice(0, 8), checks: list.counts, figures: list.figures });
list.finish();
