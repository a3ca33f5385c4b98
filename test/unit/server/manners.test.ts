import { of } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { type CiHandler, type Correlation, type Streaming, serveCi } from '../../../src/server/index.js';
import { Gate } from '../../support/gate.js';
import { expectNoLeaks } from '../../support/leaks.js';
import { connectTo } from '../../support/wire-client.js';

const words: CiHandler = async function* ({ content }) {
  for (const word of content.split(' ')) yield word;
};
const chat = (content: string, fields: object = {}) => ({ type: 'chat', content, ...fields });

const starts = { type: 'stream_start', ai_id: 'apollo' };
const chunks = [
  { type: 'stream_chunk', content: 'one', chunk_index: 0 },
  { type: 'stream_chunk', content: 'two', chunk_index: 1 },
];
const ends = { type: 'stream_end', metadata: { chunks: 2 } };
const legacy = [
  { type: 'chunk', ai_id: 'apollo', content: 'one' },
  { type: 'chunk', ai_id: 'apollo', content: 'two' },
  { type: 'complete', ai_id: 'apollo' },
];
const whole = [{ type: 'chat_response', ai_id: 'apollo', content: 'onetwo' }];
const id = { request_id: 7 };

const table: { correlation: Correlation; streaming: Streaming; frames: object[]; reply: object }[] = [
  {
    correlation: 'byId',
    streaming: 'frames',
    frames: [starts, ...chunks, ends].map((f) => ({ ...f, ...id })),
    reply: id,
  },
  { correlation: 'byId', streaming: 'legacy', frames: legacy.map((f) => ({ ...f, ...id })), reply: id },
  { correlation: 'byId', streaming: 'none', frames: whole.map((f) => ({ ...f, ...id })), reply: id },
  {
    correlation: 'ordered',
    streaming: 'frames',
    frames: [starts, ...chunks, ends].map((f) => ({ ...f, ...id })),
    reply: {},
  },
  { correlation: 'ordered', streaming: 'legacy', frames: legacy, reply: {} },
  { correlation: 'ordered', streaming: 'none', frames: whole, reply: {} },
];

describe.each(table)(
  'a CI that is $correlation and streams by $streaming',
  ({ correlation, streaming, frames, reply }) => {
    test('answers a stream in its dialect', async () => {
      const settled = expectNoLeaks();
      {
        await using server = await serveCi({ id: 'apollo', correlation, streaming, handler: words });
        const client = await connectTo(server.url);
        client.send(chat('one two', { stream: true, request_id: 7 }));
        expect(await client.take(frames.length)).toEqual(frames);
        await client.close();
      }
      await settled();
    });

    test('answers all other types whole, and errors with an error', async () => {
      const handler: CiHandler = ({ type, content }) => {
        if (content === 'fail') throw new Error('no such tune');
        return of(type, '!');
      };
      await using server = await serveCi({ id: 'apollo', correlation, streaming, handler });
      const client = await connectTo(server.url);
      client.send(chat('hello', { request_id: 7 }));
      expect(await client.next()).toEqual({ type: 'chat_response', ai_id: 'apollo', content: 'chat!', ...reply });
      client.send({ type: 'sing', request_id: 7 });
      expect(await client.next()).toEqual({ type: 'response', ai_id: 'apollo', content: 'sing!', ...reply });
      client.send(chat('fail', { request_id: 7 }));
      expect(await client.next()).toEqual({ type: 'error', ai_id: 'apollo', error: 'no such tune', ...reply });
      client.send({ type: 'ping', request_id: 7 });
      expect(await client.next()).toEqual({ type: 'pong', ai_id: 'apollo', timestamp: expect.any(Number), ...reply });
    });

    test('reports a stream that fails midway', async () => {
      const handler: CiHandler = async function* () {
        yield 'one';
        throw new Error('lost the thread');
      };
      await using server = await serveCi({ id: 'apollo', correlation, streaming, handler });
      const client = await connectTo(server.url);
      client.send(chat('go', { stream: true, request_id: 7 }));
      const expected = {
        frames: [starts, chunks[0], { type: 'stream_error', error: 'lost the thread' }],
        legacy: [legacy[0], { type: 'stream_error', ai_id: 'apollo', error: 'lost the thread' }],
        none: [{ type: 'error', ai_id: 'apollo', error: 'lost the thread' }],
      }[streaming];
      const echoed = correlation === 'byId' || streaming === 'frames' ? id : {};
      expect(await client.take(expected.length)).toEqual(expected.map((frame) => ({ ...frame, ...echoed })));
    });

    test('sends a stream as one reply if the request does not ask for a stream', async () => {
      await using server = await serveCi({ id: 'apollo', correlation, streaming, handler: words });
      const client = await connectTo(server.url);
      client.send(chat('one two', { request_id: 7 }));
      expect(await client.next()).toEqual({ ...whole[0], ...reply });
    });
  },
);

describe('order', () => {
  function gated() {
    const gates: Record<string, Gate<string>> = { slow: new Gate(), slower: new Gate() };
    const handler: CiHandler = ({ content }) => gates[content]?.opened ?? content;
    return { gates, handler };
  }

  test('a CI with ids sends whichever answer is ready first', async () => {
    const { gates, handler } = gated();
    await using server = await serveCi({ id: 'apollo', handler });
    const client = await connectTo(server.url);
    client.send(chat('slow', { request_id: 1 }), chat('slower', { request_id: 2 }), { type: 'ping', request_id: 3 });
    expect((await client.next()).request_id).toBe(3);
    gates.slower?.open('b');
    expect((await client.next()).request_id).toBe(2);
    gates.slow?.open('a');
    expect((await client.next()).request_id).toBe(1);
  });

  test('a CI without ids answers one request after the other: a ping after a slow chat waits', async () => {
    const { gates, handler } = gated();
    await using server = await serveCi({ id: 'apollo', correlation: 'ordered', handler });
    const client = await connectTo(server.url);
    const other = await connectTo(server.url);
    client.send(chat('slow'), { type: 'ping' }, 'no json', chat('quick'));
    // Another connection is served first, so the first one had its time.
    other.send({ type: 'ping' });
    expect((await other.next()).type).toBe('pong');
    gates.slow?.open('at last');
    const frames = await client.take(4);
    expect(frames.map((frame) => frame.type)).toEqual(['chat_response', 'pong', 'error', 'chat_response']);
    expect(frames[0]?.content).toBe('at last');
  });

  test('a CI without ids answers a later request between the frames of an earlier stream', async () => {
    const more = new Gate();
    const handler: CiHandler = async function* ({ isStream }) {
      yield 'one';
      if (isStream) await more.opened;
      yield 'two';
    };
    await using server = await serveCi({ id: 'apollo', correlation: 'ordered', handler });
    const client = await connectTo(server.url);
    client.send(chat('go', { stream: true, request_id: 1 }), chat('meanwhile', { request_id: 2 }));
    const first = await client.take(3);
    expect(first.map(({ type, request_id }) => [type, request_id])).toEqual([
      ['stream_start', 1],
      ['stream_chunk', 1],
      ['chat_response', undefined],
    ]);
    more.open();
    expect((await client.take(2)).map((frame) => frame.type)).toEqual(['stream_chunk', 'stream_end']);
  });

  test('a CI without ids keeps a stream of the older dialect in its turn', async () => {
    const more = new Gate();
    const handler: CiHandler = async function* () {
      yield 'one';
      await more.opened;
    };
    await using server = await serveCi({ id: 'apollo', correlation: 'ordered', streaming: 'legacy', handler });
    const client = await connectTo(server.url);
    client.send(chat('go', { stream: true }), { type: 'ping' });
    expect((await client.next()).type).toBe('chunk');
    more.open();
    expect((await client.take(2)).map((frame) => frame.type)).toEqual(['complete', 'pong']);
  });

  test('thousands of lines in one packet are answered in order', async () => {
    await using server = await serveCi({ id: 'apollo', correlation: 'ordered', handler: ({ content }) => content });
    const client = await connectTo(server.url);
    const contents = Array.from({ length: 20_000 }, (_, index) => `${index}`);
    client.send(...contents.map((content) => chat(content)));
    expect((await client.take(contents.length)).map((frame) => frame.content)).toEqual(contents);
  });
});
