import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type CiHandler, type CiServer, type ListenOptions, serveCi } from '../../../src/server/index.js';
import { certificates } from '../../support/certificates.js';
import { Gate } from '../../support/gate.js';
import { halfClosers, missing, portOf, run } from '../../support/programs.js';
import { RawClient } from '../../support/raw-client.js';
import { soon } from '../../support/soon.js';
import { until } from '../../support/stage.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const listens: Readonly<Record<'tcp' | 'tls' | 'unix', () => ListenOptions>> = {
  tcp: () => ({}),
  tls: () => ({ tls: certificates.server }),
  unix: () => {
    const folder = mkdtempSync(join(tmpdir(), 'half-'));
    closing.push(() => rmSync(folder, { recursive: true, force: true }));
    return { path: join(folder, 'ci.sock') };
  },
};

async function served(listen: ListenOptions, handler: CiHandler): Promise<CiServer> {
  const ci = await serveCi({ id: 'apollo', handler, listen });
  closing.push(() => ci.close());
  return ci;
}

/** A CI whose answers wait for the gate; it records its requests and their cancellations. */
async function gated(listen: ListenOptions = {}) {
  const gate = new Gate();
  const asked: string[] = [];
  const aborted: string[] = [];
  const ci = await served(listen, async ({ content, signal }) => {
    asked.push(content);
    signal.addEventListener('abort', () => aborted.push(content));
    await gate.opened;
    return `to ${content}`;
  });
  return { ci, gate, asked, aborted };
}

/** Exchanges with another client, so that the end of the tested client arrives before its answers. */
async function aWhile(ci: CiServer, exchanges = 30): Promise<void> {
  const [, path] = /^unix:(.*)/.exec(ci.url) ?? [];
  if (path !== undefined) return;
  const other = await RawClient.to(ci.url);
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
  const lines = Array.from({ length: count }, (_, index) => `{"type":"chat","content":"${index}"${id(index)}}`);
  return lines.join('\n');
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
  test.skipIf(cannot !== '').each(counts)(
    '%i pending: all are answered in order, then the connection ends',
    async (count) => {
      const { ci, gate } = await gated(listens[wire]());
      const peer = run(name, args(ci.url), chats(count));
      closing.push(peer.kill);
      await until(() => ci.connections === 1);
      await aWhile(ci);
      gate.open();
      const { code, stdout } = await soon(peer.ended, `the end of ${name}`, 8_000);
      expect(contentsOf(stdout)).toEqual(answersTo(count));
      expect(code).toBe(0);
      await until(() => ci.connections === 0);
    },
  );
});

describe.each(['tcp', 'tls', 'unix'] as const)('a client over %s that ends its side', (wire) => {
  test.each(counts)('%i pending: all are answered in order, then the server closes', async (count) => {
    const { ci, gate, asked } = await gated(listens[wire]());
    const client = await RawClient.to(ci.url);
    client.finish(chats(count));
    await until(() => asked.length > 0);
    await aWhile(ci);
    gate.open();
    expect(contentsOf(await soon(client.ended, 'the end'))).toEqual(answersTo(count));
    expect(client.end).toBe('fin');
    await until(() => ci.connections === 0);
  });

  test('with ids: each is answered once', async () => {
    const { ci, gate, asked, aborted } = await gated(listens[wire]());
    const client = await RawClient.to(ci.url);
    client.finish(chats(10, (index) => `,"request_id":${index}`));
    await until(() => asked.length === 10);
    await aWhile(ci);
    gate.open();
    expect(contentsOf(await soon(client.ended, 'the end')).sort()).toEqual(answersTo(10));
    expect(aborted).toEqual([]);
  });

  test('before any byte: the server closes', async () => {
    const { ci, asked } = await gated(listens[wire]());
    const client = await RawClient.to(ci.url);
    client.finish();
    expect(await soon(client.ended, 'the end')).toBe('');
    await until(() => ci.connections === 0);
    expect(asked).toEqual([]);
  });

  test('a running stream is sent to its end', async () => {
    const gate = new Gate();
    const ci = await served(listens[wire](), async function* () {
      yield 'one';
      await gate.opened;
      yield 'two';
    });
    const client = await RawClient.to(ci.url);
    client.finish('{"type":"chat","content":"x","stream":true}');
    await soon(client.got(2), 'the first piece');
    await aWhile(ci);
    gate.open();
    await soon(client.ended, 'the end');
    const types = client.lines.map((line) => JSON.parse(line).type);
    expect(types).toEqual(['stream_start', 'stream_chunk', 'stream_chunk', 'stream_end']);
  });

  test('after an unfinished line that is no JSON: it gets an error, too', async () => {
    const { ci, gate } = await gated(listens[wire]());
    const client = await RawClient.to(ci.url);
    client.finish('{"type":"chat","content":"0"}\n{"type":"chat","cont');
    gate.open();
    const lines = (await soon(client.ended, 'the end'))
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    expect(lines).toMatchObject([{ content: 'to 0' }, { type: 'error', error: 'Invalid JSON' }]);
    expect(client.end).toBe('fin');
  });
});

describe('a client that has ended its side', () => {
  test('and then resets: its requests are cancelled with the first answer that cannot be written', async () => {
    const gates = Array.from({ length: 10 }, () => new Gate());
    const aborted: string[] = [];
    let begun = 0;
    const ci = await served({}, async ({ content, signal }) => {
      begun += 1;
      signal.addEventListener('abort', () => aborted.push(content));
      await gates[Number(content)]?.opened;
      return content;
    });
    const client = await RawClient.to(ci.url);
    client.finish(chats(10, (index) => `,"request_id":${index}`));
    await until(() => begun === 10);
    await aWhile(ci);
    (client.socket as net.Socket).resetAndDestroy();
    await aWhile(ci);
    // After the end of input, only a write can detect a reset.
    gates[0]?.open();
    await aWhile(ci);
    gates[1]?.open();
    await until(() => ci.connections === 0);
    await until(() => aborted.length >= 8);
    expect(aborted).toEqual(expect.arrayContaining(['2', '3', '4', '5', '6', '7', '8', '9']));
  });

  test('and reads nothing: its stream waits, and closing the server ends it', async () => {
    let made = 0;
    let isStopped = false;
    const ci = await served({}, async function* () {
      try {
        for (;;) {
          made += 1;
          yield 'x'.repeat(100_000);
        }
      } finally {
        isStopped = true;
      }
    });
    const client = await RawClient.to(ci.url);
    closing.push(() => client.close());
    client.socket.pause();
    client.finish('{"type":"chat","content":"x","stream":true}');
    let before = -1;
    await until(() => made > 0);
    for (let still = 0; still < 3; still = made === before ? still + 1 : 0) {
      before = made;
      await aWhile(ci);
    }
    // More than the socket buffers of both ends hold: 40 MB.
    expect(made).toBeGreaterThan(1);
    expect(made).toBeLessThan(400);
    expect(isStopped).toBe(false);
    await ci.close();
    await until(() => isStopped);
  });

  test('is not read further once 1,024 requests wait: the result is the same', async () => {
    const { ci, gate, asked } = await gated();
    const client = await RawClient.to(ci.url);
    client.finish(chats(3_000, (index) => `,"request_id":${index},"pad":"${'x'.repeat(1_000)}"`));
    await until(() => asked.length >= 1_024);
    gate.open();
    await soon(client.ended, 'the end', 8_000);
    expect(new Set(contentsOf(client.text)).size).toBe(3_000);
  });
});

test('a client that ends its side during the TLS handshake, or sends no TLS, is closed', async () => {
  const { ci } = await gated(listens.tls());
  for (const bytes of ['', '{"type":"ping"}\n', '\x16\x03\x01']) {
    const client = await RawClient.to(ci.url.replace('tls:', 'tcp:'));
    client.finish(bytes);
    await until(() => ci.connections === 0);
    client.close();
  }
});

test('answers the last message before a WebSocket closes', async () => {
  const { ci, asked } = await gated({ webSocket: true });
  const ws = new WebSocket(ci.url);
  await once(ws, 'open');
  ws.send('{"type":"chat","content":"first","request_id":1}');
  ws.send('{"type":"chat","content":"last","request_id":2}');
  ws.close();
  await until(() => asked.length === 2);
  await until(() => ci.connections === 0);
});

const openssl = missing('openssl');
test.skipIf(openssl !== '')(
  `openssl s_client, which closes at the end of its input: its last line counts${openssl}`,
  async () => {
    const asked: string[] = [];
    const ci = await served({ tls: certificates.server }, ({ content }) => {
      asked.push(content);
      return content;
    });
    const where = ['-connect', `127.0.0.1:${portOf(ci.url)}`];
    const peer = run('openssl', ['s_client', '-quiet', '-no_ign_eof', ...where], '{"type":"chat","content":"last"}');
    closing.push(peer.kill);
    await soon(peer.ended, 'the end of openssl', 8_000);
    await until(() => ci.connections === 0);
    expect(asked).toEqual(['last']);
  },
);
