/** Cancelling a request: the server must stop working on it. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CI } from '../choragus-client.mjs';

/** An answer that takes some seconds: the server must continue past the end of the text. */
export const longQuestion = { content: 'hi', maxTokens: 4_000, ignore_eos: true };
const POLL_MS = 5;
const BOUND_MS = 200;

export async function checkStop(list, { pool, server }) {
  await list.check(`10 streams given up: the slot is free within ${BOUND_MS} ms`, async () =>
    shown(list, 'stopStreamWorstMs', await worstOf(10, server, () => startStream(pool))),
  );
  await list.check(`5 asks given up: the slot is free within ${BOUND_MS} ms`, async () =>
    shown(list, 'stopAskWorstMs', await worstOf(5, server, () => startAsk(pool))),
  );
}

function shown(list, name, worstMs) {
  list.note(name, Math.round(worstMs));
  assert.ok(worstMs <= BOUND_MS, `the slot was busy for ${Math.round(worstMs)} ms`);
  return `${Math.round(worstMs)} ms at worst`;
}

async function worstOf(times, server, start) {
  let worst = 0;
  for (let time = 0; time < times; time += 1) {
    const subscription = await start();
    assert.equal(await untilBusy(server), 1, 'the answer does not run');
    const began = performance.now();
    subscription.unsubscribe();
    while ((await server.busySlots()) > 0) {
      assert.ok(performance.now() - began < 5_000, 'the slot is still busy after 5 s');
      await sleep(POLL_MS);
    }
    worst = Math.max(worst, performance.now() - began);
  }
  return worst;
}

/** Waits until a slot works, for at most 1 s. */
async function untilBusy(server) {
  const endMs = performance.now() + 1_000;
  while (performance.now() < endMs) {
    const busy = await server.busySlots();
    if (busy > 0) return busy;
    await sleep(POLL_MS);
  }
  return 0;
}

/** Subscribes to a long stream and waits for its twentieth chunk. */
function startStream(pool) {
  return new Promise((resolve, reject) => {
    const subscription = pool.stream(CI, longQuestion).subscribe({
      next: ({ index }) => {
        if (index === 20) resolve(subscription);
      },
      error: reject,
      complete: () => reject(new Error('the stream ended before it could be given up')),
    });
  });
}

async function startAsk(pool) {
  return pool.ask(CI, longQuestion).subscribe({ error: () => {} });
}
