/** Requests that the server refuses: the error must contain its status and its own words. */
import assert from 'node:assert/strict';
import { ask, errorOf, readStream } from '../choragus-client.mjs';

const words = (length) => 'one two three four '.repeat(Math.ceil(length / 19)).slice(0, length);

export async function checkErrors(list, { pool, client }) {
  const noContent = { messages: [{ role: 'user' }] };
  const badCalls = { messages: [{ role: 'user', content: 'hi', tool_calls: 7 }] };
  await list.check('a bad request (400)', () => refused(pool, client, noContent, 400));
  await list.check('a request that the server fails on (500)', () => refused(pool, client, badCalls, 500));
  await list.check('a bad request, streamed', async () => {
    const error = await errorOf(readStream(pool, noContent));
    assertRefusal(error, 400);
    return error.message;
  });
  for (const [size, length] of Object.entries({ '200 KB': 200_000, '5 MB': 5_000_000 })) {
    await list.check(`a prompt of ${size}, longer than the context`, () => {
      const messages = [{ role: 'user', content: words(length) }];
      return refused(pool, client, { messages }, 400);
    });
  }
}

/** Both clients send the same request. Our error must contain the words that the `openai` client reports. */
async function refused(pool, client, { messages }, status) {
  const error = await errorOf(ask(pool, { messages, maxTokens: 8 }));
  assertRefusal(error, status);
  const theirs = await client.chat.completions
    .create({ model: 'tiny', messages, max_tokens: 8 }, { maxRetries: 0 })
    .then(
      () => assert.fail('openai got an answer'),
      (refusal) => refusal,
    );
  assert.equal(theirs.status, status);
  assert.ok(
    error.message.includes(theirs.error.message),
    `${error.message} has not the words: ${theirs.error.message}`,
  );
  return error.message;
}

function assertRefusal({ code, status, delivery, message }, expected) {
  assert.deepEqual({ code, status, delivery }, { code: 'ci_error', status: expected, delivery: 'answered' }, message);
}
