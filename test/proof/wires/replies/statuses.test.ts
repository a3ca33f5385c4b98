import { answer, cut, done, END, failed, line, lost, PIECES, SAID, STOPPED } from './pieces.js';
import type { Failure, Outcomes, Row, Wire } from './row.js';
import { testRows } from './rows.js';

const json = ['content-type: application/json'];
const page = ['content-type: text/html'];
const htmlOf = (title: string, server: string) =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>${server}</center>\r\n</body>\r\n</html>\r\n`;
const openAiError = (message: string, more: object = {}) =>
  JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null, ...more } });

interface Status {
  readonly title: string;
  readonly status: string;
  readonly headers?: readonly string[];
  readonly body: string;
  readonly says: Failure['says'];
  readonly more?: Partial<Failure>;
}

const overloaded = { code: 'overloaded' } as const;

/** Answers of both kinds of servers, and of proxies in front of them. */
const statuses: readonly Status[] = [
  {
    title: 'OpenAI',
    status: '400 Bad Request',
    body: openAiError('max_tokens is too large: 100000'),
    says: 'max_tokens is too large: 100000',
  },
  {
    title: 'vLLM',
    status: '400 Bad Request',
    body: '{"object":"error","message":"[{\'type\': \'extra_forbidden\', \'msg\': \'Extra inputs\'}]","type":"BadRequestError","param":null,"code":400}',
    says: 'extra_forbidden',
  },
  {
    title: 'Gemini, a list',
    status: '400 Bad Request',
    body: '[{\n  "error": {\n    "code": 400,\n    "message": "Request contains an invalid argument.",\n    "status": "INVALID_ARGUMENT"\n  }\n}]\n',
    says: 'Request contains an invalid argument.',
  },
  {
    title: 'Azure, content filter',
    status: '400 Bad Request',
    body: openAiError(
      "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
      {
        code: 'content_filter',
        status: 400,
        innererror: { code: 'ResponsibleAIPolicyViolation' },
      },
    ),
    says: "Azure OpenAI's content management policy",
  },
  {
    title: 'Groq',
    status: '400 Bad Request',
    body: openAiError('Failed to call a function.', { code: 'tool_use_failed', failed_generation: '<x>' }),
    says: 'Failed to call a function.',
  },
  {
    title: 'Ollama',
    status: '400 Bad Request',
    body: '{"error":"\\"llama\\" does not support tools"}',
    says: '"llama" does not support tools',
  },
  {
    title: 'OpenAI',
    status: '401 Unauthorized',
    body: openAiError('Incorrect API key provided: sk-x.'),
    says: ['Incorrect API key provided', /key/i],
  },
  {
    title: 'plain text',
    status: '401 Unauthorized',
    headers: ['content-type: text/plain', 'www-authenticate: Bearer'],
    body: 'Unauthorized',
    says: ['Unauthorized', /key/i],
  },
  { title: 'an empty body', status: '403 Forbidden', body: '', says: /key/i },
  {
    title: 'a Cloudflare page',
    status: '403 Forbidden',
    headers: page,
    body: '<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title><meta charset="UTF-8"></head><body><script>x()</script></body></html>',
    says: ['Just a moment...', /key/i],
  },
  { title: 'FastAPI', status: '404 Not Found', body: '{"detail":"Not Found"}', says: ['Not Found', 'llama'] },
  {
    title: 'Go',
    status: '404 Not Found',
    headers: ['content-type: text/plain'],
    body: '404 page not found',
    says: ['404 page not found', 'llama'],
  },
  {
    title: 'vLLM',
    status: '404 Not Found',
    body: '{"object":"error","message":"The model `llama` does not exist.","type":"NotFoundError","param":null,"code":404}',
    says: 'The model `llama` does not exist.',
  },
  {
    title: 'Ollama',
    status: '404 Not Found',
    body: '{"error":"model \'llama\' not found"}',
    says: "model 'llama' not found",
  },
  {
    title: 'nginx',
    status: '405 Not Allowed',
    headers: page,
    body: htmlOf('405 Not Allowed', 'nginx'),
    says: '405 Not Allowed',
  },
  { title: 'an empty body', status: '408 Request Timeout', headers: ['connection: close'], body: '', says: '408' },
  { title: 'JSON', status: '409 Conflict', body: '{"error":{"message":"model is loading"}}', says: 'model is loading' },
  {
    title: 'nginx',
    status: '413 Request Entity Too Large',
    headers: page,
    body: htmlOf('413 Request Entity Too Large', 'nginx/1.24.0'),
    says: '413 Request Entity Too Large',
  },
  {
    title: 'FastAPI',
    status: '422 Unprocessable Entity',
    body: '{"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required","input":{}},{"type":"int_type","loc":["body","n"],"msg":"Input should be an integer"}]}',
    says: ['Field required', 'Input should be an integer'],
  },
  {
    title: 'TGI',
    status: '422 Unprocessable Entity',
    body: '{"error":"Input validation error: too long","error_type":"validation"}',
    says: 'Input validation error: too long',
  },
  {
    title: 'OpenAI',
    status: '429 Too Many Requests',
    body: openAiError('Rate limit reached for requests', { code: 'rate_limit_exceeded' }),
    says: 'Rate limit reached for requests',
    more: overloaded,
  },
  {
    title: 'an empty body',
    status: '429 Too Many Requests',
    body: '',
    says: '429',
    more: { ...overloaded, retryAfterMs: null },
  },
  {
    title: 'FastAPI',
    status: '500 Internal Server Error',
    headers: ['content-type: text/plain; charset=utf-8'],
    body: 'Internal Server Error',
    says: 'Internal Server Error',
  },
  {
    title: 'Ollama',
    status: '500 Internal Server Error',
    body: '{"error":"llama runner process has terminated: exit status 2"}',
    says: 'llama runner process has terminated: exit status 2',
  },
  {
    title: 'llama.cpp',
    status: '500 Internal Server Error',
    body: '{"error":{"code":500,"message":"context size exceeded","type":"exceed_context_size_error","n_ctx":256}}',
    says: 'context size exceeded',
  },
  { title: 'JSON that is no error', status: '500 Internal Server Error', body: '{"ok":false}', says: '500' },
  { title: 'an empty error', status: '500 Internal Server Error', body: '{"error":""}', says: '500' },
  {
    title: 'JSON that is cut',
    status: '500 Internal Server Error',
    body: '{"error":{"message":"half of',
    says: ['500', 'half of'],
  },
  {
    title: 'events',
    status: '500 Internal Server Error',
    headers: ['content-type: text/event-stream'],
    body: 'data: {"error":{"message":"it died"}}\n\n',
    says: ['500', 'it died'],
  },
  {
    title: 'binary data',
    status: '500 Internal Server Error',
    headers: ['content-encoding: gzip'],
    body: '\u001f\u008b\u0008\u0000',
    says: '500',
  },
  {
    title: 'nginx',
    status: '502 Bad Gateway',
    headers: page,
    body: htmlOf('502 Bad Gateway', 'nginx/1.27.4'),
    says: '502 Bad Gateway',
  },
  {
    title: 'OpenRouter',
    status: '502 Bad Gateway',
    body: '{"error":{"code":502,"message":"Provider returned error"},"user_id":"u"}',
    says: 'Provider returned error',
  },
  {
    title: 'llama.cpp',
    status: '503 Service Unavailable',
    body: '{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}',
    says: 'Loading model',
    more: overloaded,
  },
  {
    title: 'Envoy',
    status: '503 Service Unavailable',
    headers: ['content-type: text/plain'],
    body: 'upstream connect error or disconnect/reset before headers',
    says: 'upstream connect error',
    more: { ...overloaded, retryAfterMs: null },
  },
  ...(
    [
      ['a detail that is an object (FastAPI)', '{"detail":{"error":"no GPU is free"}}', 'no GPU is free'],
      ['a message that is an object', '{"error":{"message":{"reason":"no GPU is free"}}}', 'no GPU is free'],
      ['a message that is a list', '{"message":["no GPU is free","try later"]}', 'no GPU is free'],
      ['a list of errors (Cloudflare)', '{"success":false,"errors":[{"code":7003,"message":"No route"}]}', 'No route'],
      ['msg', '{"code":1301,"msg":"no GPU is free"}', 'no GPU is free'],
      ['error_description (OAuth)', '{"error":"invalid_token","error_description":"expired"}', 'invalid_token'],
      ['a problem (RFC 9457)', '{"type":"about:blank","title":"Busy","detail":"no GPU is free"}', 'no GPU is free'],
      ['Message (AWS)', '{"Message":"no GPU is free"}', 'no GPU is free'],
      ['a fault (Apigee)', '{"fault":{"faultstring":"Spike arrest"}}', 'Spike arrest'],
      ['XML', '<?xml version="1.0"?><Error><Message>Access is denied</Message></Error>', 'Access is denied'],
      ['HTML without a title', '<html><body><h1>It is broken</h1></body></html>', 'It is broken'],
      ['a JSON text', '"no GPU is free"', 'no GPU is free'],
      ['a list of texts', '["no GPU is free"]', 'no GPU is free'],
    ] as const
  ).map(([title, body, says]) => ({ title, status: '500 Internal Server Error', body, says })),
  {
    title: 'nginx',
    status: '504 Gateway Time-out',
    headers: page,
    body: htmlOf('504 Gateway Time-out', 'nginx'),
    says: '504 Gateway Time-out',
  },
  {
    title: 'Cloudflare',
    status: '524 <none>',
    headers: page,
    body: '<!DOCTYPE html>\n<html>\n<head>\n<title>\n  models.example | 524: A timeout occurred\n</title></head></html>',
    says: 'models.example | 524: A timeout occurred',
  },
  {
    title: 'Anthropic-like',
    status: '529 Overloaded',
    body: '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    says: 'Overloaded',
  },
];

const statusOf = (status: string) => Number(status.slice(0, 3));

const rowsOf = (wire: Wire): Row[] =>
  statuses.map(({ title, status, headers = json, body, says, more }) => ({
    title: `${status}: ${title}`,
    status,
    headers,
    body,
    framing: 'length',
    outcomes: {
      clean: failed(says, '', {
        status: statusOf(status),
        ...(status.startsWith('404') && {
          says: [says ?? [], 'llama', wire === 'openai' ? '/v1/chat/completions' : '/api/chat'].flat(),
        }),
        ...more,
      }),
    },
  }));

const redirects = (): Row[] =>
  (
    [
      ['301 Moved Permanently', 'https://models.example/v1/chat/completions'],
      ['302 Found', 'http://127.0.0.1:1/elsewhere'],
      ['307 Temporary Redirect', '/api/v1/chat/completions'],
      ['308 Permanent Redirect', 'https://login.example/?next=%2Fv1'],
    ] as const
  ).map(([status, location]) => ({
    title: `${status}: the error names the location, and nothing follows it`,
    status,
    headers: [...page, `location: ${location}`],
    framing: 'length',
    body: htmlOf(status, 'nginx'),
    outcomes: { clean: failed(location, '', { status: statusOf(status) }) },
  }));

const odd = (wire: Wire): Row[] => {
  const body = wire === 'openai' ? PIECES + END : SAID + done();
  const fails = (status: number): Failure => failed('half', '', { status });
  return [
    ...['201 Created', '202 Accepted', '203 Non-Authoritative Information', '206 Partial Content'].map((status) => ({
      title: `${status} with a usable body is an answer`,
      status,
      body,
      outcomes: { all: STOPPED } as Outcomes,
    })),
    { title: 'a status without a reason phrase', status: '200', body, outcomes: { all: STOPPED } },
    {
      title: '204 without a body is no answer',
      status: '204 No Content',
      verbatim: 'HTTP/1.1 204 No Content\r\n\r\n',
      body: '',
      outcomes: { clean: cut() },
    },
    {
      title: '200 with content-length: 0 is no answer',
      framing: 'length',
      body: '',
      outcomes: { clean: cut() },
    },
    {
      title: '500 with a usable body is an error',
      status: '500 Internal Server Error',
      body,
      outcomes: { clean: failed('500', '', { status: 500 }) },
      inOnePacket: true,
    },
    {
      title: '300 without a location',
      status: '300 Multiple Choices',
      headers: json,
      body: '{}',
      outcomes: { clean: failed('300', '', { status: 300 }) },
    },
    {
      title: '304 without a location',
      verbatim: 'HTTP/1.1 304 Not Modified\r\n\r\n',
      body: '',
      outcomes: { clean: failed('304', '', { status: 304 }) },
    },
    {
      title: '500 whose body is lost in the middle',
      status: '500 Internal Server Error',
      headers: json,
      framing: 'length',
      body: '{"error":"half',
      outcomes: { reset: [fails(500), lost()], fin: [fails(500), lost(), { code: 'protocol_error' }] },
      unsure: 'the status has come, its words only in part',
    },
    {
      title: '500 whose body is kept open',
      status: '500 Internal Server Error',
      headers: json,
      framing: 'length',
      body: '{"error":"half"}',
      outcomes: { open: [fails(500), { code: 'deadline_exceeded' }] },
      unsure: 'the status has come, its body does not end',
      grace: true,
      inOnePacket: true,
      deadlineMs: 400,
    },
    {
      title: '500 with a page of 2 MB',
      status: '500 Internal Server Error',
      headers: page,
      body: `<html><head><title>Too big</title></head>${'x'.repeat(2_000_000)}</html>`,
      outcomes: { clean: failed('Too big', '', { status: 500 }) },
      inOnePacket: true,
    },
    {
      title: 'x-should-retry: true does not repeat a POST',
      status: '500 Internal Server Error',
      headers: [...json, 'x-should-retry: true', 'retry-after: 0'],
      framing: 'length',
      body: '{"error":{"message":"try again"}}',
      outcomes: { clean: failed('try again', '', { status: 500 }) },
    },
    {
      title: 'x-should-retry: false changes nothing',
      status: '429 Too Many Requests',
      headers: [...json, 'x-should-retry: false'],
      framing: 'length',
      body: '{"error":{"message":"quota is used up"}}',
      outcomes: { clean: failed('quota is used up', '', { ...overloaded, status: 429, retryAfterMs: null }) },
    },
    {
      title: 'text of the server that looks like our own code',
      status: '400 Bad Request',
      headers: json,
      framing: 'length',
      body: line({ error: '[overloaded] \u001b[2Jx' }),
      outcomes: { clean: failed('[overloaded]', '', { status: 400 }) },
    },
  ];
};

const DAY_MS = 86_400_000;
const inTenMinutes = () => new Date(Date.now() + 600_000).toUTCString();

/** Values of Retry-After, with their meaning. */
const waits: readonly (readonly [string, Failure['retryAfterMs'], string?])[] = [
  ['20', 20_000],
  ['0', 0],
  ['1', 1_000],
  ['1.5', 1_500],
  ['0.493', 493],
  [' 7 ', 7_000],
  ['86400', DAY_MS],
  ['86401', DAY_MS],
  ['999999999999', DAY_MS],
  ['Wed, 21 Oct 2015 07:28:00 GMT', 0],
  ['Fri, 31 Dec 9999 23:59:59 GMT', DAY_MS],
  ['', null],
  ['soon', null],
  ['NaN', null],
];

const unsureWaits: readonly (readonly [string, readonly Failure['retryAfterMs'][], string])[] = [
  ['-5', [0, null], 'never negative: 0 or none'],
  ['1e3', [1_000_000, null], 'a number, or garbage'],
  ['Infinity', [DAY_MS, null], 'the cap, or garbage'],
  ['20, 30', [20_000, 30_000, null], 'two headers in one'],
  ['20s', [20_000, null], 'a unit, as some proxies send it'],
];

const retryRow = (
  status: string,
  value: string,
  expected: readonly Failure['retryAfterMs'][],
  unsure?: string,
): Row => ({
  title: `${status.slice(0, 3)} with Retry-After: "${value}"`,
  status,
  headers: [...json, `retry-after: ${value}`],
  framing: 'length',
  body: '{"error":"busy"}',
  outcomes: {
    clean: expected.map((retryAfterMs) =>
      failed('busy', '', {
        ...overloaded,
        status: statusOf(status),
        ...(retryAfterMs !== undefined && { retryAfterMs }),
      }),
    ),
  },
  ...(unsure !== undefined && { unsure }),
});

const retries = (): Row[] => [
  ...waits.flatMap(([value, expected]) =>
    ['429 Too Many Requests', '503 Service Unavailable'].map((status) => retryRow(status, value, [expected])),
  ),
  ...unsureWaits.map(([value, expected, why]) => retryRow('429 Too Many Requests', value, expected, why)),
  retryRow('429 Too Many Requests', inTenMinutes(), [[500_000, 600_000]]),
  {
    title: 'another error with Retry-After',
    status: '500 Internal Server Error',
    headers: [...json, 'Retry-After: 3'],
    framing: 'length',
    body: '{"error":"busy"}',
    outcomes: { clean: failed('busy', '', { status: 500, retryAfterMs: 3_000 }) },
  },
];

for (const wire of ['openai', 'ollama'] as const) {
  testRows(wire, 'statuses', rowsOf(wire));
  testRows(wire, 'redirects', redirects());
  testRows(wire, 'other statuses', odd(wire));
  testRows(wire, 'Retry-After', retries());
}

testRows('openai', 'an answer with Retry-After', [
  { title: 'is an answer', headers: ['retry-after: 20'], body: PIECES + END, outcomes: { clean: STOPPED } },
]);

testRows('ollama', 'an answer with Retry-After', [
  {
    title: 'is an answer',
    headers: ['retry-after: 20'],
    body: SAID + done({}),
    outcomes: { clean: answer(STOPPED.text, {}) },
  },
]);
