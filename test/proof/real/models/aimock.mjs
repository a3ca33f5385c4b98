/** aimock on both wires: it has an OpenAI API and Ollama's. */
import assert from 'node:assert/strict';
import { checkAsks } from '../asks.mjs';
import { ask, openPool, withPool } from '../choragus-client.mjs';
import { checkNoReconnecting, checkRequestCount } from '../connections.mjs';
import { checkCrash } from '../crash.mjs';
import { openClient } from '../openai-client.mjs';
import { checkSpeed } from '../speed.mjs';
import { byOpenAi, checkAgreement } from './agreement.mjs';
import { askOllama } from './ask-ollama.mjs';
import { checkGiveUp } from './give-up.mjs';
import { checkCuts, checkRefusals } from './refusals.mjs';
import { startAimock } from './start-mocks.mjs';

const PLAIN = 'Grüße, 世界 👋! A plain answer, "quoted",\nin two lines.';
const question = { content: 'plain' };
const longQuestion = { content: 'drip' };

/** The differences between the wires, on this server. */
const wires = {
  openai: {
    urlOf: (port) => `openai+http://127.0.0.1:${port}/tiny`,
    path: '/v1/chat/completions',
    theirs: ({ origin }) => byOpenAi(openClient(`${origin}/v1`), { isWholeAlike: true }),
    usage: { inputTokens: 11, outputTokens: 7, totalTokens: 18 },
  },
  ollama: {
    urlOf: (port) => `ollama://127.0.0.1:${port}/tiny`,
    path: '/api/chat',
    theirs: ({ origin }) => askOllama(origin),
    // aimock counts no tokens on this wire: `prompt_eval_count` and `eval_count` are 0.
    usage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 },
  },
};

const questions = ['plain', 'reasoning', 'tools', 'both', 'tool first', 'too long', 'slow start'];
const refusals = {
  'rate limited': { code: 'overloaded', status: 429, retryAfterMs: 7_000, delivery: 'answered', words: 'Slow down' },
  overloaded: { code: 'overloaded', status: 503, delivery: 'answered', words: 'The model is loading.' },
  'wrong key': { code: 'ci_error', status: 401, delivery: 'answered', words: 'Incorrect API key provided.' },
  'bad request': { code: 'ci_error', status: 400, delivery: 'answered', words: "'top_k' must be a number." },
  'server error': { code: 'ci_error', status: 500, delivery: 'answered', words: 'CUDA out of memory.' },
  'chaos rate limit': { code: 'overloaded', status: 429, retryAfterMs: 1_000, words: 'Chaos: rate limit exceeded' },
  'chaos malformed': { code: 'protocol_error', words: '{malformed json: <<<chaos>>>' },
  'no such question': { code: 'ci_error', status: 404, delivery: 'answered', words: 'No fixture matched' },
};
/** Questions whose answers break off, and the minimum number of characters before that. */
const cuts = { 'cut by count': 4, 'cut by time': 2, 'chaos disconnect': 0 };

/** A server that keeps its sockets open. */
const loads = {
  'one at a time': { rounds: 4, requests: 100, concurrency: 1 },
  'four at once': { rounds: 4, requests: 200, concurrency: 4 },
};

export async function checkAimock(list, wireName) {
  const { urlOf, path, theirs, usage } = wires[wireName];
  let server = await startAimock();
  const opened = openPool(urlOf(server.port));
  const { pool } = opened;
  const assertReply = (reply) => {
    const { content, finishReason } = reply;
    assert.deepEqual({ content, finishReason, usage: reply.usage }, { content: PLAIN, finishReason: 'stop', usage });
  };
  try {
    list.section('Answers');
    await checkAsks(list, { pool, question, assertReply, paused: 20 });
    await checkAgreement(list, { pool, questions, theirs: theirs(server), by: wireName });
    await checkFields(list, { server, urlOf });
    list.section('Errors');
    await checkRefusals(list, { pool, refusals });
    if (wireName === 'openai') {
      list.section('Speed');
      await checkSpeed(list, { pool, server, question, loads });
    }
    list.section('Sockets');
    await checkNoReconnecting(list, opened);
    const logged = async () => (await server.journal()).filter((entry) => entry.path === path).length;
    await checkRequestCount(list, { server, urlOf, chat: `POST ${path}`, question, logged }, (counted, seen) =>
      checkGiveUp(list, { pool: counted, seen, longQuestion }),
    );
    list.section('Cuts and crashes');
    await checkCuts(list, { pool, cuts });
    await list.check('after the cuts the next ask works', async () => assertReply(await ask(pool, question)));
    const restart = () => startAimock(server.port);
    server = await checkCrash(list, { ...opened, server, restart, question, assertReply, longQuestion, killAt: 20 });
  } finally {
    await pool.close({ drainTimeoutMs: 0 });
    await server.stop();
  }
}

/** aimock keeps the requests. On Ollama's wire it keeps the fields that it knows, under OpenAI's names. */
async function checkFields(list, { server, urlOf }) {
  await list.check('fields and headers arrive, by the record of the server', async () => {
    const tools = [{ type: 'function', function: { name: 'look', description: 'Looks.', parameters: {} } }];
    const settings = { maxTokens: 4, temperature: 0.5, top_p: 0.25, seed: 7, tools };
    await withPool(urlOf(server.port), ({ pool }) => ask(pool, { ...question, ...settings }), {
      headers: { 'x-team': 'tragedy' },
    });
    const { headers, body } = (await server.journal()).at(-1);
    const { messages, max_tokens, temperature, tools: arrived } = body;
    assert.equal(headers['x-team'], 'tragedy');
    assert.deepEqual(
      { messages, max_tokens, temperature, tools: arrived },
      { messages: [{ role: 'user', content: 'plain' }], max_tokens: 4, temperature: 0.5, tools },
    );
    const { top_p = 'not kept', seed = 'not kept' } = body;
    assert.ok([0.25, 'not kept'].includes(top_p) && [7, 'not kept'].includes(seed), JSON.stringify(body));
    return `max_tokens ${max_tokens}, temperature ${temperature}, top_p ${top_p}, seed ${seed}, ${arrived.length} tool`;
  });
}
