/**
 * Calls of the original client's public functions. Their results are in observed.jsonl, one line for each case.
 *
 * Observed with the unmodified files of github.com/ckoons/Tekton at `commit`, Python 3.11 and `servePeer`:
 * `shared/ai/socket_client.py`, `shared/ai/connection_pool.py`, `shared/ai/unified_registry.py` and `shared/aish`.
 * test/proof/real/tekton/compare-client.mjs runs them again, and reports any difference from observed.jsonl.
 */
import { END } from './peer.mjs';

export const commit = '2ce65fb6e60200205b461e282c153feace98180e';

/** In arguments: the peer's port. In results: the port that was called. */
export const PORT = '<port>';
/** In arguments: the peer's port, as text. */
export const PORT_TEXT = '<port as text>';
/** In arguments: a port without a listener. */
export const CLOSED_PORT = '<closed port>';

/** Reasons for differences: each is the beginning of a paragraph in docs/migrating-from-the-python-pool.md. */
export const why = {
  aiId: 'A result says who answered.',
  cut: 'A stream that failed throws.',
  error: 'An error is a failure.',
  hole: 'A stream has no holes.',
  json: 'Answers are JSON.',
  message: 'A message is a text.',
  names: 'A name is a whole name.',
  once: 'Nothing is sent twice.',
  ping: 'A ping asks no model.',
  reused: 'Reuse is reported as it is.',
  settings: 'All settings are sent.',
  text: 'An answer has a text.',
  texts: 'Results keep their types.',
  timeout: 'A timeout is a time.',
  type: 'An answer has the type of an answer.',
};

const hello = { type: 'chat_response', content: 'hello' };
const to = { host: '127.0.0.1', port: PORT, message: 'hi' };
const send = (args = {}) => [{ call: 'send_message', args: { ...to, ...args } }];
const sendToAi = (ai_id, args = {}) => [{ call: 'send_to_ai', args: { ai_id, ...to, ...args } }];
const stream = (args = {}) => [{ call: 'send_message_stream', args: { ...to, ...args } }];
const ping = (args = {}) => [{ call: 'ping', args: { host: to.host, port: PORT, ...args } }];
const sendToAll = (args = {}) => [
  {
    call: 'send_to_all',
    args: {
      message: 'hi',
      ai_ids: [
        ['apollo', to.host, PORT],
        ['athena', to.host, PORT],
      ],
      ...args,
    },
  },
];

const platform = ['engram', 'hermes', 'terma', 'athena', 'telos', 'tekton_core', 'apollo', 'hephaestus'];
const specialists = platform.map((component) => ({ id: `${component}-ai`, component, host: to.host, port: PORT }));
const resolve = (name) => [{ call: 'resolve_ai_name', args: { specialists, name } }];
const aish = (name) => [{ call: 'aish', args: { specialists, name, message: 'hi' } }];

const silence = [];
const plain = {
  'a message': { calls: send() },
  'a message by the synchronous client': { calls: [{ call: 'send_message_sync', args: to }] },
  'two messages': { calls: [...send(), ...send()], isAboutReuse: true, differs: { connection_reused: why.reused } },
  'two messages by name': {
    calls: [...sendToAi('apollo'), ...sendToAi('apollo')],
    isAboutReuse: true,
    differs: { connection_reused: why.reused },
  },
  'a port as text': { calls: send({ port: PORT_TEXT }) },
  'context, temperature and max_tokens': {
    calls: send({ context: { room: 1 }, temperature: 0.5, max_tokens: 9 }),
    differs: { sent: why.settings },
  },
  'context, temperature and max_tokens of None': {
    calls: send({ context: null, temperature: null, max_tokens: null }),
  },
  'an empty context': { calls: send({ context: {} }) },
  'an unknown argument': { calls: send({ maximum: 5 }) },
  'nobody there': { calls: send({ port: CLOSED_PORT }) },
  'nobody there, by name': { calls: sendToAi('apollo', { port: CLOSED_PORT }) },
  'a host that does not exist': { calls: send({ host: 'no such host' }) },
  'a port out of range': { calls: send({ port: 70_000 }) },
  'an empty message': { calls: send({ message: '' }), differs: { success: why.message, sent: why.message } },
};
for (const message of [null, 5, true, ['hi'], { text: 'hi' }]) {
  plain[`the message ${JSON.stringify(message)}`] = {
    calls: send({ message }),
    differs: { success: why.message, sent: why.message },
  };
}

const answers = {
  'a model and an ai_id': { lines: [{ ...hello, model: 'llama', ai_id: 'apollo-ai' }], differs: { ai_id: why.aiId } },
  'a model and an ai_id that are empty': { lines: [{ ...hello, model: '', ai_id: '' }] },
  'a model of null': { lines: [{ ...hello, model: null }], differs: { model: why.texts } },
  'a model of 7': { lines: [{ ...hello, model: 7 }], differs: { model: why.texts } },
  'response for content': { lines: [{ type: 'chat_response', response: 'hello' }] },
  'both response and content': { lines: [{ ...hello, response: 'not this' }] },
  'an empty content': { lines: [{ type: 'chat_response', content: '' }] },
  'neither response nor content': { lines: [{ type: 'chat_response' }], differs: { success: why.text } },
  'the content null, and response': {
    lines: [{ type: 'chat_response', content: null, response: 'hello' }],
    differs: { response: why.texts },
  },
  'the type response': { lines: [{ type: 'response', content: 'hello' }] },
  'the content null': { lines: [{ type: 'chat_response', content: null }], differs: { success: why.text } },
  'the content 5': { lines: [{ type: 'chat_response', content: 5 }], differs: { success: why.text } },
  'a list as content': { lines: [{ type: 'chat_response', content: ['a'] }], differs: { success: why.text } },
  'an object as content': { lines: [{ type: 'chat_response', content: { a: 1 } }], differs: { success: why.text } },
  'no type': { lines: [{ content: 'hello' }] },
  'no type, and response': { lines: [{ response: 'hello' }] },
  'the type null': { lines: [{ type: null, content: 'hello' }] },
  'the type 7': { lines: [{ type: 7, content: 'hello' }], differs: { success: why.type } },
  'an unknown type': { lines: [{ type: 'greeting', content: 'hello' }], differs: { success: why.type } },
  'the type of a pong': { lines: [{ type: 'pong' }], differs: { success: why.type } },
  'an error': { lines: [{ type: 'error', error: 'out of memory' }], differs: { success: why.error } },
  'an error with a message': { lines: [{ type: 'error', message: 'out of memory' }], differs: { success: why.error } },
  'a carriage return': { lines: [`${JSON.stringify(hello)}\r`] },
  'NaN in it': { lines: ['{"type":"chat_response","content":"hello","score":NaN}'], differs: { success: why.json } },
  'no JSON': { lines: ['hello'], differs: { sent: why.once } },
  'a JSON list': { lines: ['["hello"]'], differs: { sent: why.once } },
  'a JSON text': { lines: ['"hello"'], differs: { sent: why.once } },
  'the end of the connection': { lines: [END], differs: { sent: why.once } },
};

const timeouts = {
  'timeout 0 and an answer': { calls: send({ timeout: 0 }) },
  'timeout None and an answer': { calls: send({ timeout: null }) },
  'timeout 0.5 and no answer': { calls: send({ timeout: 0.5 }), script: [silence], differs: { sent: why.once } },
  'timeout 0.0001 and no answer': { calls: send({ timeout: 0.0001 }), script: [silence], differs: { sent: why.once } },
  'timeout -1': { calls: send({ timeout: -1 }), script: [silence], differs: { sent: why.timeout } },
  'timeout NaN': { calls: send({ timeout: Number.NaN }), script: [silence], differs: { sent: why.timeout } },
  'timeout Infinity': {
    calls: send({ timeout: Number.POSITIVE_INFINITY }),
    differs: { success: why.timeout, sent: why.timeout },
  },
  'timeout 1e10': { calls: send({ timeout: 1e10 }), differs: { success: why.timeout, sent: why.timeout } },
  'timeout True': { calls: send({ timeout: true }), differs: { success: why.timeout, sent: why.timeout } },
  'timeout "5"': { calls: send({ timeout: '5' }), differs: { sent: why.timeout } },
  'timeout 0 by name': { calls: sendToAi('apollo', { timeout: 0 }) },
  'timeout 0.5 and no answer, by name': { calls: sendToAi('apollo', { timeout: 0.5 }), script: [silence] },
};

const toAll = {
  all: { calls: sendToAll() },
  'all, one of them down': {
    calls: sendToAll({
      ai_ids: [
        ['apollo', to.host, PORT],
        ['athena', to.host, CLOSED_PORT],
      ],
    }),
  },
  'all, nobody': { calls: sendToAll({ ai_ids: [] }) },
  'all with timeout None': { calls: sendToAll({ timeout: null }) },
  'all with timeout 0': { calls: sendToAll({ timeout: 0 }) },
  'all with timeout -1': { calls: sendToAll({ timeout: -1 }) },
  'all with timeout 0.5 and no answer': { calls: sendToAll({ timeout: 0.5 }), script: [silence] },
};

const pings = {
  'a ping': { calls: ping(), differs: { sent: why.ping } },
  'a ping with timeout 0': { calls: ping({ timeout: 0 }), differs: { sent: why.ping } },
  'a ping with timeout None': { calls: ping({ timeout: null }), differs: { sent: why.ping } },
  'a ping where nobody is': { calls: ping({ port: CLOSED_PORT }) },
  'a ping, and an error for an answer to a chat': {
    calls: ping(),
    script: [[{ type: 'error', message: 'out of memory' }]],
    differs: { success: why.ping, sent: why.ping },
  },
};

const chunk = (content) => ({ type: 'stream_chunk', content });
const end = { type: 'stream_end' };
const streams = {
  'a stream': {
    calls: stream(),
    script: [[{ type: 'stream_start' }, chunk('hel'), chunk('lo'), end]],
  },
  'a stream without a beginning': { calls: stream(), script: [[chunk('hel'), chunk('lo'), end]] },
  'a stream of the older dialect': {
    calls: stream(),
    script: [
      [
        { type: 'chunk', content: 'hel' },
        { type: 'chunk', content: 'lo' },
        { type: 'complete', model: 'llama' },
      ],
    ],
  },
  'a stream from a CI that cannot stream': { calls: stream() },
  'a stream with timeout 0': { calls: stream({ timeout: 0 }) },
  'a stream with timeout None': { calls: stream({ timeout: null }) },
  'a stream with an error in it': {
    calls: stream(),
    script: [[chunk('hel'), { type: 'stream_error', error: 'out of memory' }]],
  },
  'a stream that is an error': { calls: stream(), script: [[{ type: 'error', message: 'out of memory' }]] },
  'a stream that stops': { calls: stream({ timeout: 0.5 }), script: [[chunk('hel')]] },
  'a stream that is cut': { calls: stream(), script: [[chunk('hel'), END]], differs: { failed: why.cut } },
  'a stream with a chunk that is no text': {
    calls: stream(),
    script: [[chunk(5), chunk('hello'), end]],
    differs: { text: why.hole, failed: why.hole },
  },
  'a stream with a chunk without content': {
    calls: stream(),
    script: [[{ type: 'stream_chunk' }, chunk('hello'), end]],
    differs: { text: why.hole, failed: why.hole },
  },
  'a stream with a line without a type': {
    calls: stream(),
    script: [[{ content: 'hel' }, chunk('lo'), end]],
    differs: { text: why.hole, failed: why.hole },
  },
  'a stream with a line of an unknown type': {
    calls: stream(),
    script: [[{ type: 'greeting' }, chunk('hello'), end]],
    differs: { text: why.hole, failed: why.hole },
  },
  'a stream with a line that is no JSON': {
    calls: stream(),
    script: [['hel', chunk('lo'), end]],
    differs: { text: why.hole, failed: why.hole },
  },
  'a stream with a blank line': { calls: stream(), script: [['', chunk('hello'), end]] },
  'an answer with response for content, to a stream': {
    calls: stream(),
    script: [[{ type: 'chat_response', response: 'hello' }]],
    differs: { text: why.hole },
  },
  'a stream from nobody': { calls: stream({ port: CLOSED_PORT }) },
  'a stream with timeout -1': { calls: stream({ timeout: -1 }), script: [silence], differs: { sent: why.timeout } },
};

const names = {};
for (const name of [
  'apollo',
  'apollo-ai',
  'Apollo',
  'APOLLO',
  'tekton',
  'tekton_core',
  'TEKTON_CORE',
  'tekton_core-ai',
]) {
  names[`the name ${name}`] = { calls: resolve(name) };
}
for (const name of [
  'zeus',
  'pollo',
  'apollo_ai',
  'apollo ai',
  ' apollo',
  'apollo ',
  'tekton-core',
  'apollo-ai-ai',
  '-ai',
]) {
  names[`the name ${JSON.stringify(name)}`] = { calls: resolve(name) };
}
for (const name of ['', 'apo', 'apollo-', 'a', 'he', 'Apollo-AI', 'APOLLO-AI', 'Tekton']) {
  names[`the name ${JSON.stringify(name)}`] = { calls: resolve(name), differs: { ci: why.names } };
}
for (const name of ['apollo', 'Apollo', 'APOLLO', 'tekton', 'Tekton', 'zeus', 'apo']) {
  names[`the command with the name ${name}`] = { calls: aish(name) };
}
for (const name of ['apollo-ai', 'APOLLO-AI']) {
  names[`the command with the name ${name}`] = { calls: aish(name), differs: { success: why.names, sent: why.names } };
}

/** All cases by name: the calls, the peer's script (by default it says hello), and the differences with their reasons. */
export const cases = Object.entries({
  ...plain,
  ...Object.fromEntries(
    Object.entries(answers).map(([what, { lines, differs }]) => [
      `an answer with ${what}`,
      { calls: send(), script: [lines], differs },
    ]),
  ),
  ...timeouts,
  ...toAll,
  ...pings,
  ...streams,
  ...names,
}).map(([name, { calls, script = [[hello]], differs = {}, isAboutReuse = false }]) => ({
  name,
  calls,
  script,
  differs,
  isAboutReuse,
}));
