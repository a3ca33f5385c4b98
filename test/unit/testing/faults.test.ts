import { expect, test } from 'vitest';
import { faults, ManualClock, type Script, scriptedCi } from '../../../src/testing/index.js';
import { connectTo, type WireClient } from '../../support/wire-client.js';

const chat = (content: string, fields: object = {}) => ({ type: 'chat', content, ...fields });

async function withScript(script: Script, act: (client: WireClient, url: string) => Promise<void>): Promise<void> {
  await using ci = await scriptedCi({ script });
  const client = await connectTo(ci.url);
  await act(client, ci.url);
}

/** A round trip on another connection: by then, everything sent before on the first one has been read. */
async function roundTrip(url: string): Promise<void> {
  const other = await connectTo(url);
  await other.close();
}

test('replies: with ids, and with the content of the request', () =>
  withScript(faults.replies(), async (client) => {
    client.send(chat('a', { request_id: 1 }), { type: 'ping', request_id: 2 });
    const frames = await client.take(2);
    expect(frames.map(({ type, request_id }) => [type, request_id])).toEqual([
      ['chat_response', 1],
      ['pong', 2],
    ]);
    expect(frames[0]?.content).toBe('a');
  }));

test('repliesInOrder: without ids', () =>
  withScript(
    faults.repliesInOrder(({ message }) => `${message.content}!`),
    async (client) => {
      client.send(chat('a', { request_id: 1 }), chat('b', { request_id: 2 }));
      const frames = await client.take(2);
      expect(frames.map(({ content, request_id }) => [content, request_id])).toEqual([
        ['a!', undefined],
        ['b!', undefined],
      ]);
    },
  ));

test('delays: waits on the given clock', async () => {
  const clock = new ManualClock();
  await using ci = await scriptedCi({ script: faults.delays(500, clock) });
  const client = await connectTo(ci.url);
  client.send(chat('a'));
  await ci.nextRequest();
  expect(clock.nextTimerInMs()).toBe(500);
  clock.advance(500);
  expect((await client.next()).content).toBe('a');
});

test('late: answers on request, oldest first', async () => {
  const late = faults.late('ordered');
  await using ci = await scriptedCi({ script: late });
  const client = await connectTo(ci.url);
  client.send(chat('a', { request_id: 1 }), chat('b'), chat('c'));
  for (let count = 0; count < 3; count += 1) await ci.nextRequest();
  late.release(1);
  expect(await client.next()).toEqual({ type: 'chat_response', ai_id: 'scripted', content: 'a' });
  expect(late.held).toHaveLength(2);
  late.release();
  expect((await client.take(2)).map((frame) => frame.content)).toEqual(['b', 'c']);
});

test('outOfOrder: answers a given number at a time, in reverse', () =>
  withScript(faults.outOfOrder(2), async (client) => {
    client.send(chat('a'), chat('b'), chat('c'), chat('d'));
    expect((await client.take(4)).map((frame) => frame.content)).toEqual(['b', 'a', 'd', 'c']);
  }));

test.each(['hangs', 'halfOpen'] as const)('%s: sends nothing, and stays open', async (name) => {
  await using ci = await scriptedCi({ script: faults[name]() });
  const client = await connectTo(ci.url);
  client.send(chat('a'), chat('b'));
  await ci.nextRequest();
  await roundTrip(ci.url);
  expect(client.socket.bytesRead).toBe(0);
  expect(client.socket.destroyed).toBe(false);
  expect(ci.connections[0]?.isOpen).toBe(true);
});

test('closesAfterAccept', () =>
  withScript(faults.closesAfterAccept(), async (client) => {
    expect(await client.closed).toBeUndefined();
  }));

test('resets: in the middle of a line', () =>
  withScript(faults.resets(), async (client) => {
    client.send(chat('a'));
    // libuv reports a reset as an ordinary end if bytes come with it, as can happen on a busy machine.
    expect(['ECONNRESET', undefined]).toContain(await client.closed);
    await expect(client.next()).rejects.toThrow('closed');
  }));

test('cutOff: sends half a line, then ends', () =>
  withScript(faults.cutOff(), async (client) => {
    let text = '';
    client.socket.on('data', (piece: string) => {
      text += piece;
    });
    client.send(chat('a'));
    expect(await client.closed).toBeUndefined();
    expect(text).toMatch(/^\{"type":"chat/);
    expect(text).not.toContain('\n');
  }));

test.each([
  ['garbage', faults.garbage(), /^[^[{]/],
  ['notAnObject', faults.notAnObject(), /^\[/],
  ['oversize', faults.oversize(100_000), /^.{100000}\n$/],
  ['withoutContent', faults.withoutContent({ echo: false }), /^\{"type":"chat_response"\}\n$/],
  ['wrongType', faults.wrongType(), /^\{"request_id":1,"type":"pong"/],
])('%s', async (_name, script, expected) => {
  await withScript(script, async (client) => {
    let text = '';
    const line = new Promise<void>((resolve) => {
      client.socket.on('data', (piece: string) => {
        text += piece;
        if (text.endsWith('\n')) resolve();
      });
    });
    client.send(chat('a', { request_id: 1 }));
    await line;
    expect(text).toMatch(expected);
  });
});

test('splitBytes: sends whole lines in the end', () =>
  withScript(faults.splitBytes(), async (client) => {
    client.send(chat('a', { request_id: 1 }));
    expect(await client.next()).toEqual({ type: 'chat_response', request_id: 1, content: 'Grüße, 世界 🎭' });
  }));

test('slowLoris: sends for ever, and never finishes', async () => {
  await using ci = await scriptedCi({ script: faults.slowLoris() });
  const client = await connectTo(ci.url);
  let text = '';
  const dribbled = new Promise<void>((resolve) => {
    client.socket.on('data', (piece: string) => {
      text += piece;
      if (text.endsWith('zzz')) resolve();
    });
  });
  client.send(chat('a', { request_id: 1 }));
  await dribbled;
  expect(text).toMatch(/^\{"type":"chat_response","request_id":1,"content":"z+$/);
  await client.close();
  await ci.closed();
});

test('duplicates and unsolicited: send extra lines', async () => {
  await withScript(faults.duplicates(), async (client) => {
    client.send(chat('a', { request_id: 1 }));
    expect((await client.take(2)).map((frame) => frame.request_id)).toEqual([1, 1]);
  });
  await withScript(faults.unsolicited(), async (client) => {
    client.send(chat('a', { request_id: 1 }));
    expect((await client.take(2)).map((frame) => frame.request_id)).toEqual([1, undefined]);
  });
});
