import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { firstValueFrom } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import {
  type CiOptions,
  createPool,
  ollamaTransport,
  openAiTransport,
  type Pool,
  type PoolOptions,
  type Transport,
  webSocketTransport,
} from '../../../src/index.js';
import { dialects, pieceOf } from '../../support/model-dialects.js';
import { ModelServer } from '../../support/model-server.js';
import { recordingLogger } from '../observe/recording-logger.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function pooled(options: PoolOptions): Pool {
  const pool = createPool({ logger: false, ...options });
  closing.push(() => pool.close({ drainTimeoutMs: 0 }));
  return pool;
}

/** A server that records the headers of each request, or of each handshake. */
interface Listening {
  readonly url: string;
  readonly heard: readonly IncomingHttpHeaders[];
}

/** Answers each chat with this status. */
async function modelServer(wire: 'openai' | 'ollama', status = 200): Promise<Listening> {
  const models = await ModelServer.listen();
  closing.push(() => models[Symbol.asyncDispose]());
  const heard: IncomingHttpHeaders[] = [];
  models.onChat = ({ headers, response }) => {
    heard.push(headers);
    response.statusCode = status;
    response.end(status === 200 ? `${pieceOf(dialects[wire], 'ok')}${dialects[wire].end}` : '{"error":"no"}');
  };
  return { url: dialects[wire].url(models.port), heard };
}

async function webSocketServer(): Promise<Listening> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  closing.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  const heard: IncomingHttpHeaders[] = [];
  server.on('connection', (socket, { headers }) => {
    heard.push(headers);
    socket.on('message', (data) => {
      const { request_id } = JSON.parse(String(data));
      socket.send(JSON.stringify({ type: 'chat_response', content: 'ok', request_id }));
    });
  });
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, heard };
}

interface WireUnderTest {
  readonly listen: () => Promise<Listening>;
  readonly transports: (options: { apiKey?: string; headers?: Record<string, string> }) => Record<string, Transport>;
}

const wires: Record<string, WireUnderTest> = {
  openai: {
    listen: () => modelServer('openai'),
    transports: (options) => ({ 'openai+http': openAiTransport(options) }),
  },
  ollama: { listen: () => modelServer('ollama'), transports: (options) => ({ ollama: ollamaTransport(options) }) },
  ws: {
    listen: webSocketServer,
    transports: ({ headers }) => ({ ws: webSocketTransport({ headers }) }),
  },
};

type Given = Partial<Pick<CiOptions, 'apiKey' | 'headers'>>;

/** Returns the headers that the server receives. */
async function heardFor({ listen, transports }: WireUnderTest, own: Given, all: Parameters<typeof transports>[0] = {}) {
  const { url, heard } = await listen();
  const pool = pooled({ cis: { muse: { url, ...own } }, transports: transports(all) });
  await firstValueFrom(pool.ask('muse', 'hello'));
  return heard[0] ?? {};
}

describe.each(Object.entries(wires))('%s: headers and keys', (name, wire) => {
  test('of the CI are sent', async () => {
    const heard = await heardFor(wire, { apiKey: 'own-key', headers: { 'X-Tenant': 'blue', 'x-latin': 'caf\u00e9' } });
    expect(heard).toMatchObject({ authorization: 'Bearer own-key', 'x-tenant': 'blue', 'x-latin': 'caf\u00e9' });
  });

  test('of the transport are sent; those of the CI win, in any spelling', async () => {
    const all = { headers: { 'X-Tenant': 'all', 'x-region': 'north' } };
    const heard = await heardFor(wire, { headers: { 'x-tenant': 'own', 'x-more': '1' } }, all);
    expect(heard).toMatchObject({ 'x-tenant': 'own', 'x-region': 'north', 'x-more': '1' });
  });

  test('the key of the CI wins over an authorization of the transport', async () => {
    const heard = await heardFor(wire, { apiKey: 'own-key' }, { headers: { Authorization: 'Basic all' } });
    expect(heard.authorization).toBe('Bearer own-key');
  });

  test('an authorization of the CI wins over every key', async () => {
    const heard = await heardFor(
      wire,
      { apiKey: 'own-key', headers: { Authorization: 'Basic own' } },
      { apiKey: 'all' },
    );
    expect(heard.authorization).toBe('Basic own');
  });

  test.skipIf(name === 'ws')('the key of the transport is sent; the key of the CI wins', async () => {
    expect((await heardFor(wire, {}, { apiKey: 'all-key' })).authorization).toBe('Bearer all-key');
    expect((await heardFor(wire, { apiKey: 'own-key' }, { apiKey: 'all-key' })).authorization).toBe('Bearer own-key');
    expect((await heardFor(wire, {}, { apiKey: '' })).authorization).toBeUndefined();
  });

  test.each([
    ['a line end in a value', { headers: { 'x-bad': 'hush\r\nx-more: 1' } }, 'x-bad'],
    ['a character over U+00FF', { headers: { 'x-bad': 'hush\u20ac' } }, 'x-bad'],
    ['a space in a name', { headers: { 'x bad': 'hush' } }, 'x bad'],
    ['a line end in a key', { apiKey: 'hush\n' }, 'apiKey'],
    ['a space in a key', { apiKey: 'hush hush' }, 'apiKey'],
    ['an empty key', { apiKey: '' }, 'apiKey'],
  ] as [string, Given, string][])('of the CI with %s are refused by name, without their value', (_what, own, named) => {
    const create = () => pooled({ cis: { muse: { url: 'ws://localhost', ...own } }, transports: wire.transports({}) });
    expect(create).toThrow(expect.objectContaining({ code: 'invalid_config' }));
    expect(create).toThrow(named);
    expect(create).not.toThrow('hush');
  });

  test.each([
    ['a line end in a value', { headers: { 'x-bad': 'hush\r\nx-more: 1' } }],
    ['a character over U+00FF', { headers: { 'x-bad': 'hush\u20ac' } }],
    ...(name === 'ws' ? [] : [['a line end in a key', { apiKey: 'hush\n' }] as const]),
  ] as [string, { headers: Record<string, string> }][])(
    'of the transport with %s are refused; the error does not show the value',
    async (_what, all) => {
      const { url } = await wire.listen();
      const error = await Promise.resolve()
        .then(() =>
          firstValueFrom(pooled({ cis: { muse: url }, transports: wire.transports(all) }).ask('muse', 'hello')),
        )
        .catch((cause) => cause);
      expect(error).toMatchObject({ code: 'invalid_config', delivery: 'not_sent' });
      expect(inspect(error, { depth: 9 })).not.toContain('hush');
    },
  );
});

/** Each secret is a different word, so a failure shows which one leaked. */
const secrets = ['own-key-hush', 'own-header-hush', 'all-key-hush', 'all-header-hush'];

/** Everything an inspection event shows, without its graph of actors and machines. */
const shownIn = ({ actorRef, sourceRef: _, ...event }: Record<string, unknown>): string =>
  inspect([event, (actorRef as { id?: unknown }).id], { depth: 6, maxStringLength: null });

describe.each(['openai', 'ollama', 'ws'] as const)('%s: secrets', (name) => {
  const wire = wires[name] as WireUnderTest;
  const ends = name === 'ws' ? (['answered', 'gone'] as const) : (['answered', 'refused', 'gone'] as const);

  test.each(ends)('appear in no error, snapshot, log line or inspection event: %s', async (end) => {
    const { url, heard } = name !== 'ws' && end === 'refused' ? await modelServer(name, 401) : await wire.listen();
    const address = end === 'gone' ? url.replace(/:\d+/, ':1') : url;
    const logger = recordingLogger();
    const seen: string[] = [];
    const pool = pooled({
      cis: {
        muse: { url: address, apiKey: 'own-key-hush', headers: { 'x-own': 'own-header-hush' } },
        // It uses the key of the transport.
        clio: address,
      },
      transports: wire.transports({ apiKey: 'all-key-hush', headers: { 'x-all': 'all-header-hush' } }),
      logger,
      inspect: (event) => seen.push(shownIn(event as never)),
    });
    pool.states$.subscribe((change) => seen.push(inspect(change)));
    for (const ci of ['muse', 'clio']) {
      const outcome = await firstValueFrom(pool.ask(ci, 'hello')).catch((error) => error);
      if (end === 'answered') expect(outcome).toMatchObject({ content: 'ok' });
      else expect(outcome).toMatchObject({ code: end === 'gone' ? 'unavailable' : 'ci_error' });
      seen.push(inspect(outcome, { depth: 9, showHidden: true }), String(outcome.stack), JSON.stringify(outcome));
    }
    seen.push(inspect(pool.snapshot(), { depth: 9 }));
    await pool.close();
    seen.push(inspect(logger.lines, { depth: 9 }));
    const sent = secrets.filter((secret) => JSON.stringify(heard).includes(secret));
    // The WebSocket transport has no key of its own.
    const all = name === 'ws' ? secrets.filter((secret) => secret !== 'all-key-hush') : secrets;
    expect(sent).toEqual(end === 'gone' ? [] : all);
    expect([logger.lines.length, seen.length].every((count) => count > 3)).toBe(true);
    expect(secrets.filter((secret) => seen.some((text) => text.includes(secret)))).toEqual([]);
  });
});
