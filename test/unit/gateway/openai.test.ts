import http from 'node:http';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { GatewayOptions } from '../../../src/gateway/index.js';
import { type GatewayServer, gatewayHandler, serveGateway } from '../../../src/gateway/index.js';
import { type CiServer, createPool, type Pool, serveCi } from '../../../src/index.js';

const user = (content: unknown) => [{ role: 'user', content }];
/** The raw requests that the CI got, and the reasons why it was left. */
const seen: { raw: Readonly<Record<string, unknown>>; left: boolean }[] = [];

let ci: CiServer;
let pool: Pool;
let gateway: GatewayServer;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads what it expects.
  readonly json: any;
}

async function fetched(path: string, init?: RequestInit, url = gateway.url): Promise<Answer> {
  const response = await fetch(url + path, init);
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

const post = (body: unknown, headers: Record<string, string> = {}, url?: string) =>
  fetched(
    '/v1/chat/completions',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body),
    },
    url,
  );

const eventsIn = (text: string) =>
  text
    .split('\n\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => JSON.parse(event.slice('data: '.length)));

beforeAll(async () => {
  ci = await serveCi({
    id: 'apollo',
    handler: async function* ({ content, raw, signal }) {
      const entry = { raw, left: false };
      seen.push(entry);
      signal.addEventListener('abort', () => {
        entry.left = true;
      });
      if (content === 'fail') throw new Error('broken');
      yield 'You said ';
      if (content === 'hang') await new Promise((resolve) => signal.addEventListener('abort', resolve));
      if (content === 'long') for (let count = 0; count < 400; count += 1) yield 'x'.repeat(32_768);
      yield content;
      if (content === 'break') throw new Error('broken');
    },
  });
  pool = createPool({ cis: { apollo: ci.url, down: 'tcp://127.0.0.1:9' }, logger: false });
  gateway = await serveGateway(pool);
});

afterAll(async () => {
  await gateway?.close();
  await pool?.close({ drainTimeoutMs: 0 });
  await ci?.close();
});

/** Runs a gateway with other options over the same pool. */
async function withGateway(options: GatewayOptions, act: (url: string) => Promise<void>): Promise<void> {
  await using own = await serveGateway(pool, options);
  await act(own.url);
}

describe('chat completions', () => {
  test('a whole answer', async () => {
    const { status, json } = await post({ model: 'apollo', messages: user('hi') });
    expect(status).toBe(200);
    expect(json).toEqual({
      id: expect.stringMatching(/^chatcmpl-\w{24}$/),
      object: 'chat.completion',
      created: expect.any(Number),
      model: 'apollo',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'You said hi', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
    });
  });

  test('a stream: one id, the role once, a finish reason in the last chunk only, then [DONE]', async () => {
    const { status, text, headers } = await post({ model: 'apollo', stream: true, messages: user('hi') });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const events = eventsIn(text);
    expect(new Set(events.map(({ id }) => id)).size).toBe(1);
    expect(events.map(({ choices: [choice] }) => [choice.delta, choice.finish_reason])).toEqual([
      [{ role: 'assistant', content: 'You said ' }, null],
      [{ content: 'hi' }, null],
      [{}, 'stop'],
    ]);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  test('the system prompt, earlier messages and settings reach a CI of the line protocol', async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'one' }] },
      { role: 'assistant', content: 'two' },
      { role: 'user', content: 'three' },
    ];
    const { status } = await post({
      model: 'apollo:latest',
      messages,
      temperature: 0.5,
      max_tokens: 9,
      seed: 7,
      top_p: null,
    });
    expect(status).toBe(200);
    expect(seen.at(-1)?.raw).toMatchObject({
      content: 'three',
      context: {
        system: 'Be brief.',
        history: [
          { role: 'user', content: 'one' },
          { role: 'assistant', content: 'two' },
        ],
      },
      temperature: 0.5,
      max_tokens: 9,
      seed: 7,
    });
    expect(seen.at(-1)?.raw).not.toHaveProperty('top_p');
  });

  test('all CIs at once: a section for each that answers, and why the others did not', async () => {
    const { json } = await post({ model: 'team', messages: user('hi') });
    expect(json.choices[0].message.content).toMatch(
      /^## apollo\n\nYou said hi\n\n## down\n\nNo answer: .*not_sent\)\.$/,
    );
    const { text } = await post({ model: 'team', stream: true, messages: user('hi') });
    const said = eventsIn(text).map(({ choices: [{ delta }] }) => delta.content ?? '');
    expect(said.join('')).toBe(json.choices[0].message.content);
  });

  test.each([true, false])('a client that leaves cancels its request (stream: %s)', async (stream) => {
    const controller = new AbortController();
    const before = pool.snapshot().totals.metrics.cancelled;
    const asked = postUntil({ model: 'apollo', stream, messages: user('hang') }, controller.signal);
    await vi.waitFor(() => expect(pool.snapshot().totals.inFlight).toBe(1));
    controller.abort();
    await asked;
    await vi.waitFor(() => expect(pool.snapshot().totals.metrics.cancelled).toBe(before + 1));
  });

  const postUntil = (body: object, signal: AbortSignal) =>
    fetched('/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    }).catch(() => undefined);
});

describe('failures say whether asking again is safe', () => {
  test.each([true, false])('a CI that is down: 503, not sent (stream: %s)', async (stream) => {
    const { status, headers, json } = await post({ model: 'down', stream, messages: user('hi') });
    expect([status, headers.get('x-should-retry'), headers.get('retry-after')]).toEqual([503, 'true', '1']);
    expect(json.error).toMatchObject({ code: 'unavailable', delivery: 'not_sent', type: 'server_error' });
  });

  test('a CI that answers with an error: 400, or 502 on demand', async () => {
    const asked = { model: 'apollo', messages: user('fail') };
    const { status, headers, json } = await post(asked);
    expect([status, headers.get('x-should-retry'), headers.get('retry-after')]).toEqual([400, 'false', null]);
    expect(json.error).toMatchObject({ code: 'ci_error', delivery: 'answered' });
    await withGateway({ honestStatus: true }, async (url) => {
      const honest = await post(asked, {}, url);
      expect([honest.status, honest.headers.get('x-should-retry')]).toEqual([502, 'false']);
    });
  });

  test('a failure in the middle of a stream: an error event, and no [DONE]', async () => {
    const { status, text } = await post({ model: 'apollo', stream: true, messages: user('break') });
    expect(status).toBe(200);
    expect(eventsIn(text).at(-1)).toEqual({ error: expect.objectContaining({ delivery: 'answered' }) });
    expect(text).not.toContain('[DONE]');
  });

  test('a client that does not read: an error event, and the request is cancelled', async () => {
    await withGateway({ maxUnreadBytes: 65_536 }, async (url) => {
      const socket = net.connect(Number(new URL(url).port), '127.0.0.1');
      socket.pause();
      const body = JSON.stringify({ model: 'apollo', stream: true, messages: user('long') });
      const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n`;
      const before = pool.snapshot().totals.metrics.cancelled;
      socket.write(head + body);
      await vi.waitFor(() => expect(pool.snapshot().totals.metrics.cancelled).toBe(before + 1), { timeout: 10_000 });
      let tail = '';
      for await (const piece of socket) tail = (tail + String(piece)).slice(-2_000);
      expect(tail).toMatch(/"code":"unread","delivery":"maybe_sent"/);
    });
  });

  test.each<[string, unknown, number, string | null]>([
    ['an unknown CI', { model: 'nobody', messages: user('hi') }, 404, null],
    ['no model', { messages: user('hi') }, 400, 'model'],
    ['no messages', { model: 'apollo' }, 400, 'messages'],
    ['an empty list', { model: 'apollo', messages: [] }, 400, 'messages'],
    ['a message that is no object', { model: 'apollo', messages: [1] }, 400, 'messages[0]'],
    ['an unknown role', { model: 'apollo', messages: [{ role: 'x', content: 'hi' }] }, 400, 'messages[0].role'],
    ['no content', { model: 'apollo', messages: [{ role: 'user' }] }, 400, 'messages[0].content'],
    ['an empty content', { model: 'apollo', messages: user('') }, 400, 'messages[0].content'],
    [
      'an image',
      { model: 'apollo', messages: user([{ type: 'image_url', image_url: { url: 'data:' } }]) },
      400,
      'messages[0].content',
    ],
    ['no question', { model: 'apollo', messages: [{ role: 'assistant', content: 'hi' }] }, 400, 'messages'],
    ['two answers', { model: 'apollo', n: 2, messages: user('hi') }, 400, 'n'],
    ['a sound', { model: 'apollo', modalities: ['audio'], messages: user('hi') }, 400, 'modalities'],
    ['probabilities', { model: 'apollo', logprobs: true, messages: user('hi') }, 400, 'logprobs'],
    ['a wrong stream', { model: 'apollo', stream: 'yes', messages: user('hi') }, 400, 'stream'],
    [
      'wrong stream options',
      { model: 'apollo', stream: true, stream_options: 1, messages: user('hi') },
      400,
      'stream_options',
    ],
    ['a wrong temperature', { model: 'apollo', temperature: 'hot', messages: user('hi') }, 400, 'temperature'],
    ['a wrong limit', { model: 'apollo', max_tokens: 0, messages: user('hi') }, 400, 'max_tokens'],
    ['a list', [], 400, null],
    ['no JSON', '{', 400, null],
    ['nothing', '', 400, null],
    ['invalid UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 400, null],
    ['deep JSON', `{"a":${'['.repeat(200)}${']'.repeat(200)}}`, 400, null],
  ])('%s', async (_name, body, status, param) => {
    const before = seen.length;
    const answer = await post(body);
    expect([answer.status, answer.json.error.param]).toEqual([status, param]);
    expect(answer.json.error.delivery).toBe('not_sent');
    expect(seen.length).toBe(before);
  });

  test('wrong content types, and bodies that are compressed or too large', async () => {
    const body = { model: 'apollo', messages: user('hi') };
    expect((await post(body, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post(body, { 'content-encoding': 'gzip' })).status).toBe(415);
    await withGateway({ maxBodyBytes: 100 }, async (url) => {
      expect((await post({ ...body, user: 'x'.repeat(100) }, {}, url)).status).toBe(413);
      const inPieces = new ReadableStream({
        start(controller) {
          for (let count = 0; count < 10; count += 1) controller.enqueue(Buffer.alloc(50, 32));
          controller.close();
        },
      });
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: inPieces, duplex: 'half' };
      expect((await fetched('/v1/chat/completions', init as RequestInit, url)).status).toBe(413);
    });
  });
});

describe('models, health and paths', () => {
  test('lists the CIs with their states, and the team', async () => {
    const { json } = await fetched('/v1/models');
    expect(json.data.map(({ id }: { id: string }) => id)).toEqual(['apollo', 'down', 'team']);
    expect((await fetched('/v1/models/apollo')).json).toMatchObject({
      id: 'apollo',
      object: 'model',
      state: 'healthy',
    });
    expect((await fetched('/v1/models/nobody')).status).toBe(404);
    expect((await fetched('/v1/models/%ff')).status).toBe(404);
  });

  test('an unknown path, and a wrong method', async () => {
    expect((await fetched('/v1/nothing')).status).toBe(404);
    const wrong = await fetched('/v1/chat/completions');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await fetched('/v1/models/a/b')).status).toBe(404);
  });

  test('says whether it lives, is ready, and what it counted', async () => {
    expect((await fetched('/healthz')).status).toBe(200);
    expect((await fetched('/readyz')).json).toEqual({ status: 'ready', cis: 2 });
    const { text } = await fetched('/metrics');
    expect(text).toMatch(/^choragus_requests_total\{ci="apollo",outcome="succeeded"\} \d+$/m);
    expect(text).toMatch(/^choragus_gateway_requests_total\{dialect="openai",outcome="ok"\} [1-9]\d*$/m);
    expect(text).toMatch(/^choragus_gateway_requests_in_flight 1$/m);
  });

  test('is not ready without a CI that is up', async () => {
    await using other = createPool({ cis: { down: 'tcp://127.0.0.1:9' }, logger: false });
    await other.warm();
    await using own = await serveGateway(other);
    expect((await fetched('/readyz', {}, own.url)).status).toBe(503);
    const all = await post({ model: 'team', messages: user('hi') }, {}, own.url);
    expect([all.status, all.json.error.code, all.json.error.delivery]).toEqual([503, 'unavailable', 'not_sent']);
  });

  test('works as a handler in another server', async () => {
    const server = http.createServer(gatewayHandler(pool)).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as net.AddressInfo;
    expect((await post({ model: 'apollo', messages: user('hi') }, {}, `http://127.0.0.1:${port}`)).status).toBe(200);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('who may', () => {
  const keys = {
    'secret-of-the-first-one': { cis: ['apollo'], requestsPerMinute: 3, maxInFlight: 1 },
    'secret-of-the-second-one': {},
  };
  const as = (key: string) => ({ authorization: `Bearer ${key}` });

  test('a key: missing, wrong, and right; what it may not ask does not exist', async () => {
    await withGateway({ keys }, async (url) => {
      const asked = { model: 'down', messages: user('hi') };
      const missing = await post(asked, {}, url);
      expect([missing.status, missing.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect((await post(asked, as('secret-of-the-third-one'), url)).status).toBe(401);
      expect((await post(asked, as('secret-of-the-first-one'), url)).status).toBe(404);
      expect((await post(asked, { 'x-api-key': 'secret-of-the-second-one' }, url)).status).toBe(503);
      const listed = await fetched('/v1/models', { headers: as('secret-of-the-first-one') }, url);
      expect(listed.json.data.map(({ id }: { id: string }) => id)).toEqual(['apollo', 'team']);
      expect((await fetched('/healthz', {}, url)).status).toBe(200);
    });
  });

  test('its requests in a minute, and at once', async () => {
    await withGateway({ keys }, async (url) => {
      const key = as('secret-of-the-first-one');
      const controller = new AbortController();
      const hanging = fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...key },
        body: JSON.stringify({ model: 'apollo', stream: true, messages: user('hang') }),
        signal: controller.signal,
      });
      await hanging;
      const second = await post({ model: 'apollo', messages: user('hi') }, key, url);
      expect([second.status, second.json.error.code]).toEqual([429, 'rate_limited']);
      controller.abort();
      const ask = () => post({ model: 'apollo', messages: user('hi') }, key, url);
      await vi.waitFor(async () => expect((await ask()).status).toBe(200));
      expect((await ask()).status).toBe(200);
      const fourth = await ask();
      expect([fourth.status, fourth.headers.get('x-should-retry')]).toEqual([429, 'true']);
      expect(Number(fourth.headers.get('retry-after'))).toBeGreaterThan(1);
    });
  });

  test('pages of other origins may not, unless they are listed', async () => {
    const asked = { model: 'apollo', messages: user('hi') };
    expect((await post(asked, { origin: 'https://evil.example' })).status).toBe(403);
    await withGateway({ cors: ['https://chat.example'] }, async (url) => {
      const origin = 'https://chat.example';
      const answer = await post(asked, { origin }, url);
      expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
      const preflight = await fetched('/v1/chat/completions', { method: 'OPTIONS', headers: { origin } }, url);
      expect(preflight.status).toBe(204);
    });
  });

  test('a page whose name resolves to this machine may not', async () => {
    const status = await new Promise((resolve) => {
      const request = http.get(`${gateway.url}/v1/models`, { headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.end();
    });
    expect(status).toBe(421);
  });

  test.each<[string, GatewayOptions, RegExp]>([
    ['an address of other machines without keys', { host: '0.0.0.0' }, /host is "0\.0\.0\.0".*keys/],
    ['a short key, which is not shown', { keys: { short: {} } }, /^(?!.*short).*keys\[0\]/],
    ['wrong rights', { keys: { 'secret-of-the-first-one': { priority: 'top' as never } } }, /keys\[0\]\.priority/],
    ['an unknown option', { port: 0, colour: 1 } as never, /colour is not an option/],
    ['a wrong origin', { cors: ['chat.example'] }, /cors/],
  ])('refuses %s', async (_name, options, message) => {
    await expect(serveGateway(pool, options)).rejects.toMatchObject({
      code: 'invalid_config',
      reason: expect.stringMatching(message),
    });
  });

  test('too many requests at once', async () => {
    await withGateway({ maxInFlight: 1 }, async (url) => {
      const controller = new AbortController();
      const init = {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'apollo', stream: true, messages: user('hang') }),
        signal: controller.signal,
      };
      await fetch(`${url}/v1/chat/completions`, init);
      const second = await post({ model: 'apollo', messages: user('hi') }, {}, url);
      expect([second.status, second.json.error.code]).toEqual([503, 'busy']);
      controller.abort();
    });
  });
});

describe('closing', () => {
  test('tells the clients whose requests it cuts, and closes', async () => {
    const own = await serveGateway(pool);
    const body = JSON.stringify({ model: 'apollo', stream: true, messages: user('hang') });
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
    const response = await fetch(`${own.url}/v1/chat/completions`, init);
    const closed = own.close({ drainTimeoutMs: 10 });
    expect(eventsIn(await response.text()).at(-1)).toMatchObject({ error: { code: 'closed' } });
    await closed;
    await expect(fetch(`${own.url}/healthz`)).rejects.toThrow();
  });

  test('reports an address in use', async () => {
    await expect(serveGateway(pool, { port: gateway.port })).rejects.toMatchObject({ code: 'unavailable' });
  });
});
