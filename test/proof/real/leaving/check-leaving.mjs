/** Peers that answer, and then close the connection: such a CI is up. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, CI, withPool } from '../choragus-client.mjs';

const LEAVE_LIMIT_MS = 5_000;
/** When the next request is sent, unless it is a number of ms after an answer. */
export const AT_ONCE = 'at once';
export const ONCE_IT_LEFT = 'after the close';

/**
 * Asks one question after the other: at once; some ms after the last answer; or once the pool has seen the peer leave.
 *
 * A question that is asked at once may cross the FIN of the peer, and no client can know that it does. Such questions are
 * lost as `maybe_sent`, never two in a row: with ids each time, without ids once, because the pool learns from it.
 *
 * @param start starts the peer.
 */
export async function checkLeaving(list, { what, start, count, next, ids }) {
  const name = `${what}, ${ids ? 'ids' : 'no ids'}, next request ${typeof next === 'number' ? `${next} ms later` : next}`;
  await list.check(
    name,
    async () => {
      const peer = await start();
      try {
        return await withPool(peer.url, async ({ pool, changes, metrics }) => {
          const failures = await askInTurn(pool, count, next);
          const answered = count - failures.length;
          list.figures.answered = {
            ...list.figures.answered,
            [name]: { answered, of: count, connects: metrics().connects },
          };
          const shown = [`${answered} of ${count}`, ...countsOf(failures), `connects ${metrics().connects}`].join(', ');
          const mostLost = next !== AT_ONCE ? 0 : ids ? Math.ceil(count / 2) : 1;
          assert.ok(failures.length <= mostLost, `${shown}; first: ${failures[0]?.message}`);
          const others = failures.filter(
            ({ code, delivery }) => `${code} ${delivery}` !== 'connection_lost maybe_sent',
          );
          assert.deepEqual(others, [], shown);
          const inRow = failures.filter(({ index }, i) => failures[i + 1]?.index === index + 1);
          assert.deepEqual(inRow, [], `${shown}: failures in a row`);
          const backoffs = changes.filter(({ to }) => to === 'reconnecting');
          assert.equal(backoffs.length, 0, `${shown}; ${backoffs.length} times reconnecting`);
          return shown;
        });
      } finally {
        await peer.stop();
      }
    },
    180_000,
  );
}

async function askInTurn(pool, count, next) {
  const failures = [];
  for (let index = 0; index < count; index += 1) {
    try {
      const { content } = await ask(pool, `question ${index}`, { deadlineMs: 10_000 });
      if (content !== `question ${index}`) throw new Error(`a wrong answer to ${index}: ${content}`);
    } catch (error) {
      const { code = 'wrong', delivery, message } = error;
      failures.push({ index, code, delivery, message });
    }
    if (typeof next === 'number') await sleep(next);
    else if (next === ONCE_IT_LEFT) await untilLeft(pool);
  }
  return failures;
}

/** Settles once the CI has no open connection. */
async function untilLeft(pool) {
  const endMs = performance.now() + LEAVE_LIMIT_MS;
  while (pool.snapshot().cis[CI].state === 'healthy') {
    assert.ok(performance.now() < endMs, 'the peer did not leave');
    await sleep(1);
  }
}

/** Returns how often each kind of failure occurred. */
export function countsOf(failures) {
  const counts = {};
  for (const { code, delivery } of failures) counts[`${code} ${delivery}`] = (counts[`${code} ${delivery}`] ?? 0) + 1;
  return Object.entries(counts).map(([how, count]) => `${count} ${how}`);
}
