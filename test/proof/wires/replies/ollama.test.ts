import {
  answer,
  cut,
  cutShort,
  done,
  FIRST,
  failed,
  garbled,
  line,
  lost,
  SAID,
  SECOND,
  STOPPED,
  said,
  saidOf,
  saidText,
  TEXT,
  usage,
  waited,
} from './pieces.js';
import { WORDS_LIMIT } from './row.js';
import { testRows } from './rows.js';

const asJson = ['content-type: application/json; charset=utf-8'];

testRows('ollama', 'what ends an answer', [
  { title: 'done: true', body: SAID + done(), outcomes: { all: STOPPED, fin: STOPPED } },
  { title: 'done: true, without a reason', body: SAID + done({}), outcomes: { all: answer(TEXT, {}) } },
  {
    title: 'done: true, without a message',
    body: `${SAID}${line({ done: true, done_reason: 'stop' })}`,
    outcomes: { all: STOPPED },
  },
  {
    title: 'done: true in the line with the last text',
    body: saidText(FIRST) + said({ content: SECOND }, { done: true, done_reason: 'length' }),
    outcomes: { all: answer(TEXT, { finishReason: 'length' }) },
  },
  {
    title: 'done: true in the last line, without its newline',
    body: (SAID + done()).trimEnd(),
    outcomes: { clean: STOPPED, fin: [STOPPED, lost(TEXT), cut(TEXT, { says: [] })] },
  },
  {
    title: 'done: true in the last line, without its newline, and silence or a reset',
    body: (SAID + done()).trimEnd(),
    outcomes: { open: [STOPPED, ...waited(TEXT)], reset: [STOPPED, lost(TEXT)] },
    unsure: 'the JSON is complete, its line is not',
    grace: true,
    deadlineMs: 300,
    inOnePacket: true,
  },
  {
    title: 'anything after done: true',
    body: `${SAID}${done()}{"oops\n${line({ error: 'late' })}${saidText('late')}`,
    outcomes: { all: STOPPED },
  },
  {
    title: '300 KB after done: true',
    body: SAID + done() + saidText('x'.repeat(300_000)),
    outcomes: { clean: STOPPED, open: STOPPED },
    inOnePacket: true,
  },
  { title: 'the end of the body without done', body: SAID, outcomes: cutShort(TEXT) },
  {
    title: 'the end of the connection without done',
    body: SAID,
    framing: 'close',
    outcomes: { clean: cut(TEXT), reset: [lost(TEXT), cut(TEXT)] },
    unsure: 'undici takes the reset of such a body as its end',
  },
  {
    title: 'done: false in the last line, with its counts (ollama#10015)',
    body: SAID + said({}, { eval_count: 2, total_duration: 5 }),
    outcomes: cutShort(TEXT),
  },
  {
    title: 'no done field at all',
    body: line({ message: { content: FIRST } }) + line({ message: { content: SECOND } }),
    outcomes: cutShort(TEXT),
  },
  { title: 'an empty body', body: '', outcomes: cutShort() },
  { title: 'blank lines alone', body: '\n\n\n', outcomes: cutShort() },
  {
    title: 'the end of the body in the middle of a line',
    body: `${SAID}{"message":{"content":"he`,
    outcomes: {
      clean: [cut(TEXT), garbled(TEXT)],
      reset: lost(TEXT),
      fin: [cut(TEXT, { says: [] }), garbled(TEXT), lost(TEXT)],
    },
    unsure: 'cut, or a frame that cannot be parsed: both are protocol errors',
  },
  {
    title: 'done_reason without done, then the end of the body (ollama-vscode#61)',
    body: SAID + said({}, { done_reason: 'stop' }),
    outcomes: { clean: STOPPED, reset: STOPPED, fin: STOPPED },
  },
  {
    title: 'done_reason without done, then silence',
    body: SAID + said({}, { done_reason: 'stop' }),
    outcomes: { open: STOPPED },
    grace: true,
  },
  {
    title: 'done_reason with text beside it, then the end of the body',
    body: saidText(FIRST) + said({ content: SECOND }, { done_reason: 'length' }),
    outcomes: { clean: answer(TEXT, { finishReason: 'length' }), reset: lost(TEXT) },
  },
  {
    title: 'done_reason in each line while text goes on',
    body: said({ content: FIRST }, { done_reason: '' }) + said({ content: SECOND }, { done_reason: 'stop' }) + done({}),
    outcomes: { all: STOPPED },
  },
  {
    title: 'silence without a reason',
    body: SAID,
    outcomes: { open: waited(TEXT) },
    grace: true,
    inOnePacket: true,
    deadlineMs: 250,
  },
  {
    title: 'a model that was loaded for an empty prompt',
    body: done({ done_reason: 'load' }),
    outcomes: { all: answer('', { finishReason: 'load' }) },
  },
]);

testRows('ollama', 'how lines are written', [
  {
    title: 'cut in the status line and the headers, too',
    body: SAID + done(),
    cutHead: true,
    outcomes: { all: STOPPED },
  },
  { title: 'a byte order mark', body: `\ufeff${SAID}${done()}`, outcomes: { all: STOPPED } },
  { title: 'CRLF', body: (SAID + done()).replaceAll('\n', '\r\n'), outcomes: { all: STOPPED } },
  {
    title: 'blank lines between',
    body: `\n\n${(SAID + done()).replaceAll('\n', '\n\n \r\n')}`,
    outcomes: { all: STOPPED },
  },
  {
    title: 'a pretty-printed object in place of a stream',
    headers: asJson,
    body: JSON.stringify(saidOf({ content: TEXT }, { done: true, done_reason: 'stop' }), null, 2),
    outcomes: { clean: STOPPED },
  },
  {
    title: 'a pretty-printed object in place of a stream, with a newline',
    headers: asJson,
    framing: 'length',
    body: `${JSON.stringify(saidOf({ content: TEXT }, { done: true, done_reason: 'stop' }), null, 4)}\n`,
    outcomes: { all: STOPPED },
  },
  {
    title: 'a pretty-printed object with CRLF and blank lines in it',
    headers: asJson,
    body: `${JSON.stringify(saidOf({ content: TEXT }, { done: true, done_reason: 'stop' }), null, 2).replaceAll('\n', '\r\n\r\n')}\n`,
    outcomes: { clean: STOPPED },
  },
  {
    title: 'several pretty-printed objects, one after the other',
    body: [saidOf({ content: FIRST }), saidOf({ content: SECOND }), saidOf({}, { done: true, done_reason: 'stop' })]
      .map((one) => `${JSON.stringify(one, null, 2)}\n`)
      .join(''),
    outcomes: { all: STOPPED },
  },
  {
    title: 'a whole object on one line in place of a stream',
    headers: asJson,
    body: JSON.stringify(saidOf({ content: TEXT }, { done: true, done_reason: 'stop' })),
    outcomes: { clean: STOPPED },
  },
  {
    title: 'a whole object with done: false in place of a stream (ollama#13239)',
    headers: asJson,
    body: JSON.stringify(saidOf({ content: TEXT })),
    outcomes: { clean: cut(TEXT) },
  },
  {
    title: 'braces, quotes and newlines in the text',
    body: JSON.stringify(saidOf({ content: '}{"done":true}\n\\"[' }), null, 2) + done(),
    outcomes: { all: answer('}{"done":true}\n\\"[') },
  },
  {
    title: 'two objects on one line',
    body: `${SAID.trim().replaceAll('\n', '')}\n${done()}`,
    outcomes: { all: [STOPPED, garbled()] },
    unsure: 'the specification knows one value over several lines, not several on one line',
  },
  {
    title: 'all objects on one line, without a newline',
    body: (SAID + done()).replaceAll('\n', ''),
    outcomes: { clean: [STOPPED, garbled()] },
    unsure: 'the specification knows one value over several lines, not several on one line',
  },
  {
    title: 'data: in front of each line, as some proxies send it',
    headers: ['content-type: text/event-stream'],
    body: (SAID + done()).replaceAll(/^(?=.)/gm, 'data: ').replaceAll('\n', '\n\n'),
    outcomes: { clean: [STOPPED, garbled()] },
    unsure: 'the specification knows lines for Ollama, not events',
  },
  {
    title: 'null as a line',
    body: `${saidText(FIRST)}null\n${saidText(SECOND)}${done()}`,
    outcomes: { all: [STOPPED, garbled(FIRST)] },
    unsure: 'null means nothing in an event; of lines it is not said',
  },
  { title: 'an empty object as a line', body: `{}\n${SAID}{}\n${done()}`, outcomes: { all: STOPPED } },
  { title: 'no content type', headers: [], body: SAID + done(), outcomes: { all: STOPPED } },
]);

testRows('ollama', 'messages', [
  {
    title: 'content: null and ""',
    body: said({ content: null }) + SAID + said({ content: '' }) + done(),
    outcomes: { all: STOPPED },
  },
  {
    title: 'message: null, and none',
    body: line({ message: null, done: false }) + line({ done: false }) + SAID + done(),
    outcomes: { all: STOPPED },
  },
  {
    title: 'content as an array of parts',
    body:
      said({ content: [{ type: 'text', text: FIRST }, null, { type: 'image' }] }) +
      said({ content: [{ type: 'text', text: SECOND }] }) +
      done(),
    outcomes: { all: STOPPED },
  },
  {
    title: 'the counts of tokens',
    body: SAID + done({ done_reason: 'stop', total_duration: 5_191_566_416, prompt_eval_count: 26, eval_count: 298 }),
    outcomes: {
      all: answer(TEXT, {
        finishReason: 'stop',
        usage: usage(26, 298),
        metadata: { total_duration: 5_191_566_416, prompt_eval_count: 26, eval_count: 298, done_reason: 'stop' },
      }),
    },
  },
  {
    title: 'the counts in a whole object',
    headers: asJson,
    body: JSON.stringify(
      saidOf({ content: TEXT }, { done: true, done_reason: 'stop', prompt_eval_count: 26, eval_count: 298 }),
      null,
      2,
    ),
    outcomes: { clean: answer(TEXT, { finishReason: 'stop', usage: usage(26, 298) }) },
  },
  {
    title: 'eval_count alone: the prompt was in the cache',
    body: SAID + done({ done_reason: 'stop', eval_count: 298 }),
    outcomes: { all: [STOPPED, answer(TEXT, { finishReason: 'stop', usage: usage(0, 298) })] },
    unsure: 'whether half of the counts is usage',
  },
  {
    title: 'the model',
    body: said({ content: TEXT }, { model: 'llama3.2' }) + done({ model: 'llama3.2', done_reason: 'stop' }),
    outcomes: { all: answer(TEXT, { finishReason: 'stop', model: 'llama3.2' }) },
  },
  {
    title: 'thinking, then text',
    body: said({ thinking: 'Hm, ' }) + said({ thinking: '5 €?' }) + SAID + done(),
    outcomes: { all: answer(TEXT, { finishReason: 'stop', reasoning: 'Hm, 5 €?' }) },
  },
  {
    title: 'thinking beside text, null and ""',
    body:
      said({ thinking: 'Hm, 5 €?', content: FIRST }) +
      said({ thinking: null, content: SECOND }) +
      said({ thinking: '' }) +
      done(),
    outcomes: { all: answer(TEXT, { finishReason: 'stop', reasoning: 'Hm, 5 €?' }) },
  },
  { title: 'thinking, and then the end: the answer was cut', body: said({ thinking: 'Hm' }), outcomes: cutShort() },
  {
    title: 'a tool call with an object as arguments',
    body: said({ tool_calls: [{ function: { name: 'look', arguments: { at: 'Zürich' } } }] }) + done(),
    outcomes: {
      all: answer('', { finishReason: 'stop', toolCalls: [{ name: 'look', arguments: '{"at":"Zürich"}' }] }),
    },
  },
  {
    title: 'a tool call with an id and an index (Ollama 0.12)',
    body:
      said({ tool_calls: [{ id: 'call_1', function: { index: 0, name: 'look', arguments: { at: 'Zürich' } } }] }) +
      done(),
    outcomes: {
      all: answer('', {
        finishReason: 'stop',
        toolCalls: [{ id: 'call_1', name: 'look', arguments: '{"at":"Zürich"}' }],
      }),
    },
  },
  {
    title: 'two tool calls in one line',
    body:
      said({
        tool_calls: [
          { function: { name: 'look', arguments: { at: 'Zürich' } } },
          { function: { name: 'look', arguments: { at: 'Bern' } } },
        ],
      }) + done(),
    outcomes: {
      all: answer('', {
        finishReason: 'stop',
        toolCalls: [
          { name: 'look', arguments: '{"at":"Zürich"}' },
          { name: 'look', arguments: '{"at":"Bern"}' },
        ],
      }),
    },
  },
  {
    title: 'two tool calls in two lines',
    body:
      said({ tool_calls: [{ function: { name: 'look', arguments: { at: 'Zürich' } } }] }) +
      said({ tool_calls: [{ function: { name: 'look', arguments: { at: 'Bern' } } }] }) +
      done(),
    outcomes: {
      all: answer('', {
        finishReason: 'stop',
        toolCalls: [
          { name: 'look', arguments: '{"at":"Zürich"}' },
          { name: 'look', arguments: '{"at":"Bern"}' },
        ],
      }),
    },
  },
  {
    title: 'two tool calls in two lines, each with its index',
    body:
      said({ tool_calls: [{ id: 'a', function: { index: 0, name: 'look', arguments: { at: 'Zürich' } } }] }) +
      said({ tool_calls: [{ id: 'b', function: { index: 1, name: 'look', arguments: { at: 'Bern' } } }] }) +
      done(),
    outcomes: {
      all: answer('', {
        finishReason: 'stop',
        toolCalls: [
          { id: 'a', name: 'look', arguments: '{"at":"Zürich"}' },
          { id: 'b', name: 'look', arguments: '{"at":"Bern"}' },
        ],
      }),
    },
  },
  {
    title: 'a tool call in the last line (llama-swappo)',
    body: said(
      { tool_calls: [{ function: { name: 'look', arguments: {} } }] },
      { done: true, done_reason: 'tool_calls' },
    ),
    outcomes: { all: answer('', { finishReason: 'tool_calls', toolCalls: [{ name: 'look', arguments: '{}' }] }) },
  },
  {
    title: 'arguments as a text',
    body: said({ tool_calls: [{ function: { name: 'look', arguments: '{"at":"Zürich"}' } }] }) + done(),
    outcomes: {
      all: answer('', { finishReason: 'stop', toolCalls: [{ name: 'look', arguments: '{"at":"Zürich"}' }] }),
    },
  },
  {
    title: 'tool_calls: null and []',
    body: said({ content: TEXT, tool_calls: null }) + said({ tool_calls: [] }) + done(),
    outcomes: { all: STOPPED },
  },
  {
    title: 'a tool call, and then the end: the answer was cut',
    body: said({ tool_calls: [{ function: { name: 'look', arguments: {} } }] }),
    outcomes: cutShort(),
  },
]);

const errors: readonly { from: string; bytes: string; says: string | readonly string[] }[] = [
  {
    from: 'a text',
    bytes: line({ error: 'an error was encountered while running the model: unexpected EOF' }),
    says: 'an error was encountered while running the model: unexpected EOF',
  },
  { from: 'an object', bytes: line({ error: { message: 'CUDA error', code: 500 } }), says: 'CUDA error' },
  {
    from: 'a pretty-printed object',
    bytes: `${JSON.stringify({ error: { message: 'CUDA error' } }, null, 2)}\n`,
    says: 'CUDA error',
  },
  {
    from: 'a text beside done: true',
    bytes: line({ error: 'aborted', done: true, done_reason: 'stop' }),
    says: 'aborted',
  },
  { from: 'a text beside an empty message', bytes: said({}, { error: 'aborted' }), says: 'aborted' },
  { from: '{"detail"} alone (a proxy in FastAPI)', bytes: line({ detail: 'no GPU' }), says: 'no GPU' },
  {
    from: '{"detail":[{"msg"}]}',
    bytes: line({ detail: [{ loc: ['body'], msg: 'field required' }] }),
    says: 'field required',
  },
  { from: '{"message":"text"} alone', bytes: line({ message: 'quota exceeded' }), says: 'quota exceeded' },
  {
    from: '{"object":"error","message"}',
    bytes: line({ object: 'error', message: 'no such model' }),
    says: 'no such model',
  },
];

testRows('ollama', 'errors in a 200 stream', [
  ...errors.flatMap(({ from, bytes, says }) => [
    { title: `first: ${from}`, body: bytes, outcomes: { all: failed(says) } },
    { title: `after text: ${from}`, body: SAID + bytes, outcomes: { all: failed(says, TEXT) } },
  ]),
  {
    title: 'without a newline',
    body: `${SAID}{"error":"died"}`,
    outcomes: { clean: failed('died', TEXT), fin: [failed('died', TEXT), lost(TEXT), cut(TEXT, { says: [] })] },
  },
  {
    title: 'an HTML page behind the lines',
    body: `${SAID}<html><head><title>502 Bad Gateway</title></head></html>\n`,
    outcomes: { clean: [failed([], TEXT), garbled(TEXT)] },
    unsure: 'an error of a proxy, or a frame that cannot be parsed; never a success',
  },
  {
    title: 'an error: field of llama.cpp behind the lines',
    body: `${SAID}error: {"message":"died"}\n`,
    outcomes: { clean: [failed('died', TEXT), garbled(TEXT, 'died')] },
    unsure: 'an error, or a frame that cannot be parsed; its words are shown',
  },
  {
    title: 'without a newline, as the whole body',
    headers: asJson,
    framing: 'length',
    body: '{"error":"died"}',
    outcomes: { clean: failed('died') },
  },
  {
    title: 'text and done: true go on after it: the error counts',
    body: saidText(FIRST) + line({ error: 'died' }) + saidText('more') + done(),
    outcomes: { all: failed('died', FIRST) },
  },
  ...['""', 'null', '{}'].flatMap((value) => [
    {
      title: `"error": ${value} is no error`,
      body: (SAID + done()).replaceAll('"message":', `"error":${value},"message":`),
      outcomes: { all: STOPPED },
    },
    {
      title: `"error": ${value} alone is no error`,
      body: `{"error":${value}}\n${SAID}${done()}`,
      outcomes: { all: STOPPED },
    },
  ]),
  {
    title: 'control characters are left out',
    body: line({ error: 'line one\r\nline two\u0000\u001b[31mred' }),
    outcomes: { all: failed(['line one', 'line two', 'red']) },
  },
  {
    title: 'at most 500 characters are shown',
    body: line({ error: `begin ${'w'.repeat(10_000)}` }),
    outcomes: { all: failed('begin www', '', { hides: ['w'.repeat(WORDS_LIMIT + 1)] }) },
    inOnePacket: true,
  },
  {
    title: 'an HTML page: its title',
    headers: ['content-type: text/html'],
    body: '<html>\n<head><title>Sign in</title></head>\n<body>x</body>\n</html>\n',
    outcomes: { clean: [failed('Sign in'), garbled('', 'Sign in')] },
    unsure: 'an error of the server, or no answer: the title is shown in any case',
  },
  {
    title: 'plain text: what Ollama says to GET /',
    headers: ['content-type: text/plain'],
    body: 'Ollama is running',
    outcomes: { clean: [failed('Ollama is running'), garbled('', 'Ollama is running')] },
    unsure: 'an error of the server, or no answer: the words are shown in any case',
  },
]);

testRows('ollama', 'what cannot be read', [
  {
    title: 'broken JSON in the first line',
    body: `{"message":{"content":"he\n${SAID}${done()}`,
    outcomes: { all: garbled('', 'content') },
    unsure: 'the reader may wait for the rest of a pretty-printed value',
  },
  { title: 'broken JSON after text', body: `${SAID}{oops}\n${done()}`, outcomes: { clean: garbled(TEXT, '{oops}') } },
  {
    title: 'no JSON after text',
    body: `${SAID}Killed\n`,
    outcomes: { clean: [garbled(TEXT, 'Killed'), failed('Killed', TEXT)] },
    unsure: 'a frame that cannot be parsed, or the words of the server',
  },
  {
    title: 'broken JSON of 5,000 characters: the first 200 are shown',
    body: `${SAID}{${'y'.repeat(5_000)}\n`,
    outcomes: { clean: { ...garbled(TEXT, 'y'.repeat(150)), hides: ['y'.repeat(210)] } },
    inOnePacket: true,
  },
  ...[
    '42',
    '"text"',
    'true',
    '[]',
    '[null]',
    '{"message":7,"done":false}',
    '{"message":[],"done":0}',
    '{"message":{"content":7,"tool_calls":7}}',
    '{"message":{"tool_calls":[null,7]}}',
  ].map((data) => ({
    title: `an unexpected shape: ${data}`,
    body: `${saidText(FIRST)}${data}\n${saidText(SECOND)}${done()}`,
    outcomes: { all: [STOPPED, answer(`${FIRST}7${SECOND}`), garbled(FIRST), failed([], FIRST)] },
    unsure: 'skipped, or a fault of the peer',
  })),
  {
    title: 'an answer of the OpenAI kind',
    headers: asJson,
    body: '{"object":"chat.completion","choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}]}',
    outcomes: { clean: { code: 'protocol_error' } },
  },
  {
    title: 'an SSH banner',
    verbatim: 'SSH-2.0-OpenSSH_9.6\r\n',
    body: '',
    outcomes: { clean: [{ code: 'protocol_error' }, lost()] },
    unsure: 'no HTTP at all: a fault of the peer, or a lost link',
  },
  { title: 'nothing, and the connection closes', verbatim: '', body: '', outcomes: { fin: lost(), reset: lost() } },
  {
    title: 'invalid UTF-8 in the text',
    body: Buffer.concat([
      Buffer.from('{"message":{"content":"a'),
      Buffer.from([0xff]),
      Buffer.from(`b"},"done":false}\n${done()}`),
    ]),
    outcomes: { all: [answer('a\ufffdb'), garbled()] },
    unsure: 'replaced, or a fault of the peer',
  },
  {
    title: '102 and 103 responses in front of the answer',
    before: 'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n',
    body: SAID + done(),
    outcomes: { all: STOPPED },
  },
]);
