import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { type ChoragusError, createPool, type Pool, type Reply } from '../../../src/index.js';
import { type CiRequest, serveCi } from '../../../src/server/index.js';
import { RawCi } from '../../support/raw-peer.js';
import { soon } from '../../support/soon.js';
import { connectTo } from '../../support/wire-client.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function served() {
  const seen: CiRequest[] = [];
  const ci = await serveCi({
    id: 'apollo',
    handler: (request) => {
      seen.push(request);
      return `You said: ${request.content}`;
    },
  });
  closing.push(() => ci.close());
  const client = await connectTo(ci.url);
  closing.push(() => client.close());
  return { ci, client, seen };
}

describe('a message without a type', () => {
  test.each([
    ['content', { content: 'hello' }, 'hello'],
    ['message', { message: 'hello' }, 'hello'],
    ['both: content counts', { message: 'no', content: 'yes' }, 'yes'],
    ['an empty content', { content: '' }, ''],
    ['settings besides', { message: 'hello', temperature: 0.5, max_tokens: 9, context: { a: 1 } }, 'hello'],
  ])('with %s is a chat', async (_, message, content) => {
    const { client, seen } = await served();
    client.send(message, { ...message, request_id: 7 });
    const reply = { type: 'chat_response', ai_id: 'apollo', content: `You said: ${content}` };
    const answers = await soon(client.take(2), 'two answers');
    expect(answers).toContainEqual(reply);
    expect(answers).toContainEqual({ ...reply, request_id: 7 });
    expect(seen[0]).toMatchObject({ type: 'chat', content, isStream: false });
    expect(seen[0]?.raw).toEqual(message);
  });

  test('may request a stream', async () => {
    const { client } = await served();
    client.send({ message: 'hello', stream: true });
    const types = (await soon(client.take(3), 'a stream')).map(({ type }) => type);
    expect(types).toEqual(['stream_start', 'stream_chunk', 'stream_end']);
  });
});

test.each(['dance', 'Chat', 'chat ', ''])(
  'a message of the type %j goes to the handler, and is answered as `response`',
  async (type) => {
    const { client, seen } = await served();
    client.send({ type, content: 'x' });
    expect(await soon(client.next(), 'an answer')).toEqual({
      type: 'response',
      ai_id: 'apollo',
      content: 'You said: x',
    });
    expect(seen[0]).toMatchObject({ type, content: 'x' });
  },
);

describe('a time of 0 means none, or is rejected by name', () => {
  const zeros: readonly (readonly [name: string, act: (pool: Pool) => Promise<unknown>])[] = [
    ['deadlineMs', (pool) => firstValueFrom(pool.ask('apollo', 'x', { deadlineMs: 0 }))],
    ['deadlineMs', (pool) => lastValueFrom(pool.stream('apollo', 'x', { deadlineMs: 0 }))],
    ['deadlineMs', (pool) => firstValueFrom(pool.request('apollo', { type: 'ping' }, { deadlineMs: 0 }))],
    ['timeout', (pool) => firstValueFrom(pool.ask('apollo', 'x', { timeout: 0 } as object))],
    ['deadlineMs', () => again({ deadlineMs: 0 })],
    ['timeout', () => again({ timeout: 0 })],
  ];
  const again = async (options: object) => closing.push(await serving(options));
  const serving = async (options: object) => {
    const ci = await serveCi({ id: 'a', handler: () => '', ...options });
    return () => ci.close();
  };

  test.each(zeros)('%s: 0 (%#)', async (name, act) => {
    const { ci } = await served();
    const pool = createPool({ cis: { apollo: ci.url }, logger: false });
    closing.push(() => pool.close({ drainTimeoutMs: 0 }));
    const refusal = await soon(act(pool), 'an outcome').then(
      () => undefined,
      (error: ChoragusError) => error,
    );
    if (refusal === undefined) return;
    expect(refusal).toMatchObject({ code: 'invalid_config', message: expect.stringContaining(name) });
  });

  test('0 as a field of a message is an ordinary field', async () => {
    const { client, seen } = await served();
    const message = { type: 'chat', content: 'x', deadlineMs: 0, timeout: 0 };
    client.send(message);
    expect(await soon(client.next(), 'an answer')).toMatchObject({ type: 'chat_response', content: 'You said: x' });
    expect(seen[0]?.raw).toEqual(message);
    expect(seen[0]?.signal.aborted).toBe(false);
  });
});

test('onEnd gets all fields of a chat_response with which an old peer answers a stream', async () => {
  const fields = {
    ai_id: 'apollo-ci',
    model: 'llama3',
    anything: [{ a: 1 }],
    metadata: { tokens: 7 },
    usage: { input_tokens: 3 },
  };
  await using ci = await RawCi.listen((request) => {
    request.reply(`${JSON.stringify({ type: 'chat_response', content: 'all', ...fields })}\n`);
  });
  const pool = createPool({ cis: { apollo: ci.url }, logger: false });
  closing.push(() => pool.close({ drainTimeoutMs: 0 }));
  const ends: Reply[] = [];
  const stream = pool.stream('apollo', 'x', { onEnd: (reply) => ends.push(reply) }).pipe(toArray());
  expect((await soon(lastValueFrom(stream), 'a stream')).map(({ content }) => content)).toEqual(['all']);
  expect(ends).toHaveLength(1);
  expect(ends[0]).toMatchObject({
    content: 'all',
    model: 'llama3',
    raw: { type: 'chat_response', content: 'all', ...fields },
  });
});
