import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type ChoragusError,
  createPool,
  openAiTransport,
  type Pool,
  type PoolOptions,
  serveCi,
} from '../../../src/index.js';
import { readModelAddress } from '../../../src/transport/http/model-address.js';
import { dialects, pieceOf } from '../../support/model-dialects.js';
import { type ModelChat, ModelServer, rawServer } from '../../support/model-server.js';
import { until } from '../../support/stage.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function server(port?: number): Promise<ModelServer> {
  const made = await ModelServer.listen(port);
  closing.push(() => made[Symbol.asyncDispose]());
  return made;
}

function pooled(options: PoolOptions): Pool {
  const pool = createPool({ logger: false, ...options });
  closing.push(() => pool.close({ drainTimeoutMs: 0 }));
  return pool;
}

const failure = (pool: Pool, options = {}): Promise<ChoragusError> =>
  firstValueFrom(pool.ask('muse', 'hello', options)).then(
    () => expect.fail('it was answered'),
    (error) => error,
  );

describe.each(Object.entries(dialects))('%s', (_name, dialect) => {
  /** A pool with one model, and its server, which answers by a function. */
  async function model(onChat?: (chat: ModelChat) => void, options: PoolOptions = {}) {
    const models = await server();
    models.onChat = onChat;
    return { models, pool: pooled({ cis: { muse: dialect.url(models.port) }, ...options }) };
  }

  const answering =
    (...pieces: readonly string[]) =>
    async (chat: ModelChat): Promise<void> => {
      await chat.send(...pieces.map((content) => pieceOf(dialect, content)), dialect.end);
      chat.response.end();
    };

  test("answers in one piece, requested as a stream: content, model, and the server's statistics", async () => {
    const { models, pool } = await model(answering('é€', '😀'));
    const reply = await firstValueFrom(pool.ask('muse', 'hello'));
    expect(reply).toMatchObject({ content: 'é€😀', model: 'llama3.2:3b', type: 'chat_response' });
    expect(reply.raw.metadata).toEqual(dialect.metadata);
    expect(models.chats[0]?.path).toBe(dialect.path);
    expect(models.chats[0]?.body).toEqual({
      model: 'llama3.2:3b',
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
      ...dialect.asks,
    });
  });

  test('sends temperature, limits, a system prompt, the history and the context', async () => {
    const { models, pool } = await model(answering('x'));
    const history = [{ role: 'user', content: 'before' }, { role: 'assistant', content: 'yes' }, { role: 7 }];
    await firstValueFrom(
      pool.ask('muse', {
        content: 'hello',
        temperature: 0.5,
        maxTokens: 9,
        context: { system: 'You are brief.', history, project: 'x' },
      }),
    );
    expect(models.chats[0]?.body).toEqual({
      model: 'llama3.2:3b',
      messages: [
        { role: 'system', content: 'You are brief.' },
        { role: 'system', content: 'Context: {"project":"x"}' },
        { role: 'user', content: 'before' },
        { role: 'assistant', content: 'yes' },
        { role: 'user', content: 'hello' },
      ],
      stream: true,
      ...dialect.asks,
      ...dialect.options,
    });
  });

  test('streams piece by piece, as the pieces come', async () => {
    const { models, pool } = await model();
    const got: string[] = [];
    const done = lastValueFrom(pool.stream('muse', 'hello').pipe(toArray()));
    pool.states$.subscribe();
    await until(() => models.chats.length === 1);
    const chat = models.chats[0] as ModelChat;
    void done.then((chunks) => got.push(...chunks.map(({ content }) => content)));
    await chat.send(pieceOf(dialect, 'one '), pieceOf(dialect, 'two'));
    await chat.send(dialect.end);
    chat.response.end();
    expect((await done).map(({ content }) => content)).toEqual(['one ', 'two']);
  });

  test('reads the same answer for cuts at every byte', async () => {
    const { pool } = await model(async (chat) => {
      const bytes = Buffer.from(pieceOf(dialect, 'é€😀') + dialect.end);
      await chat.send(...[...bytes].map((byte) => Buffer.from([byte])));
      chat.response.end();
    });
    expect((await firstValueFrom(pool.ask('muse', 'hello'))).content).toBe('é€😀');
  });

  test('reuses the socket once sockets are seen to stay open, and counts it', async () => {
    const { models, pool } = await model(answering('x'));
    await firstValueFrom(pool.ask('muse', 'hello'));
    // The first socket is under watch meanwhile, and stays open.
    await until(() => pool.snapshot().totals.inFlight === 0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const replies = [];
    for (let n = 0; n < 3; n += 1) replies.push(await firstValueFrom(pool.ask('muse', 'hello')));
    expect(replies.some(({ reused }) => reused)).toBe(true);
    const { metrics } = pool.snapshot().totals;
    expect([models.probes, metrics.requests, metrics.idleCloses]).toEqual([1, 4, 0]);
    expect(metrics.reuses).toBe(4 - (models.sockets - 1));
  });

  test('an idle socket closed by the server is no failure; the next request opens another', async () => {
    const { models, pool } = await model(answering('x'));
    const changes: string[] = [];
    await firstValueFrom(pool.ask('muse', 'hello'));
    pool.states$.subscribe(({ to }) => changes.push(to));
    models.cut();
    await until(() => pool.snapshot().totals.metrics.idleCloses === 1);
    expect(await firstValueFrom(pool.ask('muse', 'hello'))).toMatchObject({ content: 'x', reused: false });
    expect([models.chats.length, models.probes, pool.snapshot().cis.muse?.state]).toEqual([2, 1, 'healthy']);
    expect(changes).toEqual([]);
  });

  test('sends as many at once as it has connections; the rest wait', async () => {
    const { models, pool } = await model(undefined, { maxConnections: 2 });
    const all = Promise.all(Array.from({ length: 6 }, () => firstValueFrom(pool.ask('muse', 'hello'))));
    for (let round = 1; round <= 3; round += 1) {
      await until(() => models.chats.length === 2 * round);
      for (const chat of models.chats.slice(-2)) void answering('x')(chat);
    }
    await all;
  });

  test('cancelled: the server sees it at once, no slot stays taken, and others go on', async () => {
    const { models, pool } = await model(undefined, { maxConnections: 1 });
    const first = pool.stream('muse', 'hello').pipe(take(1));
    const got = firstValueFrom(first);
    await until(() => models.chats.length === 1);
    const chat = models.chats[0] as ModelChat;
    const next = firstValueFrom(pool.ask('muse', 'again'));
    await chat.send(pieceOf(dialect, 'one'));
    await got;
    await chat.closed;
    await until(() => models.chats.length === 2);
    void answering('x')(models.chats[1] as ModelChat);
    expect((await next).content).toBe('x');
    const { metrics, connections } = pool.snapshot().cis.muse ?? {};
    expect([metrics?.cancelled, metrics?.lateReplies, metrics?.retired]).toEqual([1, 0, 0]);
    expect(connections?.map(({ state, abandoned }) => [state, abandoned])).toEqual([['healthy', 0]]);
  });

  test('keeps a deadline, and waits for a slow model up to the deadline', async () => {
    const { models, pool } = await model();
    const error = await failure(pool, { deadlineMs: 60 });
    expect(error).toMatchObject({ code: 'deadline_exceeded', delivery: 'maybe_sent' });
    await models.chats[0]?.closed;
    const slow = firstValueFrom(pool.ask('muse', 'hello', { deadlineMs: 20_000 }));
    await until(() => models.chats.length === 2);
    await new Promise((resolve) => setTimeout(resolve, 200));
    void answering('late')(models.chats[1] as ModelChat);
    expect((await slow).content).toBe('late');
  });

  test.each([
    [404, 'model "llama3.2:3b" not found', /status 404: model .* not found/],
    [400, 'bad', /status 400: bad/],
    [500, 'broken', /status 500: broken/],
  ])('status %d fails only that request', async (status, text, message) => {
    const { pool } = await model((chat) => {
      chat.response.statusCode = status;
      chat.response.end(dialect.error(text));
    });
    const error = await failure(pool);
    expect(error).toMatchObject({ code: 'ci_error', delivery: 'answered', message: expect.stringMatching(message) });
    expect(pool.snapshot().cis.muse?.state).toBe('healthy');
  });

  test('status 429 gives the time to come back, marks the CI, and is not retried', async () => {
    const { models, pool } = await model((chat) => {
      chat.response.writeHead(429, { 'retry-after': '20' }).end();
    });
    const error = await failure(pool);
    expect(error).toMatchObject({ code: 'overloaded', delivery: 'answered', status: 429, retryAfterMs: 20_000 });
    expect([models.chats.length, pool.snapshot().cis.muse?.state]).toEqual([1, 'degraded']);
  });

  test('an error in the middle of a stream comes after the earlier pieces', async () => {
    const { pool } = await model(async (chat) => {
      await chat.send(pieceOf(dialect, 'one'), dialect.line(dialect.error('out of memory')));
      chat.response.end();
    });
    const error = await lastValueFrom(pool.stream('muse', 'hello')).catch((cause) => cause);
    expect(error).toMatchObject({
      code: 'ci_error',
      partial: 'one',
      message: expect.stringContaining('out of memory'),
    });
  });

  test('a cut answer: without its end it is a protocol error, with a reset a lost connection', async () => {
    const { pool } = await model(async (chat) => {
      await chat.send(pieceOf(dialect, 'one'));
      chat.response.end();
    });
    expect(await failure(pool)).toMatchObject({ code: 'protocol_error' });
    const lost = await model(async (chat) => {
      await chat.send(pieceOf(dialect, 'one'));
      chat.response.destroy();
    });
    const error = await lastValueFrom(lost.pool.stream('muse', 'hello')).catch((cause) => cause);
    expect(error).toMatchObject({ code: 'connection_lost', delivery: 'maybe_sent', partial: 'one' });
  });

  test('rejects an answer that is no JSON, or no HTTP', async () => {
    const { pool } = await model((chat) => {
      chat.response.end('data: a secret\n\n');
    });
    const error = await failure(pool);
    expect(error).toMatchObject({ code: 'protocol_error', said: 'a secret' });
    expect(JSON.stringify([error.plainReason, pool.snapshot()])).not.toContain('secret');
    const raw = await rawServer('SSH-2.0-OpenSSH\r\n\r\n');
    closing.push(raw.close);
    expect(await failure(pooled({ cis: { muse: dialect.url(raw.port) } }))).toMatchObject({ code: 'protocol_error' });
  });

  test('rejects an answer over maxReplyBytes', async () => {
    const { pool } = await model(answering('x'.repeat(400), 'x'.repeat(400)), { maxReplyBytes: 600 });
    expect(await failure(pool)).toMatchObject({ code: 'reply_too_large' });
  });

  test('a server that is down is reconnecting, and is found again', async () => {
    const gone = await ModelServer.listen();
    const { port } = gone;
    await gone[Symbol.asyncDispose]();
    const pool = pooled({ cis: { muse: dialect.url(port) }, reconnectDelayMs: 20, maxReconnectDelayMs: 20 });
    expect(await failure(pool)).toMatchObject({ code: 'unavailable', delivery: 'not_sent' });
    const back = server(port);
    (await back).onChat = answering('back');
    expect((await firstValueFrom(pool.ask('muse', 'hello', { waitForReady: true }))).content).toBe('back');
  });

  test('the heartbeat notices that a server has gone while idle', async () => {
    const { models, pool } = await model(answering('x'), {
      healthIntervalMs: 20,
      heartbeatTimeoutMs: 100,
      provenUptimeMs: 60_000,
      reconnectDelayMs: 60_000,
    });
    await firstValueFrom(pool.ask('muse', 'hello'));
    await until(() => models.probes > 2);
    await models[Symbol.asyncDispose]();
    await until(() => ['reconnecting', 'idle'].includes(pool.snapshot().cis.muse?.state ?? ''));
  });

  test('a ping succeeds if the server is up; other types are rejected', async () => {
    const { pool } = await model();
    expect((await firstValueFrom(pool.request('muse', { type: 'ping' }))).type).toBe('pong');
    const error = await firstValueFrom(pool.request('muse', { type: 'health' })).catch((cause) => cause);
    expect(error).toMatchObject({ code: 'invalid_config', delivery: 'not_sent' });
    expect(error.message).toContain('a model server accepts only chats, not a request of the type "health"');
  });
});

describe('the API key', () => {
  test('from the options is sent, and shown nowhere', async () => {
    const models = await server();
    models.onChat = (chat) => chat.response.writeHead(401).end('{"error":{"message":"no"}}');
    const transport = openAiTransport({ apiKey: 'sk-secret' });
    const pool = pooled({ cis: { muse: dialects.openai.url(models.port) }, transports: { 'openai+http': transport } });
    const error = await failure(pool);
    expect(models.chats[0]?.headers.authorization).toBe('Bearer sk-secret');
    expect(JSON.stringify([error, error.message, pool.snapshot()])).not.toContain('sk-secret');
  });

  test('from the environment is not sent without TLS', async () => {
    const models = await server();
    models.onChat = (chat) => void chat.response.end(dialects.openai.end);
    process.env.OPENAI_API_KEY = 'sk-secret';
    try {
      await firstValueFrom(pooled({ cis: { muse: dialects.openai.url(models.port) } }).ask('muse', 'hello'));
    } finally {
      delete process.env.OPENAI_API_KEY;
    }
    expect(models.chats[0]?.headers.authorization).toBeUndefined();
  });

  test('if missing, a refused list of models is no error, and a refused chat says where to set the key', async () => {
    const models = await server();
    models.probeStatus = 401;
    models.onChat = (chat) => chat.response.writeHead(401).end('{"error":{"message":"no key"}}');
    const error = await failure(pooled({ cis: { muse: dialects.openai.url(models.port) } }));
    expect(error).toMatchObject({ code: 'ci_error', status: 401, delivery: 'answered' });
    expect(error.message).toMatch(/status 401: no key \(the API key comes from .*apiKey/);
  });
});

test('a mixed chorus: specialists, models and endpoints answer one broadcast side by side', async () => {
  const models = await server();
  models.onChat = async (chat) => {
    const dialect = chat.path === dialects.ollama.path ? dialects.ollama : dialects.openai;
    await chat.send(pieceOf(dialect, `${chat.path} heard`), dialect.end);
    chat.response.end();
  };
  const tcp = await serveCi({ id: 'apollo', handler: () => 'tcp heard' });
  const ws = await serveCi({ id: 'athena', handler: () => 'ws heard', listen: { webSocket: true } });
  closing.push(
    () => tcp.close(),
    () => ws.close(),
  );
  const pool = pooled({
    cis: {
      apollo: tcp.url,
      athena: ws.url,
      muse: dialects.ollama.url(models.port),
      clio: dialects.openai.url(models.port),
    },
  });
  const outcomes = await lastValueFrom(pool.broadcast('hello').pipe(toArray()));
  expect(Object.fromEntries(outcomes.map((one) => [one.ci, one.ok && one.reply.content]))).toEqual({
    apollo: 'tcp heard',
    athena: 'ws heard',
    muse: '/api/chat heard',
    clio: '/v1/chat/completions heard',
  });
});

describe('addresses', () => {
  const schemes = { ollama: ['http', 11_434], 'ollama+https': ['https', 443] } as const;
  const read = (url: string) => readModelAddress({ ci: 'muse', url, maxReplyBytes: 1 }, schemes);

  test.each([
    ['ollama://localhost/llama3.2', 'http://localhost:11434', 'llama3.2'],
    ['ollama://localhost:80/llama3.2:3b', 'http://localhost', 'llama3.2:3b'],
    ['ollama://localhost/llama3:8', 'http://localhost:11434', 'llama3:8'],
    ['ollama://[::1]:9/hf.co/a/b:Q4', 'http://[::1]:9', 'hf.co/a/b:Q4'],
    ['ollama+https://models.example/x', 'https://models.example:443', 'x'],
  ])('%s', (url, origin, model) => {
    expect(read(url)).toMatchObject({ origin, model });
  });

  test.each([
    'ollama://localhost',
    'ollama://localhost/',
    'ollama://',
    'ollama://user:secret@localhost/x',
    'http://localhost/x',
  ])('rejects %s', (url) => {
    expect(() => read(url)).toThrow(
      expect.objectContaining({ code: 'invalid_config', message: expect.not.stringContaining('secret') }),
    );
  });
});
