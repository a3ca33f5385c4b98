import {
  answer,
  chunk,
  chunkOf,
  cut,
  DONE,
  END,
  event,
  FIRST,
  failed,
  garbled,
  lost,
  PIECES,
  piece,
  SECOND,
  STOP,
  STOPPED,
  TEXT,
} from './pieces.js';
import { testRows } from './rows.js';

const plain = PIECES + END;
const json = (value: unknown) => JSON.stringify(value);
const first = json(chunkOf({ content: FIRST }));
const second = json(chunkOf({ content: SECOND }));
const stop = json(chunkOf({}, 'stop'));

const openAi = (delta: object, finish_reason: string | null) =>
  event({
    id: 'chatcmpl-B0C3qSaM6azMY3YXJOEuEl38PXzCu',
    object: 'chat.completion.chunk',
    created: 1_739_386_062,
    model: 'gpt-4o-2024-08-06',
    service_tier: 'default',
    system_fingerprint: 'fp_523b9b6e5f',
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    usage: null,
  });

testRows('openai', 'how events are written', [
  {
    title: 'all fields of OpenAI',
    body:
      openAi({ role: 'assistant', content: '', refusal: null }, null) +
      openAi({ content: FIRST }, null) +
      openAi({ content: SECOND }, null) +
      openAi({}, 'stop') +
      DONE,
    outcomes: { all: answer(TEXT, { finishReason: 'stop', model: 'gpt-4o-2024-08-06' }) },
  },
  { title: 'cut in the status line and the headers, too', body: plain, cutHead: true, outcomes: { all: STOPPED } },
  { title: 'a byte order mark', body: `\ufeff${plain}`, outcomes: { all: STOPPED } },
  { title: 'CRLF', body: plain.replaceAll('\n', '\r\n'), outcomes: { all: STOPPED } },
  { title: 'CR alone', body: plain.replaceAll('\n', '\r'), outcomes: { clean: STOPPED, reset: STOPPED } },
  {
    title: 'a byte order mark, CRLF and no space',
    body: `\ufeff${plain.replaceAll('data: ', 'data:').replaceAll('\n', '\r\n')}`,
    outcomes: { all: STOPPED },
  },
  {
    title: 'comments as keep-alive (OpenRouter, DeepSeek, DeepInfra)',
    body: `: OPENROUTER PROCESSING\n\n${piece(FIRST)}: keep-alive\n\n:\n\n${piece(SECOND)}: ping - 2\n${END}`,
    outcomes: { all: STOPPED },
  },
  {
    title: 'a comment inside an event',
    body: `data: ${first}\n: ping\n\n${piece(SECOND)}${END}`,
    outcomes: { all: STOPPED },
  },
  {
    title: 'empty data as keep-alive',
    body: `data:\n\n${piece(FIRST)}data: \n\n${piece(SECOND)}data\n\n${END}`,
    outcomes: { all: STOPPED },
  },
  { title: 'data: null', body: `${piece(FIRST)}${event('null')}${piece(SECOND)}${END}`, outcomes: { all: STOPPED } },
  {
    title: 'data: {} and pings in JSON',
    body: `${event({})}${piece(FIRST)}event: ping\n${event({ type: 'ping' })}${piece(SECOND)}${END}`,
    outcomes: { all: STOPPED },
  },
  {
    title: 'a ping that is no JSON',
    body: `${piece(FIRST)}${event('ping')}${piece(SECOND)}${END}`,
    outcomes: { all: [STOPPED, garbled(FIRST, 'ping')] },
    unsure: 'a frame that cannot be parsed is a fault of the peer; goose and pi skip this one',
  },
  {
    title: 'a comment sent as data (DeepSeek harness#6593)',
    body: `${piece(FIRST)}${event(': keep-alive')}${piece(SECOND)}${END}`,
    outcomes: { all: [STOPPED, garbled(FIRST, 'keep-alive')] },
    unsure: 'a frame that cannot be parsed is a fault of the peer; it does no harm',
  },
  {
    title: 'one JSON text over several data lines',
    body: `data: {"choices":\ndata: [{"index":0,\ndata: "delta":{"content":${json(FIRST)}}}]}\n\n${piece(SECOND)}${END}`,
    outcomes: { all: STOPPED },
  },
  {
    title: 'pretty-printed JSON over several data lines',
    body: `${JSON.stringify(chunkOf({ content: TEXT }), null, 2).replaceAll(/^/gm, 'data: ')}\n\n${END}`,
    outcomes: { all: STOPPED },
  },
  {
    title: 'a single newline between the events (AgentRouter)',
    body: `data: ${first}\ndata: null\ndata: ${second}\ndata: ${stop}\ndata: [DONE]\n\n`,
    outcomes: { all: [STOPPED, garbled()] },
    unsure: 'by the standard this is one event of five lines',
  },
  {
    title: 'three newlines between the events',
    body: plain.replaceAll('\n\n', '\n\n\n'),
    outcomes: { all: STOPPED },
  },
  {
    title: 'id: and retry: fields (llmgateway)',
    body: `retry: 3000\n\nid: 1\ndata: ${first}\n\nid: 2\nretry: 10\ndata: ${second}\n\nid: 3\nretry: soon\n${END}`,
    outcomes: { all: STOPPED },
  },
  {
    title: 'event: names without a meaning',
    body: `event: message\n${piece(FIRST)}event: completion.chunk\n${piece(SECOND)}event: message\n${END}`,
    outcomes: { all: STOPPED },
  },
  {
    title: 'unknown fields',
    body: `${piece(FIRST)}x-request-id: 7\n${piece(SECOND)}baz\n\n${END}`,
    outcomes: { all: STOPPED },
  },
  {
    title: 'an unknown field, first',
    body: `foo: bar\n${PIECES}${END}`,
    outcomes: { all: STOPPED },
  },
  {
    title: 'a content type that is wrong: application/json',
    headers: ['content-type: application/json'],
    body: plain,
    outcomes: { all: STOPPED },
  },
  {
    title: 'a content type that is wrong: text/plain',
    headers: ['content-type: text/plain; charset=utf-8'],
    body: plain,
    outcomes: { all: STOPPED },
  },
  { title: 'no content type', headers: [], body: plain, outcomes: { all: STOPPED } },
  {
    title: 'the last event without its blank line, then the end of the body',
    body: `${piece(FIRST)}${piece(SECOND)}data: ${stop}`,
    outcomes: { clean: [STOPPED, cut(TEXT)] },
    unsure: 'the standard drops an event without its blank line',
  },
  {
    title: 'text after a reason in an event without its blank line',
    body: `${piece(FIRST, 'stop')}data: ${second}`,
    outcomes: { clean: [STOPPED, cut(FIRST), garbled(FIRST)] },
    unsure: 'the standard drops an event without its blank line, but the text would be short',
  },
  {
    title: 'a usage chunk that is cut after the finish reason',
    body: `${PIECES}${STOP}data: {"choices":[],"usage":{"prompt_to`,
    outcomes: { clean: [STOPPED, garbled(TEXT)], reset: [STOPPED, lost(TEXT)] },
    unsure: 'the answer was complete; its usage was not',
  },
  {
    title: 'lines of JSON without data: (unsloth#5047)',
    headers: ['content-type: application/x-ndjson'],
    body: `${first}\n${second}\n${stop}\n`,
    outcomes: { clean: [STOPPED, garbled(), garbled(TEXT), cut(TEXT)] },
    unsure: 'the specification knows one JSON answer in place of a stream, not a stream of JSON lines',
  },
  {
    title: 'lines of JSON without data:, then [DONE] without data:',
    body: `${first}\n${second}\n${stop}\n[DONE]\n`,
    outcomes: { clean: [STOPPED, garbled(), garbled(TEXT), cut(TEXT)] },
    unsure: 'the specification knows one JSON answer in place of a stream, not a stream of JSON lines',
  },
  {
    title: 'a byte order mark in front of a comment',
    body: `\ufeff: hello\n\n${plain}`,
    outcomes: { all: STOPPED },
  },
  { title: '[DONE] twice', body: plain + DONE, outcomes: { all: STOPPED } },
  {
    title: '[DONE] as a JSON text',
    body: `${PIECES}${STOP}data: "[DONE]"\n\n`,
    outcomes: { clean: [STOPPED, garbled(TEXT)] },
    unsure: 'a text that is no object, behind a complete answer',
  },
  {
    title: 'pretty-printed JSON whose later lines have no data:',
    body: `data: ${JSON.stringify(chunkOf({ content: TEXT }), null, 2)}\n\n${END}`,
    outcomes: { clean: [STOPPED, garbled()] },
    unsure: 'by the standard the later lines are unknown fields',
  },
  {
    title: 'a whole JSON answer behind comments',
    body: `: keep-alive\n\n: keep-alive\n\n{"choices":[{"message":{"content":${json(TEXT)}},"finish_reason":"stop"}]}\n`,
    outcomes: { clean: [STOPPED, garbled(), failed([])] },
    unsure: 'neither JSON nor events',
  },
  {
    title: 'a text of 200 KB in one event',
    body: piece('é€😀'.repeat(22_000)) + END,
    outcomes: { clean: answer('é€😀'.repeat(22_000)), open: answer('é€😀'.repeat(22_000)) },
    inOnePacket: true,
  },
]);

testRows('openai', 'choices and deltas', [
  {
    title: 'choices: [] first (Azure, prompt_filter_results)',
    body: event({ choices: [], prompt_filter_results: [{ prompt_index: 0 }] }) + plain,
    outcomes: { all: STOPPED },
  },
  {
    title: 'choices: null',
    body: event({ choices: null }) + piece(FIRST) + event({ choices: null, usage: null }) + piece(SECOND) + END,
    outcomes: { all: STOPPED },
  },
  {
    title: 'no choices',
    body: event({ id: 'x', object: 'chat.completion.chunk' }) + plain,
    outcomes: { all: STOPPED },
  },
  {
    title: 'null among the choices',
    body: event({ choices: [null] }) + event({ choices: [null, { index: 0, delta: { content: TEXT } }] }) + END,
    outcomes: { all: STOPPED },
  },
  {
    title: 'several indices in one chunk and in several',
    body:
      event({
        choices: [
          { index: 1, delta: { content: 'other' } },
          { index: 0, delta: { content: FIRST } },
        ],
      }) +
      event({ choices: [{ index: 2, delta: { content: 'third' } }] }) +
      piece(SECOND) +
      END,
    outcomes: { all: STOPPED },
  },
  {
    title: 'no index',
    body: event({ choices: [{ delta: { content: TEXT } }] }) + event({ choices: [{ finish_reason: 'stop' }] }) + DONE,
    outcomes: { all: STOPPED },
  },
  {
    title: 'index: null',
    body: event({ choices: [{ index: null, delta: { content: TEXT } }] }) + END,
    outcomes: { all: STOPPED },
    unsure: 'null is near to no index',
  },
  {
    title: 'choices as an object',
    body: event({ choices: { index: 0, delta: { content: TEXT } } }) + END,
    outcomes: { all: [STOPPED, answer(''), garbled()] },
    unsure: 'a shape that no server is known to send',
  },
  {
    title: 'delta: null (Azure)',
    body: event({ choices: [{ index: 0, delta: null, finish_reason: null }] }) + plain,
    outcomes: { all: STOPPED },
  },
  {
    title: 'no delta (Azure, content_filter_offsets)',
    body:
      PIECES +
      event({ choices: [{ finish_reason: null, index: 0, content_filter_offsets: { check_offset: 3 } }] }) +
      END,
    outcomes: { all: STOPPED },
  },
  {
    title: 'a chunk with the role alone, then content: null',
    body: chunk({ role: 'assistant' }) + chunk({ role: 'assistant', content: null }) + plain,
    outcomes: { all: STOPPED },
  },
  {
    title: 'role: "" and content: "" (MiniMax)',
    body:
      chunk({ role: '', content: '' }) + chunk({ role: null, content: FIRST, tool_calls: null }) + piece(SECOND) + END,
    outcomes: { all: STOPPED },
  },
  { title: 'content: null throughout, and then the end', body: piece(null) + END, outcomes: { all: answer('') } },
  {
    title: 'content as an array of parts',
    body:
      piece([{ type: 'text', text: FIRST }]) +
      piece([
        { type: 'text', text: ' –' },
        { type: 'text', text: ' 5 €' },
      ]) +
      END,
    outcomes: { all: STOPPED },
  },
  {
    title: 'content as an array with parts of other types, null and []',
    body:
      piece([]) +
      piece([null, { type: 'image_url', image_url: { url: 'x' } }, { type: 'text', text: TEXT }, { type: 'text' }]) +
      END,
    outcomes: { all: STOPPED },
  },
  {
    title: 'content of an unexpected type',
    body: piece(7) + END,
    outcomes: { all: [answer(''), answer('7'), garbled()] },
    unsure: 'a shape that no server is known to send',
  },
  {
    title: 'a whole message in one event',
    body:
      event({ choices: [{ index: 0, message: { role: 'assistant', content: TEXT }, finish_reason: 'stop' }] }) + DONE,
    outcomes: { all: STOPPED },
  },
  {
    title: 'the message so far beside each delta (Perplexity)',
    body:
      event({ choices: [{ index: 0, delta: { content: FIRST }, message: { content: FIRST } }] }) +
      event({ choices: [{ index: 0, delta: { content: SECOND }, message: { content: TEXT } }] }) +
      event({ choices: [{ index: 0, delta: { content: '' }, message: { content: TEXT }, finish_reason: 'stop' }] }) +
      DONE,
    outcomes: { all: STOPPED },
  },
  {
    title: 'pieces of white space',
    body: piece(' ') + piece('\n') + piece('a') + piece('  ') + END,
    outcomes: { all: answer(' \na  ') },
  },
  {
    title: 'a refusal as a part of the content',
    body: piece([{ type: 'refusal', refusal: 'I cannot.' }]) + END,
    outcomes: { all: [answer('', { finishReason: 'stop', refusal: 'I cannot.' }), answer('')] },
    unsure: 'the specification knows parts of text alone',
  },
  {
    title: 'halves of an escaped surrogate pair in two chunks',
    body:
      'data: {"choices":[{"delta":{"content":"\\ud83d"}}]}\n\ndata: {"choices":[{"delta":{"content":"\\ude00"}}]}\n\n' +
      END,
    outcomes: { all: answer('😀') },
  },
  {
    title: 'control characters and line separators in the text',
    body: piece('a\u0000b\r\n\t\u2028\u001b[1m') + END,
    outcomes: { all: answer('a\u0000b\r\n\t\u2028\u001b[1m') },
  },
  {
    title: 'a text that looks like the protocol',
    body: piece('data: [DONE]\n\nerror: {"error":"no"}\n') + END,
    outcomes: { all: answer('data: [DONE]\n\nerror: {"error":"no"}\n') },
  },
  {
    title: 'names that every object inherits',
    body:
      event('{"__proto__":{"error":"no"},"constructor":null,"choices":[{"delta":{"content":"x","toString":1}}]}') + END,
    outcomes: { all: answer('x') },
  },
  {
    title: 'the model, and the fields of the server',
    body:
      piece(TEXT, null, { model: 'llama-3.2', system_fingerprint: 'fp_ollama' }) +
      chunk({}, 'stop', { model: 'llama-3.2', system_fingerprint: 'fp_ollama', timings: { predicted_n: 2 } }) +
      DONE,
    outcomes: {
      all: answer(TEXT, { finishReason: 'stop', model: 'llama-3.2', metadata: { system_fingerprint: 'fp_ollama' } }),
    },
  },
]);

const whole = (message: object, more: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
  ...more,
});
const used = answer(TEXT, { finishReason: 'stop', usage: { inputTokens: 3, outputTokens: 2, totalTokens: 5 } });
const asJson = { headers: ['content-type: application/json'] };
const inPlace = (body: string | Buffer) => ({ ...asJson, body, outcomes: { clean: used } });

testRows('openai', 'a JSON answer in place of a stream', [
  { title: 'on one line', ...inPlace(json(whole({ content: TEXT }))) },
  { title: 'on one line, announced by its length', ...inPlace(json(whole({ content: TEXT }))), framing: 'length' },
  { title: 'until the end of the connection', ...inPlace(json(whole({ content: TEXT }))), framing: 'close' },
  { title: 'pretty-printed', ...inPlace(JSON.stringify(whole({ content: TEXT }), null, 2)) },
  {
    title: 'pretty-printed with CRLF',
    ...inPlace(JSON.stringify(whole({ content: TEXT }), null, 2).replaceAll('\n', '\r\n')),
  },
  {
    title: 'pretty-printed, with blank lines in it',
    ...inPlace(JSON.stringify(whole({ content: TEXT }), null, 2).replaceAll('\n', '\n\n')),
  },
  { title: 'with a byte order mark', ...inPlace(`\ufeff${json(whole({ content: TEXT }))}`) },
  { title: 'behind blank lines as keep-alive (DeepSeek)', ...inPlace(`\n\n\n${json(whole({ content: TEXT }))}\n`) },
  {
    title: 'content as an array of parts',
    ...inPlace(
      json(
        whole({
          content: [
            { type: 'text', text: FIRST },
            { type: 'text', text: SECOND },
          ],
        }),
      ),
    ),
  },
  {
    title: 'content as an array of parts, pretty-printed',
    ...inPlace(JSON.stringify(whole({ content: [{ type: 'text', text: TEXT }] }), null, 4)),
  },
  { title: 'called text/event-stream', body: json(whole({ content: TEXT })), outcomes: { clean: used } },
  { title: 'with "error": null', ...inPlace(json(whole({ content: TEXT }, { error: null }))) },
  {
    title: 'with a text of several lines',
    ...asJson,
    body: json(whole({ content: 'a\n\ndata: b\n' })),
    outcomes: { clean: { ...used, text: 'a\n\ndata: b\n' } },
  },
  {
    title: 'content: null with a tool call',
    ...asJson,
    body: json(
      whole({
        content: null,
        tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":"x"}' } }],
      }),
    ),
    outcomes: { clean: { ...used, text: '', toolCalls: [{ id: 'c1', name: 'look', arguments: '{"at":"x"}' }] } },
  },
  {
    title: 'with reasoning',
    ...asJson,
    body: json(whole({ content: TEXT, reasoning_content: 'hm' })),
    outcomes: { clean: { ...used, reasoning: 'hm' } },
  },
  {
    title: 'with a refusal',
    ...asJson,
    body: json(whole({ content: null, refusal: 'I cannot.' })),
    outcomes: { clean: { ...used, text: '', refusal: 'I cannot.' } },
  },
  {
    title: 'with several choices',
    ...asJson,
    body: json({
      choices: [
        null,
        { index: 1, message: { content: 'other' }, finish_reason: 'length' },
        { index: 0, message: { content: TEXT }, finish_reason: 'stop' },
      ],
    }),
    outcomes: { clean: STOPPED },
  },
  {
    title: 'with finish_reason: null (pydantic-ai#2996)',
    ...asJson,
    body: json({ choices: [{ index: 0, message: { content: TEXT }, finish_reason: null }] }),
    outcomes: { clean: [answer(TEXT, {}), cut(TEXT)] },
    unsure: 'a whole message without a reason is an answer, or was cut',
  },
  {
    title: 'then data: [DONE] (9router#3492)',
    body: `${json(whole({ content: TEXT }))}\n\n${DONE}`,
    outcomes: { clean: [used, garbled(), garbled(TEXT)] },
    unsure: 'neither JSON nor events',
  },
  {
    title: 'kept open, or reset, after its last byte',
    ...asJson,
    body: json(whole({ content: TEXT })),
    outcomes: {
      open: [used, { code: 'deadline_exceeded' }, { code: 'deadline_exceeded', partial: TEXT }],
      reset: [used, lost(), lost(TEXT)],
    },
    unsure: 'whether the end of the JSON is an end',
    grace: true,
    inOnePacket: true,
    deadlineMs: 400,
  },
  {
    title: 'cut in the middle',
    ...asJson,
    body: json(whole({ content: TEXT })).slice(0, 100),
    outcomes: { clean: { code: 'protocol_error' }, reset: lost(), fin: [{ code: 'protocol_error' }, lost()] },
  },
  { title: 'an empty object', ...asJson, body: '{}', outcomes: { clean: { code: 'protocol_error' } } },
  { title: 'an empty array', ...asJson, body: '[]', outcomes: { clean: { code: 'protocol_error' } } },
  ...['null', '42', '"busy"', 'true'].map((body) => ({
    title: `JSON that is no object: ${body}`,
    ...asJson,
    body,
    outcomes: { clean: [garbled(), failed([])] },
    unsure: 'a fault of the peer, or its words',
  })),
  {
    title: 'a model list in place of an answer',
    ...asJson,
    body: '{"object":"list","data":[{"id":"llama"}]}',
    outcomes: { clean: { code: 'protocol_error' } },
  },
  {
    title: 'choices: [] and nothing else (bifrost)',
    ...asJson,
    body: '{"id":"x","object":"chat.completion","choices":[]}',
    outcomes: { clean: { code: 'protocol_error' } },
  },
]);

testRows('openai', 'what cannot be read', [
  {
    title: 'broken JSON in the first event',
    body: `data: {"choices":[{"delta":{"content":"he\n\n${END}`,
    outcomes: { all: garbled('', '{"choices":[{"delta":{"content":"he') },
  },
  {
    title: 'broken JSON after text',
    body: `${PIECES}data: {oops}\n\n${END}`,
    outcomes: { all: garbled(TEXT, '{oops}') },
  },
  {
    title: 'broken JSON of 5,000 characters: the first 200 are shown',
    body: `${PIECES}data: {${'y'.repeat(5_000)}\n\n${END}`,
    outcomes: { all: { ...garbled(TEXT, 'y'.repeat(150)), hides: ['y'.repeat(210)] } },
    inOnePacket: true,
  },
  {
    title: 'broken JSON with control characters',
    body: `${PIECES}data: {\u001b[31moops\u0007\u0000}\n\n${END}`,
    outcomes: { all: garbled(TEXT, 'oops') },
  },
  {
    title: 'a keep-alive inside the JSON (codex2api#696)',
    body: `${piece(FIRST)}data: {"choices":[{"delta":{"content":"a"},"safety_: keepalive\n\nbuffering":false}]}\n\n${END}`,
    outcomes: { all: garbled(FIRST) },
  },
  {
    title: 'NaN in the JSON (Python)',
    body: `${PIECES}data: {"choices":[],"logprob":NaN}\n\n${END}`,
    outcomes: { all: garbled(TEXT) },
  },
  {
    title: 'Python in place of JSON',
    body: `${PIECES}data: {'choices': [], 'usage': None}\n\n${END}`,
    outcomes: { all: garbled(TEXT, "{'choices'") },
  },
  ...['42', '"text"', 'true', '[]', '[{"choices":[]}]', '[null]'].map((data) => ({
    title: `JSON that is no object: ${data}`,
    body: `${piece(FIRST)}${event(data)}${piece(SECOND)}${END}`,
    outcomes: { all: [STOPPED, garbled(FIRST)] },
    unsure: 'JSON that says nothing: skipped, or a fault of the peer',
  })),
  ...[
    '{"choices":"x"}',
    '{"choices":[7]}',
    '{"choices":["x"]}',
    '{"choices":[[]]}',
    '{"choices":[{"delta":7}]}',
    '{"choices":[{"delta":"x"}]}',
    '{"choices":[{"index":"0","delta":{"tool_calls":7}}]}',
    '{"choices":[{"delta":{"tool_calls":[null,7]}}]}',
  ].map((data) => ({
    title: `an unexpected shape: ${data}`,
    body: `${piece(FIRST)}${event(data)}${piece(SECOND)}${END}`,
    outcomes: { all: [STOPPED, garbled(FIRST)] },
    unsure: 'skipped, or a fault of the peer',
  })),
  {
    title: 'invalid UTF-8 in the text',
    body: Buffer.concat([
      Buffer.from('data: {"choices":[{"delta":{"content":"a'),
      Buffer.from([0xff, 0xc3]),
      Buffer.from(`b"}}]}\n\n${END}`),
    ]),
    outcomes: { all: [answer('a\ufffd\ufffdb'), garbled()] },
    unsure: 'replaced, or a fault of the peer',
  },
  {
    title: 'binary data',
    headers: ['content-type: text/event-stream', 'content-encoding: gzip'],
    body: Buffer.from('1f8b0800000000000003ab56ca48cdc9c95748cf2fca49010065a2e3110b000000', 'hex'),
    outcomes: { clean: [garbled(), failed([])] },
    unsure: 'a fault of the peer, or its words',
  },
  {
    title: 'an SSH banner',
    verbatim: 'SSH-2.0-OpenSSH_9.6\r\n',
    body: '',
    outcomes: { clean: [{ code: 'protocol_error' }, lost()] },
    unsure: 'no HTTP at all: a fault of the peer, or a lost link',
  },
  {
    title: 'a chunk size that is no number',
    verbatim: `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\ndata:\r\nzz\r\n`,
    body: '',
    outcomes: { clean: [{ code: 'protocol_error' }, lost()] },
    unsure: 'broken HTTP: a fault of the peer, or a lost link',
  },
  { title: 'nothing, and the connection closes', verbatim: '', body: '', outcomes: { fin: lost(), reset: lost() } },
  {
    title: 'half a status line, and the connection closes',
    verbatim: 'HTTP/1.1 2',
    body: '',
    outcomes: { fin: [lost(), { code: 'protocol_error' }], reset: lost() },
  },
  {
    title: '102 and 103 responses in front of the answer',
    before: 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n',
    body: plain,
    outcomes: { all: STOPPED },
  },
  {
    title: 'a 100 response in front of the answer',
    before: 'HTTP/1.1 100 Continue\r\n\r\n',
    body: plain,
    outcomes: { clean: [STOPPED, { code: 'protocol_error' }, lost()] },
    unsure: 'RFC 9110 tells clients to take it, but undici refuses a 100 that it has not asked for',
  },
  {
    title: 'a trailer after the last chunk',
    verbatim: `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${Buffer.byteLength(PIECES + STOP).toString(16)}\r\n${PIECES}${STOP}\r\n0\r\nx-usage: 1\r\n\r\n`,
    body: '',
    outcomes: { clean: STOPPED },
  },
]);
