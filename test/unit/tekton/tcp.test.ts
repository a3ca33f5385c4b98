import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { PoolOptions } from '../../../src/contract/index.js';
import { createPool } from '../../../src/create-pool.js';
import { type CiRequest, type CiServer, type Correlation, serveCi } from '../../../src/server/index.js';
import { createTektonClient } from '../../../src/tekton/index.js';

const quietly: PoolOptions = { logger: false };
const never = new Promise<string>(() => {});

async function serveEcho(correlation: Correlation, requests: CiRequest[] = []): Promise<CiServer> {
  return serveCi({
    id: 'apollo-ai',
    correlation,
    handler: async function* (request) {
      requests.push(request);
      yield 'you said ';
      yield request.content;
    },
  });
}

/** A port without a listener until the test ends: the local end of a connection. */
async function refusingPort(): Promise<{ readonly port: number } & AsyncDisposable> {
  const server = await serveCi({ id: 'holder', handler: () => never });
  const socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  return { port: socket.localPort as number, [Symbol.asyncDispose]: () => server.close() };
}

describe.each(['ordered', 'byId'] as const)('over TCP, with a CI that is %s', (correlation) => {
  test('the next message reuses the connection of the last one, and reports that', async () => {
    const requests: CiRequest[] = [];
    await using ci = await serveEcho(correlation, requests);
    await using pool = createPool(quietly);
    const { sendMessage } = createTektonClient({ pool: () => pool });
    expect(
      await sendMessage('127.0.0.1', ci.port, 'one', { context: { room: 1 }, temperature: 0, maxTokens: 5 }),
    ).toEqual({
      success: true,
      response: 'you said one',
      ai_id: 'apollo-ai',
      model: expect.any(String),
      elapsed_time: expect.any(Number),
      connection_reused: false,
      raw_response: expect.objectContaining({ type: 'chat_response', content: 'you said one' }),
      request_count: 1,
    });
    // The first connections serve to learn about a CI without ids, and close.
    const most = correlation === 'ordered' ? 40 : 2;
    let count = 1;
    let isReused = false;
    while (!isReused && count < most) {
      count += 1;
      const result = await sendMessage('127.0.0.1', ci.port, 'again');
      expect(result).toMatchObject({ success: true, request_count: count });
      isReused = result.success && result.connection_reused;
    }
    expect(isReused).toBe(true);
    const before = ci.totalConnections;
    if (correlation === 'byId') expect(before).toBe(1);
    expect(await sendMessage('127.0.0.1', ci.port, 'last')).toMatchObject({
      connection_reused: true,
      request_count: count + 1,
    });
    expect(ci.totalConnections).toBe(before);
    expect(requests[0]).toMatchObject({ content: 'one', context: { room: 1 }, temperature: 0, maxTokens: 5 });
    expect(pool.cis).toEqual([`127.0.0.1:${ci.port}`]);
  });

  test('a ping and a stream use the same connection', async () => {
    await using ci = await serveEcho(correlation);
    await using pool = createPool({ ...quietly, cis: { apollo: ci.url } });
    const { ping, sendMessage, streamMessage } = createTektonClient({ pool: () => pool });
    await vi.waitUntil(async () => {
      const result = await sendMessage('127.0.0.1', ci.port, 'hello');
      return result.success && result.connection_reused;
    });
    const before = ci.totalConnections;
    expect(await ping('127.0.0.1', ci.port)).toBe(true);
    const texts: string[] = [];
    for await (const text of streamMessage('127.0.0.1', ci.port, 'hello')) texts.push(text);
    expect(texts).toEqual(['you said ', 'hello']);
    expect(ci.totalConnections).toBe(before);
    expect(pool.cis).toEqual(['apollo']);
  });

  test('a late answer does not reach the next message', async () => {
    let answerSlowly: (text: string) => void = () => {};
    await using ci = await serveCi({
      id: 'apollo',
      correlation,
      handler: ({ content }) => {
        if (content !== 'slow') return `you said ${content}`;
        return new Promise((resolve) => {
          answerSlowly = resolve;
        });
      },
    });
    await using pool = createPool({ ...quietly, maxConnections: 1, cis: { apollo: ci.url } });
    const { sendToAi } = createTektonClient({ pool: () => pool });
    const first = await sendToAi('apollo', 'slow', { timeout: 0.05 });
    expect(first).toMatchObject({ success: false, error: expect.stringContaining('[deadline_exceeded]') });
    const second = sendToAi('apollo', 'quick');
    answerSlowly('the slow one');
    expect(await second).toMatchObject({ success: true, response: 'you said quick' });
  });
});

describe('over TCP', () => {
  test('a message to a port without a listener fails, and does not throw', async () => {
    await using refusing = await refusingPort();
    await using pool = createPool(quietly);
    const { port } = refusing;
    const { sendMessage, ping } = createTektonClient({ pool: () => pool });
    const result = await sendMessage('127.0.0.1', port, 'hello');
    expect(result).toMatchObject({ success: false, error: expect.stringContaining('[unavailable]') });
    expect(await ping('127.0.0.1', port)).toBe(false);
  });

  test('a CI that is up again is reached during the backoff of its connection', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tekton-'));
    const path = join(folder, 'apollo.sock');
    // This backoff is far longer than the test.
    const options = { ...quietly, reconnectDelayMs: 3_600_000, maxReconnectDelayMs: 3_600_000, random: () => 0.9 };
    await using pool = createPool({ ...options, cis: { apollo: `unix:${path}` } });
    const { sendToAi } = createTektonClient({ pool: () => pool });
    expect(await sendToAi('apollo', 'hello')).toMatchObject({ success: false });
    await using ci = await serveCi({ id: 'apollo', handler: () => 'back again', listen: { path } });
    expect(pool.snapshot().cis.apollo?.state).toBe('reconnecting');
    const result = await sendToAi('apollo', 'hello');
    expect(result).toMatchObject({ success: true, response: 'back again', connection_reused: false });
    await vi.waitUntil(() => ci.connections === 0);
    await rm(folder, { recursive: true });
  });

  test('a closed pool is bypassed, each time over a new direct connection that is closed again', async () => {
    await using ci = await serveEcho('ordered');
    const pool = createPool({ ...quietly, cis: { apollo: ci.url } });
    await pool.close();
    const { sendMessage, sendToAi, ping, streamMessage } = createTektonClient({ pool: () => pool });
    const direct = { success: true, connection_reused: false };
    expect(await sendMessage('127.0.0.1', ci.port, 'one')).toMatchObject({ ...direct, response: 'you said one' });
    expect(await sendToAi('apollo', 'two')).toMatchObject({ ...direct, response: 'you said two' });
    expect(await ping('127.0.0.1', ci.port)).toBe(true);
    const texts: string[] = [];
    for await (const text of streamMessage('127.0.0.1', ci.port, 'three')) texts.push(text);
    expect(texts.join('')).toBe('you said three');
    expect(ci.totalConnections).toBe(4);
    await vi.waitUntil(() => ci.connections === 0);
  });

  test('a message that may have been sent is not sent again', async () => {
    let requests = 0;
    const ci = await serveCi({
      id: 'apollo',
      handler: () => {
        requests += 1;
        void ci.close();
        return never;
      },
    });
    await using pool = createPool(quietly);
    const { sendMessage } = createTektonClient({ pool: () => pool });
    const result = await sendMessage('127.0.0.1', ci.port, 'once');
    expect(result).toMatchObject({ success: false, error: expect.stringContaining('[connection_lost]') });
    expect(requests).toBe(1);
  });

  test('a broadcast returns the answers that came by its deadline, even if some CIs are silent or down', async () => {
    await using talker = await serveEcho('ordered');
    await using silent = await serveCi({ id: 'silent', handler: () => never });
    await using refusing = await refusingPort();
    const away = `tcp://127.0.0.1:${refusing.port}`;
    const pool = createPool({ ...quietly, cis: { talker: talker.url, silent: silent.url, away } });
    const { sendToAll } = createTektonClient({ pool: () => pool });
    expect(await sendToAll('hello', { timeout: 0.5 })).toMatchObject({
      talker: { success: true, response: 'you said hello' },
      silent: { success: false, error: expect.stringContaining('[deadline_exceeded]') },
      away: { success: false, error: expect.stringMatching(/^\[(unavailable|deadline_exceeded)\]/) },
    });
    await pool.close({ drainTimeoutMs: 0 });
  });
});
