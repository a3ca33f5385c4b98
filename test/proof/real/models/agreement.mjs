/** The same question to the same server through Choragus and through another client: both must get the same answer. */
import assert from 'node:assert/strict';
import { ask, readStream, textOf } from '../choragus-client.mjs';
import { askOpenAi, streamOpenAi, tidy } from '../openai-client.mjs';

/**
 * @param questions the last user's message of each.
 * @param theirs takes a question, and returns the other client's answer in the form of `tidy`.
 */
export async function checkAgreement(list, { pool, questions, theirs, by }) {
  for (const content of questions) {
    await list.check(`"${content}": ask and stream agree with ${by}`, async () => {
      const reply = await ask(pool, { content });
      const { chunks, reply: end } = await readStream(pool, { content });
      const expected = comparable(await theirs(content));
      assert.deepEqual(comparable(tidy(reply)), expected, 'ask');
      assert.deepEqual(comparable(tidy(end)), expected, 'stream');
      assertChunks(chunks, end);
      return summary(expected);
    });
  }
}

/** The answer as Choragus requests it: streamed. With `isWholeAlike`, the whole answer must be the same. */
export function byOpenAi(client, { isWholeAlike }) {
  return async (content) => {
    const body = { model: 'tiny', messages: [{ role: 'user', content }] };
    const streamed = await streamOpenAi(client, body);
    if (isWholeAlike)
      assert.deepEqual(comparable(await askOpenAi(client, body)), comparable(streamed), 'openai itself');
    return streamed;
  };
}

/** Servers make up a new id for each call: both answers must have an id in the same place, of any value. */
function comparable({ toolCalls, ...answer }) {
  return { ...answer, toolCalls: toolCalls?.map(({ id, name, args }) => ({ hasId: Boolean(id), name, args })) };
}

/** The chunks, joined by their kind, must equal the reply. */
function assertChunks(chunks, { content, reasoning, toolCalls }) {
  assert.deepEqual(
    chunks.map(({ index }) => index),
    chunks.map((_, index) => index),
    'indices',
  );
  assert.equal(textOf(chunks, 'text'), content);
  assert.equal(textOf(chunks, 'reasoning'), reasoning ?? '');
  const calls = chunks.filter(({ kind }) => kind === 'tool_call');
  const pieces = calls.map((chunk) => chunk.content).join('');
  assert.equal(pieces, (toolCalls ?? []).map(({ arguments: args }) => args).join(''));
}

function summary({ content, reasoning, toolCalls, finishReason, usage }) {
  const parts = [
    `${content.length} characters`,
    reasoning && `${reasoning.length} of reasoning`,
    toolCalls && `${toolCalls.length} tool calls`,
    `finishReason ${finishReason}`,
    usage ? `${usage.totalTokens} tokens` : 'no usage',
  ];
  return parts.filter(Boolean).join(', ');
}
