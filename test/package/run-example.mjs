/**
 * Runs a compiled program of the docs: it prints what its page says, and ends by itself. An address for the reader to fill in is
 * replaced by that of a CI.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { text } from 'node:stream/consumers';
import { serveCi } from 'choragus';

const [, , file] = process.argv;
const name = basename(file, '.js');
const apollo = await serveCi({ id: 'apollo', handler: ({ content }) => `You asked: ${content}` });
writeFileSync(file, readFileSync(file, 'utf8').replaceAll('tcp://localhost:45012', apollo.url));

const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
const [printed, complained, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
assert.deepEqual([code, complained], [0, '']);
for (const expected of JSON.parse(readFileSync(`dist/readme/${name}.prints`, 'utf8'))) {
  assert.ok(printed.includes(expected), `${name} does not print ${JSON.stringify(expected)}: ${printed}`);
}
await apollo.close();
console.log(`${name}: as its page says`);
