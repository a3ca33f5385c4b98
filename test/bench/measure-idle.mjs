import { setTimeout as sleep } from 'node:timers/promises';
import { actOf } from './act-of.mjs';
import { closedLoop } from './closed-loop.mjs';

/**
 * Resident memory of this process for each idle connection. Each has answered once, so that what is made at the first
 * request is there. Sockets also take memory of the kernel, which is not in this figure, and is the same for all.
 */
export async function measureIdle(workload, contender, target) {
  // The code and what a first connection brings with it are not the connection's.
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

/** V8 judges by so long a time whether a process is busy. */
const BUSY_WINDOW_MS = 5_000;

/**
 * What is left once the process has been idle: the second collection gives back the young generation that opening the connections
 * grew, up to 24 MiB however many they are. And what a first collection finalises is freed by a second.
 */
async function settledMemory() {
  globalThis.gc();
  await sleep(BUSY_WINDOW_MS + 500);
  globalThis.gc();
  await sleep(100);
  return process.memoryUsage();
}
