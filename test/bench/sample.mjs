/**
 * One sample, in a separate process: opens a contender's client, warms it up, measures one window, and prints one
 * line of JSON. `run.mjs` starts it; by hand it takes a server's ready line:
 *
 *   node test/bench/servers/ndjson.mjs
 *   node test/bench/sample.mjs --contender choragus --row 'ask c64' --server '{"port":40123}' --seconds 2
 */
import { parseArgs } from 'node:util';
import { exitWithParent } from './exit-with-parent.mjs';
import { loadContender } from './load-contender.mjs';
import { measureAllocation } from './measure-allocation.mjs';
import { measureIdle } from './measure-idle.mjs';
import { measureRate } from './measure-rate.mjs';
import { workloads } from './workloads.mjs';

const measures = { idle: measureIdle, allocation: measureAllocation };

const { values } = parseArgs({
  options: {
    contender: { type: 'string' },
    row: { type: 'string' },
    server: { type: 'string' },
    seconds: { type: 'string', default: '2' },
    'warmup-ms': { type: 'string', default: '300' },
  },
});

async function takeSample() {
  const workload = workloads[values.row];
  const contender = await loadContender(values.contender);
  if (contender.absent !== undefined) throw new Error(`absent: ${contender.absent}`);
  const measure = measures[workload.kind] ?? measureRate;
  const target = { ...workload, ...JSON.parse(values.server), host: '127.0.0.1' };
  const window = { seconds: Number(values.seconds), warmupMs: Number(values['warmup-ms']) };
  const measured = await measure(workload, contender, target, window);
  return { contender: contender.name, row: values.row, ...measured, version: contender.version };
}

exitWithParent();
try {
  console.log(JSON.stringify(await takeSample()));
  process.exit(0);
} catch (error) {
  console.error(error);
  console.log(JSON.stringify({ error: String(error?.message ?? error) }));
  process.exit(1);
}
