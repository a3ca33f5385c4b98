import { firstLine } from './first-line.mjs';
import { spawnNode } from './spawn-node.mjs';
import { stopChild } from './stop-child.mjs';
import { workloads } from './workloads.mjs';

/** How long a sample may take beyond its windows: to start, to connect, to wait for the last answer, and to close. */
const OVERHEAD_MS = 25_000;

/** Takes one sample in a fresh process. Returns its figures, or `{ error }`. */
export async function takeSample(contender, row, ready, { seconds, warmupMs, core }) {
  // All ports, without the other fields of the server's ready line.
  const { version: _, ...ports } = ready;
  const { flags, warmTimes = 1 } = workloads[row];
  const child = spawnNode('sample.mjs', {
    core,
    flags,
    args: [
      ...['--contender', contender.name, '--row', row, '--server', JSON.stringify(ports)],
      ...['--seconds', String(seconds), '--warmup-ms', String(warmupMs)],
    ],
  });
  try {
    return await firstLine(child, seconds * 1_000 + warmupMs * warmTimes + OVERHEAD_MS);
  } catch (error) {
    return { error: error.message };
  } finally {
    await stopChild(child);
  }
}
