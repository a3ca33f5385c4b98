/** Many requests that must all succeed: in a row, at once, streamed, with pauses. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, readStream, textOf } from './choragus-client.mjs';

const PAUSE_MS = 6_000;

/**
 * @param question the message of each request.
 * @param assertReply throws if a reply lacks something.
 * @param paused how many requests have a pause after every tenth.
 */
export async function checkAsks(list, { pool, question, assertReply, paused }) {
  const one = async () => assertReply(await ask(pool, question));
  const stream = () => oneStream(pool, question, assertReply);
  await list.check('100 asks in a row', () => inRow(100, one));
  await list.check('32 asks at once', () => atOnce(32, one));
  await list.check('20 streams in a row', () => inRow(20, stream));
  await list.check('20 streams at once', () => atOnce(20, stream));
  await list.check(
    `${paused} asks, ${PAUSE_MS / 1_000} s of silence after every tenth`,
    () => inRow(paused, one, PAUSE_MS),
    240_000,
  );
}

/** Stops at the first failure, and names it. */
async function inRow(count, act, pauseMs = 0) {
  for (let done = 0; done < count; done += 1) {
    if (pauseMs > 0 && done > 0 && done % 10 === 0) await sleep(pauseMs);
    await act().catch((error) => {
      throw new Error(`number ${done + 1} of ${count}: ${error.message}`, { cause: error });
    });
  }
  return `${count} of ${count}`;
}

/** Waits for all, and fails with the number of failures and one of them. */
async function atOnce(count, act) {
  const outcomes = await Promise.allSettled(Array.from({ length: count }, act));
  const failures = outcomes.filter(({ status }) => status === 'rejected');
  if (failures.length > 0) throw new Error(`${failures.length} of ${count} failed, one with ${failures[0].reason}`);
  return `${count} of ${count}`;
}

async function oneStream(pool, question, assertReply) {
  const { chunks, reply } = await readStream(pool, question);
  assert.ok(reply, 'onEnd was not called');
  assertReply(reply);
  assert.equal(textOf(chunks), reply.content, 'the chunks are not the text');
}
