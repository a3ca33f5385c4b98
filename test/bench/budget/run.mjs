/** Where the time of a request goes: `node test/bench/budget/run.mjs [--seconds S] [--json FILE]`. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { firstLine } from '../first-line.mjs';
import { canPin, spawnNode } from '../spawn-node.mjs';
import { stopChild } from '../stop-child.mjs';
import { parts } from './parts.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '5' }, json: { type: 'string' } } });
const cores = canPin(1) ? { pool: 0, server: 1 } : {};

async function profile(row) {
  const server = spawnNode('servers/ndjson.mjs', { core: cores.server });
  const { port } = await firstLine(server, 10_000);
  const child = spawnNode('budget/sample.mjs', { core: cores.pool, args: [row, String(port), values.seconds] });
  try {
    return await firstLine(child, 60_000);
  } finally {
    await stopChild(child);
    await stopChild(server);
  }
}

const rows = [];
for (const row of ['ask c64', 'ask c256']) rows.push(await profile(row));
console.table(
  parts.map(({ name }) => ({
    part: name,
    ...Object.fromEntries(rows.map((one) => [`${one.row}, µs`, Number((one.parts[name] ?? 0).toFixed(3))])),
  })),
);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ rows }, null, 2)}\n`);
