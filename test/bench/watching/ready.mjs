/**
 * A quiet service: `node ready.mjs PORT CIS`. Its CIs are connected, and nobody asks them anything. Prints one line of JSON: the time from
 * the connection of a watcher to the end of the first state.
 */
import { createPool } from '../../../dist/src/index.js';
import { startInspector } from '../../../dist/src/inspector/index.js';
import { exitWithParent } from '../exit-with-parent.mjs';
import { firstLine } from '../first-line.mjs';
import { canPin, spawnNode } from '../spawn-node.mjs';
import { stopChild } from '../stop-child.mjs';

const [port, cis] = process.argv.slice(2);

exitWithParent();
const names = Array.from({ length: Number(cis) }, (_, index) => `ci-${index}`);
const pool = createPool({
  cis: Object.fromEntries(names.map((name) => [name, `tcp://127.0.0.1:${port}`])),
  logger: false,
});
const { down } = await pool.warm();
if (down.length > 0) throw new Error(`${down.length} CIs are down`);
const inspector = await startInspector(pool);
const watcher = spawnNode('watching/watcher.mjs', { core: canPin(1) ? 1 : undefined, args: [inspector.url, 'reads'] });
const { readyMs } = await firstLine(watcher, 60_000);
console.log(JSON.stringify({ cis: Number(cis), readyMs }));
await stopChild(watcher);
process.exit(0);
