import { createHash } from 'node:crypto';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type ChoragusError,
  type CiOptions,
  createPool,
  type Message,
  openAiTransport,
  type Pool,
  type PoolOptions,
  serveCi,
} from '../../../src/index.js';
import { dialects, pieceOf } from '../../support/model-dialects.js';
import { ModelServer } from '../../support/model-server.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function pooled(options: PoolOptions): Pool {
  const pool = createPool({ logger: false, ...options });
  closing.push(() => pool.close({ drainTimeoutMs: 0 }));
  return pool;
}

/** A server that answers each chat in the dialect of the request. */
async function modelServer(): Promise<ModelServer> {
  const models = await ModelServer.listen();
  closing.push(() => models[Symbol.asyncDispose]());
  models.onChat = ({ path, response }) => {
    const dialect = path === dialects.ollama.path ? dialects.ollama : dialects.openai;
    response.end(`${pieceOf(dialect, 'ok')}${dialect.end}`);
  };
  return models;
}

const failure = (pool: Pool, ci: string, message: Message): Promise<ChoragusError> =>
  firstValueFrom(pool.ask(ci, message)).then(
    () => expect.fail('it was answered'),
    (error) => error,
  );

/** A conversation with every role, with parts, and with fields unknown to this library. */
const conversation = [
  { role: 'system', content: 'You are brief.' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'what is it?' },
      { type: 'image_url', image_url: { url: 'data:,x' } },
    ],
  },
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'a', type: 'function', function: { name: 'see', arguments: '{}' } }],
  },
  { role: 'tool', tool_call_id: 'a', content: 'a cat', name: 'see', unknown: { deep: [1, null, 'é😀'] } },
];
const tools = [{ type: 'function', function: { name: 'see', parameters: { type: 'object', properties: {} } } }];

/** Returns the body that reaches the server. */
async function bodyOf(message: Message, wire: 'openai' | 'ollama', query = '', options: PoolOptions = {}) {
  const models = await modelServer();
  const pool = pooled({ cis: { muse: `${dialects[wire].url(models.port)}${query}` }, ...options });
  expect((await firstValueFrom(pool.ask('muse', message))).content).toBe('ok');
  expect(models.chats).toHaveLength(1);
  return models.chats[0]?.body;
}

describe('fields unknown to the library', () => {
  test('go to an OpenAI server unchanged', async () => {
    const fields = {
      top_p: 0.5,
      seed: 7,
      stop: ['a', 'b'],
      tools,
      response_format: { type: 'json_object' },
      x_own: null,
    };
    expect(await bodyOf({ content: 'hello', temperature: 0, ...fields }, 'openai')).toEqual({
      model: 'llama3.2:3b',
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0,
      ...fields,
    });
  });

  test('go to Ollama as options of the model, except the few that Ollama has at the top level', async () => {
    const top = { keep_alive: '5m', think: false, format: { type: 'object' }, tools };
    const below = { num_ctx: 8_192, top_k: 1, seed: 7, stop: ['a'] };
    expect(await bodyOf({ content: 'hello', maxTokens: 9, temperature: 0, ...top, ...below }, 'ollama')).toEqual({
      model: 'llama3.2:3b',
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
      ...top,
      options: { temperature: 0, num_predict: 9, ...below },
    });
  });

  test("are merged with the caller's `options` for Ollama, which win", async () => {
    const message = { content: 'hello', temperature: 0.5, seed: 7, top_k: 1, options: { seed: 8, num_gpu: 2 } };
    expect((await bodyOf(message, 'ollama'))?.options).toEqual({ temperature: 0.5, seed: 8, top_k: 1, num_gpu: 2 });
  });

  test('stream_options of the caller are kept', async () => {
    const body = await bodyOf({ content: 'hello', stream_options: { include_usage: false } }, 'openai');
    expect(body?.stream_options).toEqual({ include_usage: false });
  });

  test.each(['openai', 'ollama'] as const)('cannot replace those that the library sets: %s', async (wire) => {
    const message = { content: 'hello', stream: false, request_id: 'mine', type: 'ping' } as unknown as Message;
    const body = await bodyOf(message, wire);
    expect([body?.stream, body?.request_id, body?.type]).toEqual([true, undefined, undefined]);
  });
});

describe.each(['openai', 'ollama'] as const)('%s: messages', (wire) => {
  test('are sent unchanged', async () => {
    expect((await bodyOf({ messages: conversation }, wire))?.messages).toEqual(conversation);
  });

  test('come before content, if both are given', async () => {
    const body = await bodyOf({ messages: conversation, content: 'and now?' }, wire);
    expect(body?.messages).toEqual([...conversation, { role: 'user', content: 'and now?' }]);
  });

  test('come after the system prompt and the history of the context', async () => {
    const context = { system: 'Be kind.', history: [{ role: 'user', content: 'before' }] };
    const messages = [{ role: 'user', content: 'hello' }];
    const body = await bodyOf({ messages, context }, wire);
    expect(body?.messages).toEqual([{ role: 'system', content: 'Be kind.' }, ...context.history, ...messages]);
  });
});

describe('the limit of tokens', () => {
  const inOptions: PoolOptions = {
    transports: { 'openai+http': openAiTransport({ maxTokensField: 'max_completion_tokens' }) },
  };
  test.each([
    ['max_tokens', '', {}],
    ['max_completion_tokens', '?max_tokens_field=max_completion_tokens', {}],
    ['max_completion_tokens', '', inOptions],
    ['limit', '?max_tokens_field=limit', inOptions],
  ])('is sent as %s, for the query %j', async (name, query, options) => {
    const {
      model: _,
      messages: __,
      ...rest
    } = (await bodyOf({ content: 'x', maxTokens: 9 }, 'openai', query, options)) ?? {};
    expect(rest).toEqual({ stream: true, stream_options: { include_usage: true }, [name]: 9 });
  });
});

describe('a value that cannot be sent is refused by name, before a socket opens', () => {
  test.each(['openai', 'ollama'] as const)('%s', async (wire) => {
    const models = await modelServer();
    const pool = pooled({ cis: { muse: dialects[wire].url(models.port) } });
    const n = await failure(pool, 'muse', { content: 'hello', n: 2 });
    expect(n).toMatchObject({
      code: 'invalid_config',
      delivery: 'not_sent',
      message: expect.stringContaining('n is 2'),
    });
    const streamed = await lastValueFrom(pool.stream('muse', { content: 'hello', n: 0 })).catch((error) => error);
    expect(streamed).toMatchObject({ code: 'invalid_config', message: expect.stringContaining('n is 0') });
    const health = await lastValueFrom(pool.request('muse', { type: 'health' })).catch((error) => error);
    expect(health).toMatchObject({ code: 'invalid_config', delivery: 'not_sent' });
    expect(health.message).toContain('"health"');
    for (const messages of [[], ['hello'], [null], 'hello'] as unknown[]) {
      const error = await failure(pool, 'muse', { messages } as Message);
      expect(error).toMatchObject({ code: 'invalid_config', delivery: 'not_sent' });
      expect(error.message).toContain('messages');
    }
    expect([models.sockets, models.chats.length]).toEqual([0, 0]);
    expect((await firstValueFrom(pool.ask('muse', { content: 'hello', n: 1 }))).content).toBe('ok');
    expect(models.chats).toHaveLength(1);
  });

  test('messages to a CI of the line protocol; the models of a broadcast still answer', async () => {
    const tcp = await serveCi({ id: 'apollo', handler: () => expect.fail('it was asked') });
    closing.push(() => tcp.close());
    const models = await modelServer();
    const pool = pooled({ cis: { apollo: tcp.url, muse: dialects.openai.url(models.port) } });
    const error = await failure(pool, 'apollo', { messages: conversation });
    expect(error).toMatchObject({ code: 'invalid_config', delivery: 'not_sent', ci: 'apollo' });
    expect(error.message).toContain('messages');
    const outcomes = await lastValueFrom(pool.broadcast({ messages: conversation }).pipe(toArray()));
    const told = outcomes.map((one) => [one.ci, one.ok ? one.reply.content : one.error.code]);
    expect(told.sort()).toEqual([
      ['apollo', 'invalid_config'],
      ['muse', 'ok'],
    ]);
    expect(tcp.connections).toBe(0);
  });
});

describe('the length of a request', () => {
  const hashOf = (text: unknown): string => createHash('sha256').update(String(text)).digest('hex');
  /** This many bytes of UTF-8, in characters of one to four bytes. */
  const prompt = (bytes: number): string => 'aé€😀'.repeat(bytes / 10);

  test.each(['openai', 'ollama'] as const)(
    '%s: prompts of 200 KB and of 5 MB arrive whole, asked and streamed',
    async (wire) => {
      const models = await modelServer();
      // A CI with its own limits takes the others from the defaults of its wire.
      const own = { url: dialects[wire].url(models.port), requestTimeoutMs: 20_000 };
      const pool = pooled({ cis: { muse: dialects[wire].url(models.port), clio: own } });
      for (const bytes of [200_000, 5_000_000]) {
        const text = prompt(bytes);
        await firstValueFrom(pool.ask('muse', text));
        await firstValueFrom(pool.ask('clio', { messages: [{ role: 'user', content: text }] }));
        await lastValueFrom(pool.stream('muse', text));
        const told = models.chats
          .splice(0)
          .map(({ body }) => hashOf((body.messages as { content: string }[])[0]?.content));
        expect(told).toEqual(Array.from({ length: 3 }, () => hashOf(text)));
      }
    },
  );

  const tooLong = { code: 'request_too_large', delivery: 'not_sent' };

  test('is 32 MiB to a model by default, and 64 KiB on the line protocol', async () => {
    const models = await modelServer();
    const tcp = await serveCi({ id: 'apollo', handler: () => 'ok' });
    closing.push(() => tcp.close());
    const pool = pooled({ cis: { muse: dialects.ollama.url(models.port), apollo: tcp.url } });
    expect(await failure(pool, 'muse', 'x'.repeat(33_554_432))).toMatchObject(tooLong);
    expect(await failure(pool, 'apollo', 'x'.repeat(65_536))).toMatchObject(tooLong);
    expect([models.chats.length, models.sockets, tcp.connections]).toEqual([0, 0, 0]);
  });

  test.each([
    ['of the pool', {}, { maxRequestBytes: 1_000 }, 900, 1_000],
    [
      'of the pool, even if it equals the default of the line protocol',
      {},
      { maxRequestBytes: 65_536 },
      60_000,
      65_536,
    ],
    ['of the CI', { maxRequestBytes: 1_000 }, {}, 900, 1_000],
    ['of the CI, not that of the pool', { maxRequestBytes: 100_000 }, { maxRequestBytes: 1_000 }, 90_000, 100_000],
  ] as [string, Partial<CiOptions>, PoolOptions, number, number][])(
    'is bounded by maxRequestBytes %s',
    async (_whose, own, options, fits, most) => {
      const models = await modelServer();
      const pool = pooled({ cis: { muse: { url: dialects.openai.url(models.port), ...own } }, ...options });
      const error = await failure(pool, 'muse', 'x'.repeat(most));
      expect(error).toMatchObject(tooLong);
      expect(error.message).toContain(`use at most ${most} (option "maxRequestBytes")`);
      expect((await firstValueFrom(pool.ask('muse', 'x'.repeat(fits)))).content).toBe('ok');
      expect(models.chats).toHaveLength(1);
    },
  );
});
