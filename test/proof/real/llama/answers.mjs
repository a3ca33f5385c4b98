/** Requests that succeed, and options: the answer must equal the one of the `openai` client. */
import assert from 'node:assert/strict';
import { checkAsks } from '../asks.mjs';
import { ask, assertWhole } from '../choragus-client.mjs';
import { askOpenAi, tidy } from '../openai-client.mjs';

/** With random weights the first token can be the end of the text. `ignore_eos` makes each answer contain some. */
export const question = { content: 'hi', maxTokens: 8, ignore_eos: true };
export const assertReply = (reply) => assertWhole(reply, question.maxTokens);

export async function checkAnswers(list, { pool, client, isLong }) {
  await checkAsks(list, { pool, question, assertReply, paused: isLong ? 200 : 30 });
  await list.check('the same seed gives the same text, twice here and once to openai', () => sameSeed(pool, client));
  await list.check('a stop sequence ends the answer as it does for openai', () => stopSequence(pool, client));
  await list.check('`messages` given whole: the answer and the usage that openai gets', () => wholeTalk(pool, client));
}

const greedy = { seed: 7, temperature: 0, top_k: 1, ignore_eos: true };
const messages = [{ role: 'user', content: 'hi' }];

async function sameSeed(pool, client) {
  const mine = { content: 'hi', maxTokens: 4, ...greedy };
  const first = await ask(pool, mine);
  assert.equal((await ask(pool, mine)).content, first.content);
  const theirs = await askOpenAi(client, { model: 'tiny', messages, max_tokens: 4, ...greedy });
  assert.deepEqual(tidy(first), theirs);
  return JSON.stringify(first.content);
}

async function stopSequence(pool, client) {
  const { content } = await ask(pool, { content: 'hi', maxTokens: 8, ...greedy });
  const stop = [content.slice(3, 5)];
  const mine = await ask(pool, { content: 'hi', maxTokens: 8, ...greedy, stop });
  const theirs = await askOpenAi(client, { model: 'tiny', messages, max_tokens: 8, ...greedy, stop });
  assert.deepEqual(tidy(mine), theirs);
  assert.equal(mine.finishReason, 'stop');
  return `${JSON.stringify(mine.content)} of ${JSON.stringify(content)}, finishReason ${mine.finishReason}`;
}

async function wholeTalk(pool, client) {
  const talk = [
    { role: 'system', content: 'Answer in one word.' },
    { role: 'user', content: 'One?' },
    { role: 'assistant', content: 'Two.' },
    { role: 'user', content: [{ type: 'text', text: 'Three?' }] },
  ];
  const mine = await ask(pool, { messages: talk, maxTokens: 4, ...greedy });
  const theirs = await askOpenAi(client, { model: 'tiny', messages: talk, max_tokens: 4, ...greedy });
  assert.deepEqual(tidy(mine), theirs);
  return `${mine.usage.inputTokens} tokens of input`;
}
