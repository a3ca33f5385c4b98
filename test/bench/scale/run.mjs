/**
 * One pool of 100, 1,000 and 10,000 CIs: `node test/bench/scale/run.mjs [--rounds N] [--json FILE]`. All CIs are one
 * server process on the other core; the memory is the resident memory of the pool's process only.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { firstLine } from '../first-line.mjs';
import { describeMachine } from '../machine.mjs';
import { canPin, spawnNode } from '../spawn-node.mjs';
import { median } from '../spread.mjs';
import { stopChild } from '../stop-child.mjs';

const SIZES = [100, 1_000, 10_000];
const LONGEST_MS = 120_000;
const { values } = parseArgs({ options: { rounds: { type: 'string', default: '3' }, json: { type: 'string' } } });
const cores = canPin(1) ? { pool: 0, server: 1 } : {};

async function sample(size) {
  const server = spawnNode('servers/ndjson.mjs', { core: cores.server });
  try {
    const { port } = await firstLine(server, 10_000);
    const args = [String(size), String(port)];
    const child = spawnNode('scale/sample.mjs', { core: cores.pool, flags: ['--expose-gc'], args });
    try {
      return await firstLine(child, LONGEST_MS);
    } finally {
      await stopChild(child);
    }
  } finally {
    await stopChild(server);
  }
}

const samples = [];
for (let round = 0; round < Number(values.rounds); round += 1) {
  for (const size of round % 2 === 0 ? SIZES : [...SIZES].reverse()) {
    console.error(`round ${round + 1}: ${size} CIs`);
    samples.push(await sample(size));
  }
}
const sizes = SIZES.map((size) => {
  const own = samples.filter((one) => one.size === size);
  const keys = Object.keys(own[0]);
  return Object.fromEntries(keys.map((key) => [key, median(own.map((one) => one[key]))]));
});
const result = { when: new Date().toISOString(), node: process.version, machine: describeMachine(), sizes };
console.table(
  sizes.map((one) =>
    Object.fromEntries(Object.entries(one).map(([key, value]) => [key, Number(value.toPrecision(3))])),
  ),
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`);
