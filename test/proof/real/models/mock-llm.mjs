/** mock-llm on the OpenAI wire. */
import assert from 'node:assert/strict';
import { checkAsks } from '../asks.mjs';
import { ask, openPool, withPool } from '../choragus-client.mjs';
import { checkNoReconnecting, checkRequestCount } from '../connections.mjs';
import { checkCrash } from '../crash.mjs';
import { openClient, streamOpenAi, tidy } from '../openai-client.mjs';
import { byOpenAi, checkAgreement } from './agreement.mjs';
import { checkGiveUp } from './give-up.mjs';
import { checkRefusals } from './refusals.mjs';
import { startMockLlm } from './start-mocks.mjs';

const urlOf = (port) => `openai+http://127.0.0.1:${port}/tiny`;
const question = { content: 'Say it again.' };
/** 3,000 characters: 600 chunks, one each 1 ms. */
const longQuestion = { content: 'x'.repeat(3_000) };
const CHAT = 'POST /v1/chat/completions';

/** A streamed answer of mock-llm has a finish reason, and never usage. */
function assertReply({ content, finishReason, usage }) {
  assert.deepEqual({ content, finishReason, usage }, { ...question, finishReason: 'stop', usage: undefined });
}

const refusals = {
  // mock-llm sends errors of streamed requests with status 200, as an event.
  'wrong key': { code: 'ci_error', delivery: 'answered', words: 'Incorrect API key provided.' },
  'rate limited': { code: 'ci_error', delivery: 'answered', words: 'Slow down, please.' },
  // A streamed answer without text makes it fail: status 500, and JSON with the type text/event-stream.
  tools: { code: 'ci_error', status: 500, delivery: 'answered', words: 'Cannot read properties of undefined' },
  // Its limit is 100 KiB. Ours must not be the smaller one.
  '200 KB': {
    content: 'x'.repeat(200_000),
    code: 'ci_error',
    status: 413,
    delivery: 'answered',
    words: 'request entity too large',
  },
};

export async function checkMockLlm(list) {
  let server = await startMockLlm();
  const opened = openPool(urlOf(server.port));
  const { pool } = opened;
  const client = openClient(`${server.origin}/v1`);
  try {
    list.section('Answers');
    await checkAsks(list, { pool, question, assertReply, paused: 20 });
    const questions = ['Hello.', 'Grüße, 世界 👋!', 'A longer text, in several chunks of five characters.'];
    await checkAgreement(list, { pool, questions, theirs: withoutUsage(client), by: 'openai' });
    await checkFields(list, server);
    list.section('Errors');
    await checkRefusals(list, { pool, refusals });
    await withPool(`${urlOf(server.port)}?base=/nowhere`, async ({ pool: lost }) => {
      const path = '/nowhere/chat/completions';
      const words = `Cannot POST ${path} (asked for the model "tiny" at ${path})`;
      await checkRefusals(list, { pool: lost, refusals: { 'a wrong path': { code: 'ci_error', status: 404, words } } });
    });
    list.section('Sockets');
    await checkNoReconnecting(list, opened);
    const logged = async () => server.readLog().match(/^POST \/v1\/chat\/completions$/gm)?.length ?? 0;
    await checkRequestCount(list, { server, urlOf, chat: CHAT, question, logged }, (counted, seen) =>
      checkGiveUp(list, { pool: counted, seen, longQuestion }),
    );
    list.section('Crash');
    const restart = () => startMockLlm(server.port);
    server = await checkCrash(list, { ...opened, server, restart, question, assertReply, longQuestion, killAt: 20 });
  } finally {
    await pool.close({ drainTimeoutMs: 0 });
    await server.stop();
  }
}

/** Streamed and whole differ only in usage. */
function withoutUsage(client) {
  const ask = byOpenAi(client, { isWholeAlike: false });
  return async (content) => {
    const answer = await ask(content);
    assert.equal(answer.usage, undefined, 'mock-llm streams usage now: compare it, too');
    return answer;
  };
}

/** mock-llm answers with the received fields and headers. */
async function checkFields(list, server) {
  const settings = { temperature: 0.5, top_p: 0.25, seed: 7, stop: ['a', 'b'] };
  const headers = { 'x-team': 'tragedy' };
  await list.check('fields, headers and the key arrive as those of openai do', async () => {
    const reply = await withPool(
      urlOf(server.port),
      ({ pool }) => ask(pool, { content: 'fields', context: { system: 'Be brief.' }, maxTokens: 4, ...settings }),
      { headers, apiKey: 'secret-1' },
    );
    const client = openClient(`${server.origin}/v1`, { apiKey: 'secret-1', defaultHeaders: headers });
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'fields' },
    ];
    const theirs = await streamOpenAi(client, { model: 'tiny', messages, max_tokens: 4, ...settings });
    assert.deepEqual(tidy(reply), theirs);
    return reply.content;
  });
}
