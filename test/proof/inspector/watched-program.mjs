// A watched service that has nothing to do once its input ends.
import { createPool } from '../../../dist/src/index.js';
import { recordTo, startInspector } from '../../../dist/src/inspector/index.js';

const pool = createPool({ cis: { apollo: 'tcp://127.0.0.1:1' }, logger: false });
const { url } = await startInspector(pool);
recordTo(pool, process.argv[2]);
process.stdout.write(`${url}\n`);
process.stdin.resume();
