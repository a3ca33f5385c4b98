import { expect, test } from 'vitest';
import { type CiHandler, type CiRequest, serveCi } from '../../../src/server/index.js';
import { expectNoLeaks } from '../../support/leaks.js';
import { connectTo } from '../../support/wire-client.js';

const echo: CiHandler = ({ content }) => content;

test('health and info name the CI', async () => {
  await using server = await serveCi({
    id: 'apollo',
    handler: echo,
    component: 'oracle',
    description: 'sees patterns',
    model: 'ollama:llama3:8b',
    systemPrompt: 'Be brief.',
  });
  const client = await connectTo(server.url);
  client.send({ type: 'health' }, { type: 'info' });
  expect(await client.next()).toEqual({
    type: 'health_response',
    ai_id: 'apollo',
    status: 'healthy',
    component: 'oracle',
    model: 'ollama:llama3:8b',
    clients: 1,
  });
  expect(await client.next()).toEqual({
    type: 'info_response',
    ai_id: 'apollo',
    component: 'oracle',
    description: 'sees patterns',
    model_provider: 'ollama',
    model_name: 'llama3:8b',
    system_prompt: 'Be brief.',
    port: server.port,
  });
});

test('the handler receives the fields of the request, and the request', async () => {
  const seen: CiRequest[] = [];
  const handler: CiHandler = (request) => {
    seen.push(request);
    return '';
  };
  await using server = await serveCi({ id: 'apollo', handler });
  const client = await connectTo(server.url);
  const message = { type: 'chat', content: 'c', context: { a: 1 }, temperature: 0.5, max_tokens: 9, mood: 'calm' };
  client.send(message, { type: 'chat', content: 4, context: 'x', temperature: '1' });
  await client.take(2);
  expect(seen[0]).toMatchObject({ type: 'chat', content: 'c', context: { a: 1 }, temperature: 0.5, maxTokens: 9 });
  expect(seen[0]?.raw).toEqual(message);
  expect(seen[0]?.isStream).toBe(false);
  expect(seen[1]).toMatchObject({ content: '', context: undefined, temperature: undefined, maxTokens: undefined });
});

test('a request may be split at any byte, also inside characters', async () => {
  await using server = await serveCi({ id: 'apollo', handler: echo });
  const client = await connectTo(server.url);
  const line = Buffer.from(`${JSON.stringify({ type: 'chat', content: 'Grüße 世界 🎭' })}\n`);
  for (const byte of line) {
    client.socket.write(Buffer.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await client.next()).content).toBe('Grüße 世界 🎭');
});

test('a line that is no JSON gets an error, and the connection stays', async () => {
  await using server = await serveCi({ id: 'apollo', handler: echo });
  const client = await connectTo(server.url);
  client.send('{"type":', { type: 'chat', content: 'still here' });
  expect(await client.next()).toEqual({ type: 'error', error: 'Invalid JSON' });
  expect((await client.next()).content).toBe('still here');
});

test.each(['[1,2]', 'null', '"chat"', '3'])('a line that is no object (%s) drops the connection', async (line) => {
  await using server = await serveCi({ id: 'apollo', handler: echo });
  const client = await connectTo(server.url);
  client.send({ type: 'ping' }, line, { type: 'ping' });
  await client.closed;
  expect((await client.next()).type).toBe('pong');
  await expect(client.next()).rejects.toThrow('closed');
});

test('a line over the limit resets the connection, a line at the limit does not', async () => {
  await using server = await serveCi({ id: 'apollo', handler: () => 'ok', maxLineBytes: 1_000 });
  const client = await connectTo(server.url);
  const bare = JSON.stringify({ type: 'chat', content: '' });
  client.send({ type: 'chat', content: 'x'.repeat(1_000 - bare.length) });
  expect((await client.next()).content).toBe('ok');
  client.send({ type: 'chat', content: 'x'.repeat(1_001 - bare.length) });
  expect(await client.closed).toBe('ECONNRESET');
});

test('the limit is 65,536 bytes by default, also for a line without end', async () => {
  await using server = await serveCi({ id: 'apollo', handler: () => 'ok' });
  const client = await connectTo(server.url);
  client.socket.write('x'.repeat(70_000));
  expect(await client.closed).toMatch(/ECONNRESET|EPIPE/);
});

test('a handler that returns no text fails with a message', async () => {
  await using server = await serveCi({ id: 'apollo', handler: (() => 5) as unknown as CiHandler });
  const client = await connectTo(server.url);
  client.send({ type: 'chat', content: '', request_id: 'a' });
  expect(await client.next()).toMatchObject({
    type: 'error',
    error: expect.stringContaining('number'),
    request_id: 'a',
  });
});

test('counts connections, and closing leaves none', async () => {
  const settled = expectNoLeaks();
  const server = await serveCi({ id: 'apollo', handler: () => new Promise<string>(() => {}) });
  const [one, two] = [await connectTo(server.url), await connectTo(server.url)];
  two.send({ type: 'health' });
  expect((await two.next()).clients).toBe(2);
  await one.close();
  while (server.connections !== 1) await new Promise((resolve) => setImmediate(resolve));
  two.send({ type: 'chat', content: 'never answered' });
  await server.close();
  expect(server.connections).toBe(0);
  expect(server.totalConnections).toBe(2);
  await two.closed;
  await server.close();
  await settled();
});
