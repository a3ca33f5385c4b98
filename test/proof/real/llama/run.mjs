/**
 * `npm run real:llama`: starts a real llama-server with a tiny random model, and sends requests to it with Choragus.
 *
 *   node test/proof/real/llama/run.mjs            # about 80 s; needs a build (npm run build) and npm ci --prefix test/proof/real
 *   node test/proof/real/llama/run.mjs --long     # 200 asks with 19 pauses of 6 s instead of 30 with 2
 *   node test/proof/real/llama/run.mjs --write    # writes the figures into docs/real-peers.json
 */
import assert from 'node:assert/strict';
import { CheckList } from '../check-list.mjs';
import { openPool } from '../choragus-client.mjs';
import { checkNoReconnecting, checkRequestCount } from '../connections.mjs';
import { checkCrash } from '../crash.mjs';
import { openAiVersion, openClient } from '../openai-client.mjs';
import { checkSpeed } from '../speed.mjs';
import { writeFigures } from '../write-figures.mjs';
import { assertReply, checkAnswers, question } from './answers.mjs';
import { checkErrors } from './errors.mjs';
import { llamaVersion, prepareLlama, startLlama } from './start-llama.mjs';
import { checkStop, longQuestion } from './stop.mjs';

const loads = {
  'one at a time': { rounds: 6, requests: 100, concurrency: 1 },
  'four at once': { rounds: 6, requests: 200, concurrency: 4 },
};

prepareLlama();
const version = llamaVersion();
const list = new CheckList();
const urlOf = (port) => `openai+http://127.0.0.1:${port}/tiny`;
let server = await startLlama();
const opened = openPool(urlOf(server.port));
const client = openClient(`${server.origin}/v1`);
const context = { ...opened, server, client, isLong: process.argv.includes('--long') };
console.log(`llama-server ${version}, pid ${server.pid}, ${server.origin}`);

try {
  list.section('Answers');
  await checkAnswers(list, context);
  list.section('Giving up');
  await checkStop(list, context);
  list.section('Errors');
  await checkErrors(list, context);
  list.section('Speed');
  await checkSpeed(list, { ...context, question, loads });
  list.section('Sockets');
  await checkNoReconnecting(list, context);
  await list.check('the pool counts the sockets that the server closed while idle', async () => {
    const idleCloses = list.note('idleCloses', opened.metrics().idleCloses);
    assert.ok(idleCloses > 0, 'idleCloses is 0');
    return String(idleCloses);
  });
  const chat = 'POST /v1/chat/completions';
  await checkRequestCount(list, { server, urlOf, chat, question, logged: server.begunTasks });
  list.section('Crash');
  const restart = () => startLlama(server.port);
  server = await checkCrash(list, { ...context, restart, question, assertReply, longQuestion, killAt: 50 });
} finally {
  await opened.pool.close({ drainTimeoutMs: 0 });
  await server.stop();
}

list.finish();
if (process.argv.includes('--write')) {
  writeFigures('llama.cpp', { version, openai: openAiVersion, checks: list.counts, figures: list.figures });
}
