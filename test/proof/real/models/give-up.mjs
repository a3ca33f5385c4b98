import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CI } from '../choragus-client.mjs';

const BOUND_MS = 200;

/** These servers do not report whether they still work on a cancelled request. They notice the closed socket. */
export async function checkGiveUp(list, { pool, seen, longQuestion }) {
  await list.check(`a stream given up: its socket is closed within ${BOUND_MS} ms`, async () => {
    const before = seen.closedByClient;
    const subscription = await startStream(pool, longQuestion);
    const began = performance.now();
    subscription.unsubscribe();
    while (seen.closedByClient === before) {
      assert.ok(performance.now() - began < BOUND_MS, 'it is still open');
      await sleep(1);
    }
    return `${(performance.now() - began).toFixed(1)} ms`;
  });
}

/** Waits for the fourth chunk. */
function startStream(pool, question) {
  return new Promise((resolve, reject) => {
    const subscription = pool.stream(CI, question).subscribe({
      next: ({ index }) => {
        if (index === 3) resolve(subscription);
      },
      error: reject,
      complete: () => reject(new Error('the stream ended before it could be given up')),
    });
  });
}
