import { mkdtempSync, rmSync } from 'node:fs';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SocketListenOptions } from '../../../src/index.js';
import { certificates } from '../../support/certificates.js';
import { Gate } from '../../support/gate.js';
import { halfClosers, missing, portOf, run } from '../../support/programs.js';
import { RawClient } from '../../support/raw-client.js';
import { rawIdOf } from '../../support/raw-json.js';
import type { RawRequest } from '../../support/raw-peer.js';
import { soon } from '../../support/soon.js';
import { until } from '../../support/stage.js';
import { connected, type RawProxyOptions, useRawProxy } from './raw-proxy-rig.js';

const { open, onEnd } = useRawProxy();

/** The address of the proxy for its clients. */
const listens: Readonly<Record<'tcp' | 'tls' | 'unix', () => SocketListenOptions>> = {
  tcp: () => ({ port: 0 }),
  tls: () => ({ port: 0, tls: certificates.server }),
  unix: () => {
    const folder = mkdtempSync(join(tmpdir(), 'half-'));
    onEnd(() => rmSync(folder, { recursive: true, force: true }));
    return { path: join(folder, 'ci.sock') };
  },
};

function answer(request: RawRequest, isEchoing: boolean): void {
  const { content } = JSON.parse(request.line);
  const id = isEchoing ? `"request_id":${rawIdOf(request.line)},` : '';
  request.reply(`{${id}"type":"chat_response","content":"to ${content}"}\n`);
}

/** A CI whose answers wait for the gate, with a proxy in front of it. */
async function gated(wire: 'tcp' | 'tls' | 'unix', isEchoing = true, options: RawProxyOptions = {}) {
  const gate = new Gate();
  const onRequest = (request: RawRequest) => void gate.opened.then(() => answer(request, isEchoing));
  const proxy = { listen: { apollo: listens[wire]() } };
  return { ...(await open({ onRequest, echoes: isEchoing, proxy, ...options })), gate };
}

/** Exchanges with the CI itself, so that the end of the tested client arrives before its answers. */
async function aWhile(url: string, exchanges = 30): Promise<void> {
  const other = await RawClient.to(url);
  for (let count = 1; count <= exchanges; count += 1) {
    other.send('{"type":"ping"}\n');
    await soon(other.got(count), 'a pong');
  }
  other.close();
}

/**
 * This many chats, the last one without its `
 * `.
 */
function chats(count: number, id: (index: number) => string = () => ''): string {
  return Array.from({ length: count }, (_, index) => `{"type":"chat","content":"${index}"${id(index)}}`).join('\n');
}

function contentsOf(text: string): unknown[] {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).content);
}

const counts = [1, 10, 100];
const answersTo = (count: number) => Array.from({ length: count }, (_, index) => `to ${index}`);

describe.each(halfClosers.map((peer) => [peer.title, peer] as const))('%s', (_, { name, wire, args, cannot }) => {
  describe.each([true, false])('to a CI that echoes ids: %s', (isEchoing) => {
    test.skipIf(cannot !== '').each(counts)(
      '%i pending: all are answered in order, then the connection ends',
      async (count) => {
        const { ci, proxy, url, gate } = await gated(wire, isEchoing);
        (await connected(url)).close();
        const peer = run(name, args(url), chats(count));
        onEnd(peer.kill);
        await soon(ci.requests(1), 'a request');
        await aWhile(ci.url);
        gate.open();
        const { code, stdout } = await soon(peer.ended, `the end of ${name}`, 8_000);
        expect(contentsOf(stdout)).toEqual(answersTo(count));
        expect(code).toBe(0);
        await until(() => proxy.clients === 0);
      },
    );
  });
});

describe.each(['tcp', 'tls', 'unix'] as const)('a client over %s that ends its side', (wire) => {
  test.each(counts)('%i pending: all are answered in order, then the proxy closes', async (count) => {
    const { ci, proxy, client, gate } = await gated(wire);
    const one = await client();
    one.finish(chats(count));
    await soon(ci.requests(1), 'a request');
    await aWhile(ci.url);
    gate.open();
    expect(contentsOf(await soon(one.ended, 'the end'))).toEqual(answersTo(count));
    expect(one.end).toBe('fin');
    await until(() => proxy.clients === 0);
  });

  test('before any byte: the proxy closes, and sends nothing to the CI', async () => {
    const { ci, proxy, client } = await gated(wire);
    const one = await client();
    one.finish();
    expect(await soon(one.ended, 'the end')).toBe('');
    await until(() => proxy.clients === 0);
    expect(ci.lines).toEqual([]);
  });

  test('a running stream passes to its end', async () => {
    const { ci, client } = await open({ echoes: true, proxy: { listen: { apollo: listens[wire]() } } });
    const one = await client();
    one.finish('{"type":"chat","content":"x","stream":true}');
    const request = await soon(ci.next(), 'a request');
    const id = `"request_id":${rawIdOf(request.line)}`;
    request.reply(`{"type":"stream_chunk","content":"one",${id}}\n`, 'more');
    await soon(one.got(1), 'the first piece');
    await aWhile(ci.url);
    request.reply(`{"type":"stream_chunk","content":"two",${id}}\n`, 'more');
    request.reply(`{"type":"stream_end",${id}}\n`);
    const types = (await soon(one.ended, 'the end'))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line).type);
    expect(types).toEqual(['stream_chunk', 'stream_chunk', 'stream_end']);
    expect(one.end).toBe('fin');
  });
});

describe('a client that has ended its side', () => {
  test('and then resets: its requests are cancelled with the first answer that cannot be written', async () => {
    const { ci, pool, proxy, client } = await open({ echoes: true, pool: { pipelining: 100 } });
    const one = await client();
    one.finish(chats(10, (index) => `,"request_id":${index}`));
    const requests = await soon(ci.requests(10), 'ten requests');
    await aWhile(ci.url);
    (one.socket as net.Socket).resetAndDestroy();
    await aWhile(ci.url);
    // After the end of input, only a write can detect a reset. In order: perhaps the first request goes first.
    for (const content of ['0', '1']) {
      answer(requests.find(({ line }) => line.includes(`"content":"${content}"`)) as RawRequest, true);
      await aWhile(ci.url);
    }
    await until(() => proxy.clients === 0);
    await until(() => pool.snapshot().totals.inFlight + pool.snapshot().totals.waiting === 0);
  });

  test('and reads nothing: it is cut off, and its stream is cancelled', async () => {
    let isOver = false;
    const onRequest = async (request: RawRequest) => {
      const chunk = `{"type":"stream_chunk","content":"${'x'.repeat(60_000)}","request_id":${rawIdOf(request.line)}}\n`;
      const { socket } = request.connection;
      socket.once('close', () => {
        isOver = true;
      });
      while (!isOver) {
        request.reply(chunk, 'more');
        await new Promise((resolve) => setImmediate(resolve));
        if (socket.writableNeedDrain)
          await new Promise<void>((resolve) => socket.once('drain', resolve).once('close', resolve));
      }
    };
    const rig = await open({
      onRequest,
      echoes: true,
      pool: { maxReplyBytes: 2 ** 28 },
      proxy: { maxUnreadBytes: 1_000_000 },
    });
    const one = await rig.client();
    one.socket.pause();
    one.finish('{"type":"chat","content":"x","stream":true}');
    await soon(rig.ci.requests(1), 'a request');
    await until(() => rig.proxy.clients === 0);
    await until(() => rig.pool.snapshot().totals.inFlight === 0);
    isOver = true;
  });
});

const openssl = missing('openssl');
test.skipIf(openssl !== '')(
  `openssl s_client, which closes at the end of its input: its last line counts${openssl}`,
  async () => {
    const { ci, proxy, url, gate } = await gated('tls');
    (await connected(url)).close();
    const where = ['-connect', `127.0.0.1:${portOf(url)}`];
    const peer = run('openssl', ['s_client', '-quiet', '-no_ign_eof', ...where], '{"type":"chat","content":"last"}');
    onEnd(peer.kill);
    await soon(ci.requests(1), 'a request', 8_000);
    gate.open();
    await soon(peer.ended, 'the end of openssl', 8_000);
    await until(() => proxy.clients === 0);
  },
);
