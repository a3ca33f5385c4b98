import { PerformanceObserver } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { actOf } from './act-of.mjs';
import { closedLoop } from './closed-loop.mjs';

const TRIES = 4;
/** A slow contender makes fewer requests: that is enough for a mean. */
const LONGEST_WINDOW_MS = 3_000;

/**
 * Measures the bytes of heap that one request allocates.
 *
 * Without a collection the heap only grows, so its growth is the allocated memory, to the byte. The process has
 * a young generation that holds the whole window. A window with a collection in spite of that
 * (buffers outside of the heap can cause it) is thrown away, and a shorter one is tried.
 */
export async function measureAllocation(workload, contender, target, { warmupMs }) {
  const { concurrency } = workload;
  const { act, close } = await actOf(workload, contender, target);
  await closedLoop({ act, concurrency, durationMs: warmupMs });
  let count = workload.requests;
  for (let tries = 0; tries < TRIES; tries += 1, count = Math.ceil(count / 4)) {
    const window = await measureWindow({ act, concurrency, count, durationMs: LONGEST_WINDOW_MS });
    if (window.collections > 0) continue;
    await close();
    return { operations: window.operations, bytes: window.bytes / window.operations };
  }
  throw new Error('the heap was collected in each of the windows');
}

async function measureWindow(options) {
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    collections += list.getEntries().length;
  });
  globalThis.gc();
  await sleep(20);
  observer.observe({ entryTypes: ['gc'] });
  const beforeBytes = process.memoryUsage().heapUsed;
  const { operations } = await closedLoop(options);
  const bytes = process.memoryUsage().heapUsed - beforeBytes;
  // Entries are delivered a turn later.
  await sleep(20);
  observer.disconnect();
  return { operations, bytes, collections };
}
