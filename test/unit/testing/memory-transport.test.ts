import type { Subscription } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Channel, Frame } from '../../../src/contract/index.js';
import { ManualClock, type MemoryPeer, type MemoryTransport, memoryTransport } from '../../../src/testing/index.js';

/** A microtask turn, after the pending ones. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

class Client {
  readonly log: unknown[] = [];
  channel: Channel | undefined;
  readonly link: Subscription;

  constructor(wire: MemoryTransport, url = 'memory://apollo', maxReplyBytes = 1_000) {
    const dial = wire.prepare({ ci: 'apollo', url, maxReplyBytes });
    this.link = dial({
      alive: () => this.log.push('alive'),
      frame: (frame: Frame) => this.log.push(frame),
      drained: () => this.log.push('drained'),
      suspect: () => this.log.push('suspect'),
      ended: () => this.log.push('ended'),
      requestFailed: (_id, error) => this.log.push(error),
      socketOpened: () => this.log.push('socket opened'),
      socketClosed: () => this.log.push('socket closed'),
    }).subscribe({
      next: (channel) => {
        this.channel = channel;
        this.log.push('up');
      },
      error: (error: unknown) => this.log.push(error),
    });
  }

  send(...lines: string[]): void {
    for (const line of lines) this.channel?.send({ commit: () => line });
  }
}

async function linked(maxReplyBytes = 1_000) {
  const wire = memoryTransport();
  const peers: MemoryPeer[] = [];
  const stop = wire.listen('apollo', (peer) => peers.push(peer));
  const client = new Client(wire, 'memory://apollo', maxReplyBytes);
  await turn();
  client.log.length = 0;
  return { wire, stop, client, peer: peers[0] as MemoryPeer };
}

describe('dialling', () => {
  test('comes up by microtask', async () => {
    const wire = memoryTransport();
    wire.listen('apollo', () => {});
    const client = new Client(wire);
    expect(client.log).toEqual([]);
    await Promise.resolve();
    expect(client.log).toEqual(['up']);
    expect(client.channel?.isWritable).toBe(true);
  });

  test('a name without a listener is unavailable', async () => {
    const { wire, stop } = await linked();
    stop();
    const client = new Client(wire);
    await turn();
    expect(client.log).toMatchObject([{ code: 'unavailable', delivery: 'not_sent', phase: 'connect', ci: 'apollo' }]);
  });

  test('a name that hangs never answers', async () => {
    const wire = memoryTransport();
    wire.hangs('apollo');
    const client = new Client(wire);
    await turn();
    expect(client.log).toEqual([]);
    client.link.unsubscribe();
  });

  test('a dial that is cancelled reaches no CI', async () => {
    const wire = memoryTransport();
    const peers: MemoryPeer[] = [];
    wire.listen('apollo', (peer) => peers.push(peer));
    new Client(wire).link.unsubscribe();
    await turn();
    expect(peers).toEqual([]);
  });

  test.each(['tcp://apollo:1', 'memory:apollo', 'memory://a b'])('rejects a bad address: %s', (url) => {
    expect(() => new Client(memoryTransport(), url)).toThrow(expect.objectContaining({ code: 'invalid_config' }));
  });
});

describe('requests', () => {
  test('are committed together at the end of the tick, in order, and kept until a test reads them', async () => {
    const { client, peer } = await linked();
    const order: string[] = [];
    for (const name of ['a', 'b']) {
      client.channel?.send({
        commit: () => {
          order.push(name);
          return `{"type":"${name}"}`;
        },
      });
    }
    client.send('');
    expect(order).toEqual([]);
    await Promise.resolve();
    expect(order).toEqual(['a', 'b']);
    const requests: Frame[] = [];
    peer.onRequest((request) => requests.push(request));
    client.send('{"type":"c"}');
    await turn();
    expect(requests).toEqual([{ type: 'a' }, { type: 'b' }, { type: 'c' }]);
    expect(peer.name).toBe('apollo');
  });

  test('wait uncommitted while the peer does not read', async () => {
    const { client, peer } = await linked();
    const requests: Frame[] = [];
    peer.onRequest((request) => requests.push(request));
    client.send('{"n":1}');
    peer.setWritable(false);
    client.send('{"n":2}');
    await turn();
    expect([client.channel?.isWritable, requests]).toEqual([false, []]);
    peer.setWritable(true);
    expect([client.channel?.isWritable, client.log]).toEqual([true, ['drained']]);
    await turn();
    expect(requests).toEqual([{ n: 1 }, { n: 2 }]);
  });

  test('that wait when the link ends are never committed', async () => {
    const { client, peer } = await linked();
    let commits = 0;
    client.channel?.send({
      commit: () => {
        commits += 1;
        return '{}';
      },
    });
    client.link.unsubscribe();
    await peer.closed;
    peer.setWritable(false);
    peer.send({ type: 'late' });
    await turn();
    expect([commits, client.log]).toEqual([0, []]);
  });

  test.each([
    ['no JSON', '{', { type: 'error', error: 'Invalid JSON' }],
    ['no object', '[1]', expect.objectContaining({ code: 'connection_lost' })],
    ['too long', JSON.stringify('x'.repeat(65_536)), expect.objectContaining({ code: 'connection_lost' })],
  ])('that no CI would accept are rejected as on TCP: %s', async (_what, line, expected) => {
    const { client } = await linked();
    client.send(line);
    await turn();
    expect(client.log.at(-1)).toEqual(expected);
  });
});

describe('replies', () => {
  test('come in order, each packet a sign of life', async () => {
    const { client, peer } = await linked();
    peer.send({ type: 'a' });
    peer.send('{"type":"b"}');
    peer.sendRaw('{"type":"c"}\n{"ty');
    peer.sendRaw(Buffer.from('pe":"d"}\n'));
    expect(client.log).toEqual([]);
    await turn();
    expect(client.log).toEqual([
      'alive',
      { type: 'a' },
      'alive',
      { type: 'b' },
      'alive',
      { type: 'c' },
      'alive',
      { type: 'd' },
    ]);
  });

  test.each([
    ['no JSON', 'protocol_error', 'nonsense'],
    ['no object', 'protocol_error', '[1]'],
    ['too long', 'reply_too_large', JSON.stringify({ x: 'x'.repeat(1_000) })],
  ])('with a fault end the link: %s', async (_what, code, line) => {
    const { client, peer } = await linked();
    peer.send(line);
    await peer.closed;
    expect(client.log).toMatchObject(['alive', { code, ci: 'apollo' }]);
  });
});

describe('the end', () => {
  test.each([
    ['fail', (peer: MemoryPeer) => peer.fail(new Error('cable cut')), 'failed'],
    ['close', (peer: MemoryPeer) => peer.close(), 'peer closed it in the middle of a line'],
  ])('%s comes after the sent frames', async (_how, end, message) => {
    const { client, peer } = await linked();
    peer.send({ type: 'a' });
    peer.sendRaw('{"half');
    end(peer);
    await peer.closed;
    expect(client.log.slice(0, 3)).toEqual(['alive', { type: 'a' }, 'alive']);
    expect(client.log.slice(3)).toMatchObject([{ code: 'connection_lost', message: expect.stringContaining(message) }]);
  });
});

test('with a manual clock, pending deliveries come before due timers', async () => {
  const clock = new ManualClock();
  const wire = memoryTransport({ clock });
  let peer: MemoryPeer | undefined;
  wire.listen('apollo', (one) => {
    peer = one;
  });
  const client = new Client(wire);
  clock.setTimeout(() => clock.afterIo(() => client.log.push('deadline')), 10, 'keepsAlive');
  clock.advance(5);
  peer?.send({ type: 'just in time' });
  clock.advance(5);
  expect(client.log).toEqual(['up', 'alive', { type: 'just in time' }, 'deadline']);
});
