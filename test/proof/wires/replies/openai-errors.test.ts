import {
  chunk,
  chunkOf,
  DONE,
  END,
  event,
  FIRST,
  failed,
  garbled,
  PIECES,
  piece,
  STOP,
  STOPPED,
  TEXT,
} from './pieces.js';
import { type Row, WORDS_LIMIT } from './row.js';
import { testRows } from './rows.js';

/** Error shapes of known servers, and the words that the message must show. */
const shapes: readonly { from: string; bytes: string; says: string | readonly (string | RegExp)[] }[] = [
  {
    from: '{"error":{"message"}} (OpenAI, LiteLLM, Gemini)',
    bytes: event({ error: { message: 'The server had an error', type: 'server_error', param: null, code: null } }),
    says: 'The server had an error',
  },
  { from: '{"error":"text"}', bytes: event({ error: 'out of memory' }), says: 'out of memory' },
  {
    from: '{"error":"text","error_type"} without a space (TGI)',
    bytes:
      'data:{"error":"Input validation error: `inputs` must have less than 4095 tokens","error_type":"validation"}\n\n',
    says: 'Input validation error: `inputs` must have less than 4095 tokens',
  },
  {
    from: '{"object":"error","message"} (vLLM)',
    bytes: event({ object: 'error', message: "This model's maximum context length is 512 tokens", code: 400 }),
    says: "This model's maximum context length is 512 tokens",
  },
  {
    from: '{"error":{"object":"error","message"}} and [DONE] (SGLang, litellm#25492)',
    bytes: event({ error: { object: 'error', message: 'Requested token count exceeds', code: 400 } }) + DONE,
    says: 'Requested token count exceeds',
  },
  {
    from: 'error: as a field of its own (llama.cpp b5966)',
    bytes: `error: {"code":400,"message":"the request exceeds the available context size","type":"invalid_request_error"}\n\n${DONE}`,
    says: 'the request exceeds the available context size',
  },
  {
    from: 'error: as a field of its own, with an error object in it',
    bytes: `error: {"error":{"code":500,"message":"slot unavailable"}}\n\n${DONE}`,
    says: 'slot unavailable',
  },
  {
    from: 'error: as a field of its own, without a space and with CRLF',
    bytes: 'error:{"code":500,"message":"slot unavailable"}\r\n\r\n',
    says: 'slot unavailable',
  },
  { from: 'error: as a field of its own, plain', bytes: 'error: CUDA error\n\n', says: 'CUDA error' },
  {
    from: 'event: error with {"error":{"message"}} (LM Studio)',
    bytes:
      'event: error\ndata: {"error":{"message":"Context size has been exceeded."},"message":"Context size has been exceeded."}\n\n',
    says: 'Context size has been exceeded.',
  },
  {
    from: 'event: error with {"message"}',
    bytes: 'event: error\ndata: {"message":"model was unloaded"}\n\n',
    says: 'model was unloaded',
  },
  { from: 'event: error with {"detail"}', bytes: 'event: error\ndata: {"detail":"no GPU"}\n\n', says: 'no GPU' },
  { from: 'event: error with a JSON text', bytes: 'event: error\ndata: "no GPU"\n\n', says: 'no GPU' },
  { from: 'event: error with plain text', bytes: 'event: error\ndata: no GPU today\n\n', says: 'no GPU today' },
  {
    from: 'event: error behind its data',
    bytes: 'data: {"message":"model was unloaded"}\nevent: error\n\n',
    says: 'model was unloaded',
  },
  { from: '{"message"} alone', bytes: event({ message: 'quota exceeded' }), says: 'quota exceeded' },
  {
    from: '{"code","message","request_id"} (DashScope)',
    bytes: event({ code: 'Arrearage', message: 'Access denied', request_id: 'r1' }),
    says: 'Access denied',
  },
  { from: '{"detail"} alone (FastAPI)', bytes: event({ detail: 'Internal failure' }), says: 'Internal failure' },
  {
    from: '{"detail":[{"msg"}]} (FastAPI)',
    bytes: event({
      detail: [
        { loc: ['body', 'messages'], msg: 'field required', type: 'value_error' },
        { loc: ['body'], msg: 'extra fields', type: 'value_error' },
      ],
    }),
    says: ['field required', 'extra fields'],
  },
  {
    from: '{"type":"error","error":{"message"}} (MiniMax, Anthropic)',
    bytes: event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' }, request_id: 'r1' }),
    says: 'Overloaded',
  },
  {
    from: '{"success":false,"error":{"message"}}',
    bytes: event({ success: false, error: { code: 'INTERNAL', status: 500, message: 'An unexpected error occurred' } }),
    says: 'An unexpected error occurred',
  },
  {
    from: 'an error beside choices (OpenRouter)',
    bytes: chunk({ content: '' }, 'error', {
      error: { code: 502, message: 'Provider returned error', metadata: { provider_name: 'AtlasCloud' } },
    }),
    says: 'Provider returned error',
  },
  {
    from: 'an error beside choices: [] (OpenRouter)',
    bytes: event({ choices: [], error: { code: 502, message: 'Worker local total request limit reached (33/32)' } }),
    says: 'Worker local total request limit reached (33/32)',
  },
  {
    from: 'an error whose message is empty (LiteLLM)',
    bytes: event({ error: { message: '', type: 'None', param: 'None', code: '500' } }),
    says: '500',
  },
  { from: 'an error with a code alone', bytes: event({ error: { code: 'rate_limited' } }), says: 'rate_limited' },
  {
    from: 'an error inside an error',
    bytes: event({ error: { message: '{"error":{"message":"Invalid argument."}}', code: 400 } }),
    says: 'Invalid argument.',
  },
  {
    from: 'a message that is an object',
    bytes: event({ error: { message: { reason: 'no GPU is free' } } }),
    says: 'no GPU is free',
  },
  {
    from: 'a detail that is an object (FastAPI)',
    bytes: event({ detail: { error: 'no GPU is free' } }),
    says: 'no GPU is free',
  },
  {
    from: 'an error with the code 429: only the status of the answer makes it `overloaded`',
    bytes: event({ error: { code: 429, message: 'Rate limit exceeded', metadata: { error_type: 'rate_limit' } } }),
    says: 'Rate limit exceeded',
  },
];

const inShape =
  (place: string, body: (bytes: string) => string, partial: string) =>
  ({ from, bytes, says }: (typeof shapes)[number]): Row => ({
    title: `${place}: ${from}`,
    body: body(bytes),
    outcomes: { all: failed(says, partial) },
  });

testRows('openai', 'an error first in a 200 stream', shapes.map(inShape('first', (bytes) => bytes, '')));
testRows('openai', 'an error after text', shapes.map(inShape('after text', (bytes) => PIECES + bytes, TEXT)));

testRows('openai', 'errors at other places', [
  {
    title: 'after the finish reason, before [DONE]',
    body: PIECES + STOP + event({ error: { message: 'too late' } }) + DONE,
    outcomes: { all: failed('too late', TEXT) },
  },
  {
    title: 'after a finish reason in every chunk',
    body: piece(TEXT, 'stop') + event({ error: { message: 'died' } }),
    outcomes: { all: failed('died', TEXT) },
  },
  {
    title: 'after reasoning: partial is the text alone',
    body: chunk({ reasoning_content: 'hm' }) + event({ error: { message: 'died' } }),
    outcomes: { all: failed('died') },
  },
  {
    title: 'in the middle of a tool call',
    body:
      chunk({ tool_calls: [{ index: 0, id: 'c', function: { name: 'f', arguments: '{"a' } }] }) +
      event({ error: 'died' }),
    outcomes: { all: failed('died') },
  },
  {
    title: 'text goes on after it: the error counts',
    body: piece(FIRST) + event({ error: { message: 'died' } }) + piece('more') + END,
    outcomes: { all: failed('died', FIRST) },
  },
  {
    title: 'and [DONE] in the next data line of one event (SGLang)',
    body: 'data: {"error":{"object":"error","message":"too many tokens","code":400}}\ndata: [DONE]\n\n',
    outcomes: { all: [failed('too many tokens'), garbled('', 'too many tokens')] },
    unsure: 'by the standard this is one event of two lines; the words must be shown in any case',
  },
  {
    title: 'JSON without data: behind the events',
    body: `${PIECES}{"error":{"message":"died"}}\n\n`,
    outcomes: { clean: [failed('died', TEXT), garbled(TEXT, 'died')] },
    unsure: 'by the standard an unknown field; never a success, and its words are shown',
  },
  {
    title: 'JSON without data: and without a newline behind the events',
    body: `${PIECES}{"error":{"message":"died"}}`,
    outcomes: { clean: [failed('died', TEXT), garbled(TEXT, 'died')] },
    unsure: 'by the standard an unknown field; never a success, and its words are shown',
  },
  {
    title: 'JSON behind comments that kept the connection alive',
    body: ': keep-alive\n\n: keep-alive\n\n{"error":{"message":"died"}}\n',
    outcomes: { clean: [failed('died'), garbled('', 'died')] },
    unsure: 'neither JSON nor events; never a success, and its words are shown',
  },
  {
    title: 'an HTML page behind the events',
    body: `${PIECES}<html><head><title>502 Bad Gateway</title></head></html>\n`,
    outcomes: { clean: [failed([], TEXT), garbled(TEXT)] },
    unsure: 'by the standard an unknown field; never a success',
  },
  {
    title: 'event: error without data',
    body: `${PIECES}event: error\n\n${END}`,
    outcomes: { all: [STOPPED, failed([], TEXT), garbled(TEXT)] },
    unsure: 'by the standard an event without data is none',
  },
  {
    title: 'event: error with empty data',
    body: `${PIECES}event: error\ndata:\n\n`,
    outcomes: { clean: [failed([], TEXT), garbled(TEXT)] },
    unsure: 'an error without words, or a cut: never a success',
  },
  {
    title: 'an error in the choice (OpenRouter)',
    body:
      piece(FIRST) +
      event({
        choices: [{ index: 0, delta: {}, finish_reason: 'error', error: { code: 502, message: 'Upstream died' } }],
      }) +
      DONE,
    outcomes: { all: failed('Upstream died', FIRST) },
  },
  {
    title: 'a list (Gemini)',
    body: PIECES + event([{ error: { code: 400, message: 'Request contains an invalid argument.' } }]),
    outcomes: {
      all: [
        failed('Request contains an invalid argument.', TEXT),
        garbled(TEXT, 'Request contains an invalid argument.'),
      ],
    },
    unsure: 'no shape of the list; the words must be shown in any case',
  },
  {
    title: 'base_resp with a status (MiniMax)',
    headers: ['content-type: application/json'],
    body: '{"id":"1","choices":null,"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}',
    outcomes: { clean: [failed('insufficient balance'), garbled()] },
    unsure: 'no shape of the list; never a success',
  },
  ...['true', '500', '["no GPU"]', '[]', 'false', '0'].map((value) => ({
    title: `"error": ${value} and then [DONE]`,
    body: `${PIECES}data: {"error":${value}}\n\n${END}`,
    outcomes: { all: [failed([], TEXT), STOPPED] },
    unsure: 'a value that is neither empty nor words',
  })),
]);

testRows('openai', 'empty values are no error', [
  ...['""', 'null', '{}'].flatMap((value) => [
    {
      title: `"error": ${value} in each chunk`,
      body: `${PIECES.replaceAll('"choices"', `"error":${value},"choices"`)}${END}`,
      outcomes: { all: STOPPED },
    },
    {
      title: `"error": ${value} alone`,
      body: `data: {"error":${value}}\n\n${PIECES}data: {"error":${value}}\n\n${END}`,
      outcomes: { all: STOPPED },
    },
    {
      title: `"error": ${value}, and then the end: the answer was cut`,
      body: `${PIECES}data: {"error":${value}}\n\n`,
      outcomes: { clean: { code: 'protocol_error' as const, partial: TEXT, says: 'cut' } },
    },
  ]),
  {
    title: '"message": null and "detail": null',
    body: `${event({ message: null, detail: null })}${PIECES}${event({ message: '', detail: [] })}${END}`,
    outcomes: { all: STOPPED },
  },
  {
    title: 'a message beside choices is no error',
    body: event({ ...chunkOf({ content: TEXT }), message: 'cached' }) + event({ choices: [], message: 'cached' }) + END,
    outcomes: { all: STOPPED },
  },
  {
    title: 'a detail beside choices is no error',
    body: event({ ...chunkOf({ content: TEXT }), detail: 'fast' }) + END,
    outcomes: { all: STOPPED },
  },
  ...['', ' null', ' {}', ' ""'].map((value) => ({
    title: `error:${value} as a field of its own`,
    body: `${PIECES}error:${value}\n\n${END}`,
    outcomes: { all: [STOPPED, failed([], TEXT)] },
    unsure: 'an empty value, but a field that is there for errors alone',
  })),
]);

const asJson = ['content-type: application/json'];
const html = (title: string) =>
  `<!DOCTYPE html>\n<html>\n<head><meta charset="utf-8">\n<title>${title}</title>\n<style>body{color:red}</style></head>\n<body><h1>Sorry</h1></body></html>\n`;

testRows('openai', 'an error in place of a stream, with status 200', [
  {
    title: 'JSON',
    headers: asJson,
    body: '{"error":{"message":"Provider returned error","code":502}}',
    outcomes: { clean: failed('Provider returned error') },
  },
  {
    title: 'JSON, pretty-printed',
    headers: asJson,
    body: '{\n  "error": {\n    "message": "Provider returned error"\n  }\n}\n',
    outcomes: { clean: failed('Provider returned error') },
  },
  {
    title: '{"object":"error"} in JSON (vLLM)',
    headers: asJson,
    body: '{"object":"error","message":"no such model","code":404}',
    outcomes: { clean: failed('no such model') },
  },
  { title: '{"detail"} in JSON', headers: asJson, body: '{"detail":"busy"}', outcomes: { clean: failed('busy') } },
  {
    title: 'an HTML page: its title',
    headers: ['content-type: text/html'],
    body: html('Sign in &amp; go on'),
    outcomes: { clean: [failed(/Sign in (&|&amp;) go on/), garbled('', /Sign in (&|&amp;) go on/)] },
    unsure: 'an error of the server, or no answer: the title is shown in any case',
  },
  {
    title: 'plain text',
    headers: ['content-type: text/plain'],
    body: 'upstream request timeout',
    outcomes: { clean: [failed('upstream request timeout'), garbled('', 'upstream request timeout')] },
    unsure: 'an error of the server, or no answer: the words are shown in any case',
  },
  {
    title: 'plain text with the type of an event stream',
    body: 'Internal Server Error\n',
    outcomes: { clean: [failed('Internal Server Error'), garbled('', 'Internal Server Error')] },
    unsure: 'an error of the server, or no answer: the words are shown in any case',
  },
  {
    title: 'plain text after text',
    body: `${PIECES}Traceback (most recent call last):\n  File "x.py"\n`,
    outcomes: { clean: [failed([], TEXT), garbled(TEXT)] },
    unsure: 'by the standard these are unknown fields; never a success',
  },
]);

const long = 'w'.repeat(10_000);

testRows('openai', 'the words of the server', [
  {
    title: 'control characters are left out',
    body: event({ error: { message: 'line one\r\nline two\u0000\u0007\u001b[31mred' } }),
    outcomes: { all: failed(['line one', 'line two', 'red']) },
  },
  {
    title: 'at most 500 characters are shown',
    body: event({ error: { message: `begin ${long}` } }),
    outcomes: { all: failed('begin www', '', { hides: ['w'.repeat(WORDS_LIMIT + 1)] }) },
    inOnePacket: true,
  },
  {
    title: 'at most 500 characters of an error: field are shown',
    body: `error: {"message":"begin ${long}"}\n\n`,
    outcomes: { all: failed('begin www', '', { hides: ['w'.repeat(WORDS_LIMIT + 1)] }) },
    inOnePacket: true,
  },
  {
    title: 'a cut between the halves of a character leaves no half',
    body: event({ error: { message: `x${'😀'.repeat(600)}` } }),
    outcomes: { all: failed('x😀', '', { hides: ['\ufffd'] }) },
    inOnePacket: true,
  },
  {
    title: 'other scripts',
    body: event({ error: { message: '模型过载，请稍后再试 👋🏽' } }),
    outcomes: { all: failed('模型过载，请稍后再试 👋🏽') },
  },
]);
