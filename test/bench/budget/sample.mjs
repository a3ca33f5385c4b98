/**
 * Where the time of a request goes, by V8's CPU profiler: the benchmark's `ask` at a concurrency, for some seconds. Prints
 * one line of JSON: microseconds of CPU a request, by part.
 */
import { Session } from 'node:inspector/promises';
import { actOf } from '../act-of.mjs';
import { closedLoop } from '../closed-loop.mjs';
import { contender } from '../contenders/choragus.mjs';
import { exitWithParent } from '../exit-with-parent.mjs';
import { workloads } from '../workloads.mjs';
import { partOf } from './parts.mjs';

const SAMPLE_US = 100;
const [row, port, seconds] = process.argv.slice(2);

exitWithParent();
const { concurrency, ...workload } = workloads[row];
const target = { ...workload, host: '127.0.0.1', port: Number(port) };
const { act, close } = await actOf(workloads[row], contender, target);
await closedLoop({ act, concurrency, durationMs: 1_500 });
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
await session.post('Profiler.start');
const { operations } = await closedLoop({ act, concurrency, durationMs: Number(seconds) * 1_000 });
const { profile } = await session.post('Profiler.stop');
await close();

const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
const parts = {};
for (const [index, id] of profile.samples.entries()) {
  const part = partOf(nodes.get(id).callFrame);
  parts[part] = (parts[part] ?? 0) + profile.timeDeltas[index] / operations;
}
console.log(JSON.stringify({ row, operations, parts }));
process.exit(0);
