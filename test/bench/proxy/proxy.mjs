/** A proxy in front of one CI: `node proxy.mjs PORT`. Prints its port. */
import { createPool, serveProxy } from '../../../dist/src/index.js';
import { exitWithParent } from '../exit-with-parent.mjs';

exitWithParent();
const pool = createPool({ cis: { apollo: `tcp://127.0.0.1:${process.argv[2]}` }, logger: false });
await pool.warm();
const { urls } = await serveProxy(pool, { listen: { apollo: 0 } });
console.log(JSON.stringify({ port: Number(new URL(urls.apollo).port) }));
