import { setTimeout as sleep } from 'node:timers/promises';
import { actOf } from './act-of.mjs';
import { closedLoop } from './closed-loop.mjs';

/**
 * Measures the resident memory of this process for each idle connection. Each has answered once, so objects made at the first
 * request are included. Sockets also take kernel memory, which is not in this figure, and is the same for all.
 */
export async function measureIdle(workload, contender, target) {
  // Leaves out the code and other costs of the first connection.
  const few = await speakOnce({ ...workload, cis: 2 }, contender, target);
  await few.close();
  const before = await settledMemory();
  const many = await speakOnce(workload, contender, target);
  const after = await settledMemory();
  await many.close();
  return {
    operations: workload.cis,
    bytes: (after.rss - before.rss) / workload.cis,
    heapBytes: (after.heapUsed - before.heapUsed) / workload.cis,
  };
}

async function speakOnce(workload, contender, target) {
  const client = await actOf(workload, contender, { ...target, cis: workload.cis });
  await closedLoop({ act: client.act, concurrency: 1, count: 1 });
  return client;
}

/** V8 uses this time to decide whether a process is busy. */
const BUSY_WINDOW_MS = 5_000;

/**
 * Collects twice in an idle process: the second collection gives back the young generation that grew with the connections,
 * up to 24 MiB for any number of them, and frees objects that the first one finalised.
 */
async function settledMemory() {
  globalThis.gc();
  await sleep(BUSY_WINDOW_MS + 500);
  globalThis.gc();
  await sleep(100);
  return process.memoryUsage();
}
