import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { type CiServer, type ServeCiOptions, serveCi } from '../../../src/index.js';
import { type ScriptedRequest, scriptedCi } from '../../../src/testing/index.js';
import { certificates } from '../../support/certificates.js';
import { until } from '../../support/stage.js';
import { useProxy } from './proxy-rig.js';

const { pooled, proxied, client, onEnd } = useProxy();

async function served(options: Partial<ServeCiOptions> = {}): Promise<CiServer> {
  const ci = await serveCi({ id: 'apollo', handler: ({ content }) => `You said: ${content}`, ...options });
  onEnd(() => ci.close());
  return ci;
}

/** A scripted CI, with a proxy in front of it. */
async function scripted(options: Parameters<typeof proxied>[1] = {}) {
  const ci = await scriptedCi();
  onEnd(() => ci.close());
  const proxy = await proxied(pooled({ cis: { apollo: ci.url }, pipelining: 100 }), options);
  const requests = async (count: number): Promise<ScriptedRequest[]> => {
    await until(() => ci.received.length >= count);
    return ci.received;
  };
  return { ci, proxy, requests };
}

describe('a client', () => {
  test('gets the same answers as from the CI itself: chats, pings, health, info, any type', async () => {
    const ci = await served();
    const [direct, through] = [
      await client({ urls: { apollo: ci.url } } as never),
      await client(await proxied(pooled({ cis: { apollo: ci.url } }))),
    ];
    const messages = [
      { type: 'chat', content: 'é€😀', context: { a: 1 }, temperature: 0.5, max_tokens: 9 },
      { type: 'health' },
      { type: 'info' },
      { type: 'note', content: 'x' },
    ];
    for (const one of [direct, through]) one.send(...messages);
    // Its number of clients is not the same through the proxy.
    const answers = async (one: typeof direct) => (await one.got(4)).map(({ clients: _, ...frame }) => frame);
    expect(await answers(through)).toEqual(await answers(direct));
    through.send({ type: 'ping' });
    expect((await through.got(5))[4]).toMatchObject({ type: 'pong', ai_id: 'apollo' });
  });

  test('gets its own ids back, as it sent them, or none', async () => {
    const { url } = await served();
    const one = await client(await proxied(pooled({ cis: { apollo: url } })));
    const ids = ['a', 7, null, { deep: [1] }, '1', 'a'];
    one.send({ type: 'chat', content: 'x' }, ...ids.map((request_id) => ({ type: 'chat', content: 'x', request_id })));
    const frames = await one.got(ids.length + 1);
    expect(frames[0]).not.toHaveProperty('request_id');
    expect(frames.slice(1).map((frame) => frame.request_id)).toEqual(ids);
  });

  test('gets a stream piece by piece, as the pieces come', async () => {
    const { proxy, requests } = await scripted();
    const one = await client(proxy);
    one.send({ type: 'chat', content: 'count', stream: true, request_id: 'mine' });
    const [request] = await requests(1);
    request?.chunk('one', { echo: true });
    expect(await one.got(1)).toMatchObject([{ type: 'stream_chunk', content: 'one', request_id: 'mine' }]);
    request?.reply({ type: 'stream_end', model: 'llama', metadata: { tokens: 7 } });
    expect((await one.got(2))[1]).toEqual({
      type: 'stream_end',
      model: 'llama',
      metadata: { tokens: 7 },
      request_id: 'mine',
    });
  });

  test('gets one reply with all fields to a stream request, if the CI cannot stream', async () => {
    const { proxy, requests } = await scripted();
    const one = await client(proxy);
    one.send({ type: 'chat', content: 'count', stream: true, request_id: 'mine' });
    const [request] = await requests(1);
    request?.reply({ type: 'chat_response', content: 'all in one', model: 'llama', ai_id: 'apollo-ai' });
    expect(await one.got(1)).toEqual([
      { type: 'chat_response', content: 'all in one', model: 'llama', ai_id: 'apollo-ai', request_id: 'mine' },
    ]);
  });

  test('gets answers in its own order, for any order of the CI', async () => {
    const waiting: (() => void)[] = [];
    const { url } = await served({
      handler: ({ content }) => new Promise((resolve) => waiting.push(() => resolve(content))),
    });
    const pool = pooled({ cis: { apollo: url } });
    await pool.warm();
    const proxy = await proxied(pool);
    const warm = await client(proxy);
    // From the first echoed id on, a connection carries many requests at a time.
    warm.send({ type: 'ping' });
    await warm.got(1);
    const one = await client(proxy);
    one.send(...Array.from({ length: 5 }, (_, n) => ({ type: 'chat', content: `${n}` })));
    await until(() => waiting.length === 5);
    for (const answer of waiting.reverse()) answer();
    expect((await one.got(5)).map(({ content }) => content)).toEqual(['0', '1', '2', '3', '4']);
  });

  test('sends without TLS, even if its CI uses TLS', async () => {
    const { url } = await served({ listen: { tls: certificates.server } });
    const pool = pooled({ cis: { apollo: { url, tls: { ca: certificates.ca } } } });
    const one = await client(await proxied(pool));
    one.send({ type: 'chat', content: 'x' });
    expect((await one.got(1))[0]?.content).toBe('You said: x');
  });

  test('shares connections: a thousand clients come and go over as many as were in use at once', async () => {
    const ci = await served();
    const proxy = await proxied(pooled({ cis: { apollo: ci.url } }));
    for (let round = 0; round < 10; round += 1) {
      const all = await Promise.all(Array.from({ length: 100 }, () => client(proxy)));
      for (const [index, one] of all.entries()) one.send({ type: 'chat', content: `${round} ${index}` });
      for (const [index, one] of all.entries()) {
        expect((await one.got(1))[0]?.content).toBe(`You said: ${round} ${index}`);
        one.socket.end();
      }
    }
    expect(ci.totalConnections).toBeLessThanOrEqual(100);
    await until(() => proxy.clients === 0);
    expect(proxy.totalClients).toBe(1_000);
  });
});

describe('what goes wrong', () => {
  test("passes on the CI's own error text", async () => {
    const { url } = await served({
      handler: () => {
        throw new Error('out of ideas');
      },
    });
    const one = await client(await proxied(pooled({ cis: { apollo: url } })));
    one.send({ type: 'chat', content: 'x' });
    expect((await one.got(1))[0]).toEqual({ type: 'error', ai_id: 'apollo', error: 'out of ideas' });
  });

  test("passes on the CI's own answer to a line that is no JSON, in its turn", async () => {
    const { url } = await served();
    const one = await client(await proxied(pooled({ cis: { apollo: url } })));
    one.send({ type: 'chat', content: 'x' });
    one.socket.write('nonsense\n');
    one.send({ type: 'chat', content: 'y' }, { content: 'no type' });
    expect(await one.got(4)).toMatchObject([
      { content: 'You said: x' },
      { type: 'error', error: 'Invalid JSON' },
      { content: 'You said: y' },
      { content: 'You said: no type' },
    ]);
  });

  test('closes on a client that sends JSON but no object, as CIs do', async () => {
    const { url } = await served();
    const one = await client(await proxied(pooled({ cis: { apollo: url } })));
    one.socket.write('[1,2]\n');
    await one.closed;
    expect(one.lines).toEqual([]);
  });

  test('closes on a client that sends a line too long, after the earlier answers', async () => {
    const { url } = await served();
    const one = await client(await proxied(pooled({ cis: { apollo: url } }), { maxLineBytes: 100 }));
    one.send({ type: 'chat', content: 'x' });
    await one.got(1);
    one.socket.write('x'.repeat(1_000));
    await one.closed;
    expect(await one.got(1)).toMatchObject([{ content: 'You said: x' }]);
    expect(one.lines).toHaveLength(1);
  });

  test('cancels the requests of a client that leaves', async () => {
    const stopped: string[] = [];
    const { url } = await served({
      handler: ({ content, signal }) =>
        new Promise(() => signal.addEventListener('abort', () => stopped.push(content))),
    });
    const pool = pooled({ cis: { apollo: url } });
    const one = await client(await proxied(pool));
    one.send({ type: 'chat', content: 'x' });
    await until(() => pool.snapshot().totals.inFlight === 1);
    one.socket.resetAndDestroy();
    await until(() => pool.snapshot().totals.inFlight === 0);
    expect(pool.snapshot().totals.metrics.cancelled).toBe(1);
  });

  test('cuts off a client that does not read, and cancels its stream', async () => {
    let isStopped = false;
    const { url } = await served({
      async *handler() {
        try {
          while (true) yield 'x'.repeat(60_000);
        } finally {
          isStopped = true;
        }
      },
    });
    const pool = pooled({ cis: { apollo: url }, maxReplyBytes: 2 ** 28, maxConnections: 1 });
    const proxy = await proxied(pool, { maxUnreadBytes: 1_000_000 });
    const one = await client(proxy);
    one.socket.pause();
    one.send({ type: 'chat', content: 'x', stream: true });
    await until(() => proxy.clients === 0);
    await until(() => pool.snapshot().totals.inFlight === 0);
    await pool.remove('apollo');
    await until(() => isStopped);
  });

  test('stops reading from a client with too many requests until some are answered', async () => {
    const waiting: (() => void)[] = [];
    const { url } = await served({ handler: () => new Promise((resolve) => waiting.push(() => resolve('x'))) });
    const pool = pooled({ cis: { apollo: url }, maxWaiting: 1_000 });
    const proxy = await proxied(pool, { maxPending: 3 });
    const one = await client(proxy);
    for (let n = 0; n < 10; n += 1) {
      one.send({ type: 'chat', content: `${n}` });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const { inFlight, waiting: queued } = pool.snapshot().totals;
    expect(inFlight + queued).toBe(3);
    while (one.lines.length < 10) {
      for (const answer of waiting.splice(0)) answer();
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
});

describe('closing', () => {
  test('finishes requests in flight, takes no more, and leaves the pool open', async () => {
    const { proxy, requests, ci } = await scripted();
    const one = await client(proxy);
    const idle = await client(proxy);
    one.send({ type: 'chat', content: 'x' });
    const [request] = await requests(1);
    const closing = proxy.close();
    await idle.closed;
    one.send({ type: 'chat', content: 'too late' });
    request?.reply('done', { echo: true });
    expect((await one.got(1))[0]).toMatchObject({ content: 'done' });
    await closing;
    await one.closed;
    expect(ci.received).toHaveLength(1);
    await expect(client(proxy)).rejects.toThrow('ECONNREFUSED');
  });

  test('cuts requests that take too long', async () => {
    const { proxy, requests } = await scripted();
    const one = await client(proxy);
    one.send({ type: 'chat', content: 'x' });
    await requests(1);
    await proxy.close({ drainTimeoutMs: 20 });
    await one.closed;
    expect(one.lines).toEqual([]);
  });

  test('a second close returns the same', async () => {
    const { proxy } = await scripted();
    await Promise.all([proxy.close(), proxy.close()]);
  });
});

describe('bad options', () => {
  test.each([
    [{ listen: { numa: 0 } }, 'the pool has no CI "numa"'],
    [{ listen: { apollo: -1 } }, 'listen.apollo is -1: use a whole number from 0 to 65535'],
    [{ listen: { apollo: { port: -1 } } }, 'listen.apollo.port is -1: use a whole number'],
    [{ listen: { apollo: 0 }, maxPending: 0 }, 'maxPending is 0: use a whole number from 1'],
    [{ listen: { apollo: 0 }, colour: 1 }, 'colour is not an option'],
  ])('%j', async (options, why) => {
    const pool = pooled({ cis: { apollo: 'tcp://127.0.0.1:1' } });
    await expect(proxied(pool, options as never)).rejects.toThrow(why);
  });

  test('an address that is taken: listeners already open are closed again', async () => {
    const { url } = await served();
    const pool = pooled({ cis: { apollo: url, athena: url } });
    const port = Number(new URL(url).port);
    await expect(proxied(pool, { listen: { apollo: 0, athena: port } })).rejects.toThrow('cannot listen on');
  });
});

test('leaves no socket once all clients are gone', async () => {
  const ci = await served();
  const proxy = await proxied(pooled({ cis: { apollo: ci.url } }));
  const one = await client(proxy);
  one.send({ type: 'ping' });
  await one.got(1);
  one.socket.end();
  await once(one.socket, 'close');
  await until(() => proxy.clients === 0);
});
