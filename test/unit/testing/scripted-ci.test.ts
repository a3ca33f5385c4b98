import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scriptedCi } from '../../../src/testing/index.js';
import { certificates } from '../../support/certificates.js';
import { expectNoLeaks } from '../../support/leaks.js';
import { connectTo } from '../../support/wire-client.js';

test('returns requests in the order of arrival, before or after a call', async () => {
  const settled = expectNoLeaks();
  const ci = await scriptedCi();
  const asked = ci.nextRequest();
  const client = await connectTo(ci.url);
  client.send({ type: 'chat', content: 'a' }, { type: 'chat', content: 'b' }, 'no json', '[1]');
  expect((await asked).message).toEqual({ type: 'chat', content: 'a' });
  expect((await ci.nextRequest()).line).toBe('{"type":"chat","content":"b"}');
  expect((await ci.nextRequest()).message).toEqual({});
  expect((await ci.nextRequest()).line).toBe('[1]');
  expect(ci.received).toHaveLength(4);
  expect((await ci.nextConnection()).requests).toEqual(ci.received);
  await client.close();
  await ci.closed();
  await ci.closed();
  expect(ci.connections.map((connection) => connection.isOpen)).toEqual([false]);
  const unanswered = ci.nextRequest();
  const refused = expect(unanswered).rejects.toThrow('closed');
  await ci.close();
  await refused;
  await expect(ci.nextConnection()).rejects.toThrow('closed');
  await settled();
});

test('answers in every form', async () => {
  await using ci = await scriptedCi({ id: 'apollo' });
  const client = await connectTo(ci.url);
  client.send({ type: 'chat', content: 'a', request_id: 1 });
  const request = await ci.nextRequest();
  request.reply('text');
  request.reply('text', { echo: false });
  request.reply({ type: 'odd', request_id: 'other' });
  request.chunk('one');
  request.chunk('two', { echo: false });
  request.end();
  request.streamError('cut');
  request.error('no');
  request.replyText('{"raw":');
  request.replyText('true}\n');
  expect(await client.take(9)).toEqual([
    { type: 'chat_response', ai_id: 'apollo', content: 'text', request_id: 1 },
    { type: 'chat_response', ai_id: 'apollo', content: 'text' },
    { type: 'odd', request_id: 'other' },
    { type: 'stream_chunk', content: 'one', chunk_index: 0, request_id: 1 },
    { type: 'stream_chunk', content: 'two', chunk_index: 1 },
    { type: 'stream_end', metadata: {}, request_id: 1 },
    { type: 'stream_error', error: 'cut', request_id: 1 },
    { type: 'error', ai_id: 'apollo', error: 'no', request_id: 1 },
    { raw: true },
  ]);
});

test('a script answers by itself, and can be set later', async () => {
  await using ci = await scriptedCi({ script: (request) => request.reply('first script') });
  const client = await connectTo(ci.url);
  client.send({ type: 'ping', request_id: 1 });
  expect(await client.next()).toMatchObject({ type: 'pong', content: 'first script' });
  ci.onRequest((request, self) => request.reply(`number ${self.received.length}`));
  client.send({ type: 'health', request_id: 2 });
  expect(await client.next()).toMatchObject({ type: 'health_response', content: 'number 2' });
});

test('answers probes by itself, each after the answers owed before it', async () => {
  await using ci = await scriptedCi({ id: 'apollo' });
  const client = await connectTo(ci.url);
  client.send({ type: 'info' }, { type: 'chat', content: 'a' }, { type: 'ping' }, { type: 'chat', content: 'b' });
  client.send({ type: 'health' });
  const [a, b] = [await ci.nextRequest(), await ci.nextRequest()];
  expect(await client.next()).toEqual({ type: 'info_response', ai_id: 'apollo', timestamp: expect.any(Number) });
  b.reply('to b');
  expect(await client.next()).toMatchObject({ content: 'to b' });
  a.reply('to a');
  expect(await client.take(3)).toMatchObject([{ content: 'to a' }, { type: 'pong' }, { type: 'health_response' }]);
  expect(ci.received).toEqual([a, b]);
});

test('counts anything beyond a probe as a request; with `probes: scripted`, probes as well', async () => {
  await using ci = await scriptedCi();
  const client = await connectTo(ci.url);
  client.send({ type: 'ping', request_id: 1 }, { type: 'health', content: '' }, { type: 'chat' });
  for (const type of ['ping', 'health', 'chat']) expect((await ci.nextRequest()).message.type).toBe(type);

  await using scripted = await scriptedCi({ probes: 'scripted' });
  const other = await connectTo(scripted.url);
  other.send({ type: 'ping' }, { type: 'info' });
  const [ping, info] = [await scripted.nextRequest(), await scripted.nextRequest()];
  info.reply('second');
  ping.reply('first');
  expect(await other.take(2)).toMatchObject([{ content: 'second' }, { content: 'first' }]);
});

test('sends in pieces; later sends come after them', async () => {
  await using ci = await scriptedCi();
  const client = await connectTo(ci.url);
  const packets: string[] = [];
  client.socket.on('data', (text: string) => packets.push(text));
  const connection = await ci.nextConnection();
  const sent = connection.sendSplit('{"a":"12345"}\n', [1, 2]);
  connection.send('{"b":1}\n');
  const slow = connection.sendSlowly('{}\n');
  connection.close();
  await Promise.all([sent, slow, client.closed]);
  expect(packets.join('')).toBe('{"a":"12345"}\n{"b":1}\n{}\n');
  expect(packets.length).toBeGreaterThanOrEqual(5);
  await connection.closed;
  await connection.sendSlowly('to nobody');
  expect(() => piecesOfNothing(connection)).toThrow('[invalid_config] sendSplit: sizes is 0');
});

function piecesOfNothing(connection: { sendSplit(raw: string, sizes: number): Promise<void> }): void {
  void connection.sendSplit('x', 0);
}

test('a split send settles if the client leaves', async () => {
  await using ci = await scriptedCi();
  const client = await connectTo(ci.url);
  const connection = await ci.nextConnection();
  const endless = connection.sendSlowly('x'.repeat(10_000_000));
  await client.close();
  await endless;
});

test('resets and closes', async () => {
  await using ci = await scriptedCi();
  const one = await connectTo(ci.url);
  (await ci.nextConnection()).reset();
  expect(await one.closed).toBe('ECONNRESET');
  const two = await connectTo(ci.url);
  (await ci.nextConnection()).close();
  expect(await two.closed).toBeUndefined();
});

test('a paused connection reads and sends nothing, and continues where it was', async () => {
  await using ci = await scriptedCi({
    script: (request) => {
      if (ci.received.length === 1) request.connection.pause();
      request.reply(`answer ${ci.received.length}`);
    },
  });
  const client = await connectTo(ci.url);
  client.send({ type: 'chat' }, { type: 'chat' });
  await ci.nextRequest();
  client.send({ type: 'chat' });
  const other = await connectTo(ci.url);
  other.send({ type: 'chat' });
  expect((await other.next()).content).toBe('answer 2');
  ci.connections[0]?.resume();
  const contents = (await client.take(3)).map((frame) => frame.content);
  expect(contents).toEqual(['answer 1', 'answer 3', 'answer 4']);
});

test('serves TLS', async () => {
  const { ca, server } = certificates;
  await using ci = await scriptedCi({ listen: { tls: server }, script: (request) => request.reply('sealed') });
  const client = await connectTo(ci.url, { ca });
  client.send({ type: 'chat' });
  expect((await client.next()).content).toBe('sealed');
  ci.connections[0]?.reset();
  await client.closed;
});

test('serves unix sockets', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'choragus-'));
  try {
    await using ci = await scriptedCi({
      listen: { path: join(folder, 'ci.sock') },
      script: (request) => request.reply('near'),
    });
    const client = await connectTo(ci.url);
    client.send({ type: 'chat' });
    expect((await client.next()).content).toBe('near');
    ci.connections[0]?.reset();
    await client.closed;
  } finally {
    rmSync(folder, { recursive: true });
  }
});
