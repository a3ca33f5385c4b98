/** The server dies in the middle of an answer, and comes back. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, CI, errorOf } from './choragus-client.mjs';

/**
 * @param server the running server, with `kill`.
 * @param restart starts it again on the same port.
 * @param longQuestion has an answer of at least `killAt` chunks; the server is killed at that chunk.
 * @returns the server running at the end.
 */
export async function checkCrash(list, { pool, server, restart, question, assertReply, longQuestion, killAt }) {
  let current = server;
  await list.check('kill -9 in the middle of a stream', () => killDuringStream(pool, current, longQuestion, killAt));
  await list.check('started again on the same port: the next ask works', async () => {
    current = await restart();
    assertReply(await ask(pool, question));
    return 'no waiting option';
  });
  await list.check('kill -9 between two answers: an ask fails, and was not sent', async () => {
    await current.kill('SIGKILL');
    const { code, delivery, message } = await errorOf(ask(pool, question));
    assert.ok(['unavailable', 'connection_lost'].includes(code), message);
    assert.equal(delivery, 'not_sent');
    return message;
  });
  await list.check('started again after that: an ask works within 15 s', async () => {
    current = await restart();
    const { ms, failed } = await untilAnswered(pool, question, 15_000);
    list.note('recoveryMs', ms);
    return `after ${ms} ms, ${failed} asks failed first`;
  });
  return current;
}

async function killDuringStream(pool, server, longQuestion, killAt) {
  let text = '';
  const error = await new Promise((resolve, reject) => {
    pool.stream(CI, longQuestion).subscribe({
      next: ({ index, content }) => {
        text += content;
        if (index === killAt) server.kill('SIGKILL');
      },
      error: resolve,
      complete: () => reject(new Error('the stream ended as if it were whole')),
    });
  });
  const { code, delivery, partial, message } = error;
  assert.ok(['connection_lost', 'protocol_error'].includes(code), message);
  assert.equal(delivery, 'maybe_sent');
  assert.ok(text.length > 0, 'no chunk came');
  assert.equal(partial, text, '`partial` is not the text of the chunks');
  return `${message}; partial has ${partial.length} characters`;
}

/** Asks every 100 ms until an answer comes. Returns the time that took, and the number of failures. */
async function untilAnswered(pool, question, limitMs) {
  const began = performance.now();
  for (let failed = 0; ; failed += 1) {
    try {
      await ask(pool, question);
      return { ms: Math.round(performance.now() - began), failed };
    } catch (error) {
      if (performance.now() - began > limitMs) throw error;
      await sleep(100);
    }
  }
}
