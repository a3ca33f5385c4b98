import { once } from 'node:events';
import http from 'node:http';
import { firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  type CiServer,
  createPool,
  type Pool,
  type PoolOptions,
  type ServeCiOptions,
  serveCi,
} from '../../../src/index.js';
import { certificates } from '../../support/certificates.js';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function served(options: Partial<ServeCiOptions> = {}): Promise<CiServer> {
  const ci = await serveCi({
    id: 'apollo',
    handler: ({ content }) => content,
    listen: { webSocket: true },
    ...options,
  });
  closing.push(() => ci.close());
  return ci;
}

function pooled(cis: NonNullable<PoolOptions['cis']>): Pool {
  const pool = createPool({ cis, logger: false });
  closing.push(() => pool.close({ drainTimeoutMs: 0 }));
  return pool;
}

/** A client that sends any message. */
async function dialled(url: string): Promise<WebSocket> {
  const ws = new WebSocket(url);
  closing.push(async () => ws.terminate());
  await once(ws, 'open');
  return ws;
}

async function told(ws: WebSocket): Promise<Record<string, unknown>> {
  const [data] = await once(ws, 'message');
  return JSON.parse(String(data));
}

describe('a CI on WebSocket', () => {
  test('answers, streams, and describes itself as on any wire', async () => {
    const ci = await served();
    expect(ci.url).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
    const pool = pooled({ apollo: ci.url });
    expect(await firstValueFrom(pool.ask('apollo', 'é€😀'))).toMatchObject({ content: 'é€😀' });
    const chunks = await lastValueFrom(pool.stream('apollo', 'hello').pipe(toArray()));
    expect(chunks.map(({ content }) => content)).toEqual(['hello']);
    expect((await firstValueFrom(pool.request('apollo', { type: 'health' }))).raw).toMatchObject({ clients: 1 });
    expect(ci.totalConnections).toBe(1);
  });

  test('works with TLS', async () => {
    const ci = await served({ listen: { webSocket: true, tls: certificates.server } });
    expect(ci.url).toMatch(/^wss:/);
    const pool = pooled({ apollo: { url: ci.url, tls: { ca: certificates.ca } } });
    expect(await firstValueFrom(pool.ask('apollo', 'hello'))).toMatchObject({ content: 'hello' });
  });

  test('answers one after the other, without echoed ids', async () => {
    const ci = await served({ correlation: 'ordered' });
    const pool = pooled({ apollo: ci.url });
    const asked = Array.from({ length: 50 }, (_, n) => firstValueFrom(pool.ask('apollo', `${n}`)));
    expect((await Promise.all(asked)).map(({ content }) => content)).toEqual(asked.map((_, n) => `${n}`));
  });

  test('accepts messages with line ends between their tokens, and reports those that are no JSON', async () => {
    const ws = await dialled((await served()).url);
    ws.send(JSON.stringify({ type: 'chat', content: 'two\nlines' }, null, 2));
    expect(await told(ws)).toMatchObject({ type: 'chat_response', content: 'two\nlines' });
    ws.send('nonsense');
    expect(await told(ws)).toMatchObject({ type: 'error' });
  });

  test('closes on a client that sends too much: 1009', async () => {
    const ws = await dialled((await served({ maxLineBytes: 100 })).url);
    ws.send(JSON.stringify({ type: 'chat', content: 'x'.repeat(200) }));
    const [code] = await once(ws, 'close');
    expect(code).toBe(1009);
  });

  test('stops its work when the client leaves, and waits for a client that does not read', async () => {
    let made = 0;
    let isStopped = false;
    const ci = await served({
      async *handler() {
        try {
          while (true) {
            made += 1;
            yield 'x'.repeat(10_000);
          }
        } finally {
          isStopped = true;
        }
      },
    });
    const ws = await dialled(ci.url);
    ws.pause();
    ws.send('{"type":"chat","content":"","stream":true}');
    let before = -1;
    while (made !== before || made === 0) {
      before = made;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(made).toBeLessThan(5_000);
    ws.terminate();
    while (!isStopped) await new Promise((resolve) => setImmediate(resolve));
    while (ci.connections > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  test('cancels a request that the client cancels', async () => {
    let isStopped = false;
    const ci = await served({
      async *handler({ signal }) {
        signal.addEventListener('abort', () => {
          isStopped = true;
        });
        yield 'one';
        await new Promise(() => {});
      },
    });
    const pool = pooled({ apollo: ci.url });
    await firstValueFrom(pool.stream('apollo', 'hello').pipe(take(1)));
    await pool.close({ drainTimeoutMs: 0 });
    while (!isStopped) await new Promise((resolve) => setImmediate(resolve));
  });

  test('answers plain HTTP with 426', async () => {
    const { url } = await served();
    const response = await new Promise<http.IncomingMessage>((resolve) => {
      http.get(url.replace('ws:', 'http:'), { agent: false }, resolve);
    });
    response.resume();
    expect([response.statusCode, response.headers.upgrade]).toEqual([426, 'websocket']);
  });

  test('refuses the pages of browsers, except those of an allowed origin', async () => {
    const opened = (url: string, origin: string) =>
      new Promise<number>((resolve) => {
        const ws = new WebSocket(url, { origin });
        closing.push(async () => ws.terminate());
        ws.on('open', () => resolve(101));
        ws.on('unexpected-response', (request, { statusCode }) => {
          request.destroy();
          resolve(statusCode ?? 0);
        });
        ws.on('error', () => {});
      });
    const closedToAll = await served();
    expect(await opened(closedToAll.url, 'https://evil.example')).toBe(403);
    expect(await opened(closedToAll.url, closedToAll.url.replace('ws:', 'http:'))).toBe(403);
    const open = await served({ listen: { webSocket: { origins: ['https://app.example'] } } });
    expect(await opened(open.url, 'https://app.example')).toBe(101);
    expect(await opened(open.url, 'https://evil.example')).toBe(403);
  });

  test('closes with its clients', async () => {
    const ci = await served();
    const ws = await dialled(ci.url);
    const gone = once(ws, 'close');
    await ci.close();
    await gone;
    expect(ci.connections).toBe(0);
  });

  test.each([
    [{ webSocket: true, path: '/tmp/x.sock' }, /listen\.path/],
    [{ webSocket: 'yes' }, /listen.webSocket is a string: use true, false or/],
    [{ webSocket: { origins: 'x' } }, /listen.webSocket.origins is a string: use a list of origins/],
    [{ webSocket: { colour: 1 } }, /listen.webSocket.colour is not an option/],
    [{ webSocket: true, tls: { cert: 'x', key: 'y' } }, /TLS refuses the certificate, the key or the authority/],
  ])('rejects %j', async (listen, why) => {
    const serving = serveCi({ id: 'apollo', handler: () => '', listen: listen as never });
    await expect(serving).rejects.toThrow(why);
  });
});
