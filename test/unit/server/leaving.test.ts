import { Observable } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { type CiHandler, serveCi } from '../../../src/server/index.js';
import { Gate } from '../../support/gate.js';
import { connectTo } from '../../support/wire-client.js';

const stream = { type: 'chat', content: 'go', stream: true, request_id: 1 };

describe('a client that resets its connection', () => {
  const how = 'resetAndDestroy';

  test('aborts the signal of its request', async () => {
    const started = new Gate();
    const aborted = new Gate();
    const handler: CiHandler = ({ signal }) => {
      signal.addEventListener('abort', () => aborted.open());
      started.open();
      return new Promise(() => {});
    };
    await using server = await serveCi({ id: 'apollo', handler });
    const client = await connectTo(server.url);
    client.send(stream);
    await started.opened;
    client.socket[how]();
    await aborted.opened;
    await client.closed;
  });

  test('unsubscribes from an Observable', async () => {
    const unsubscribed = new Gate();
    const handler: CiHandler = () =>
      new Observable((subscriber) => {
        subscriber.next('one');
        return () => unsubscribed.open();
      });
    await using server = await serveCi({ id: 'apollo', handler });
    const client = await connectTo(server.url);
    client.send(stream);
    await client.take(2);
    client.socket[how]();
    await unsubscribed.opened;
  });

  test('stops a generator; an error of the generator at its end does no harm', async () => {
    const stopped = new Gate();
    const handler: CiHandler = async function* ({ signal }) {
      try {
        for (;;) {
          yield 'on';
          await new Promise((resolve) => setImmediate(resolve));
          if (signal.aborted) return;
        }
      } finally {
        stopped.open();
        // biome-ignore lint/correctness/noUnsafeFinally: the fault under test
        throw new Error('cannot clean up');
      }
    };
    await using server = await serveCi({ id: 'apollo', handler });
    const client = await connectTo(server.url);
    client.send(stream);
    await client.take(3);
    client.socket[how]();
    await stopped.opened;
  });
});

test.each(['resetAndDestroy', 'destroy'] as const)(
  'a client that leaves by %s is noticed at the next write to it',
  async (how) => {
    const stopped = new Gate();
    const handler: CiHandler = async function* () {
      try {
        for (;;) {
          yield 'on';
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        stopped.open();
      }
    };
    await using server = await serveCi({ id: 'apollo', handler });
    const client = await connectTo(server.url);
    client.send(stream);
    await client.take(3);
    client.socket[how]();
    await stopped.opened;
  },
);

test('a client that only ends its side gets its answers', async () => {
  const started = new Gate();
  const answer = new Gate<string>();
  const handler: CiHandler = ({ signal }) => {
    signal.addEventListener('abort', () => answer.open('aborted'));
    started.open();
    return answer.opened;
  };
  await using server = await serveCi({ id: 'apollo', handler });
  const client = await connectTo(server.url);
  client.send({ type: 'chat', content: 'last' });
  client.socket.end();
  await started.opened;
  answer.open('here it is');
  expect((await client.next()).content).toBe('here it is');
  await client.closed;
});

test('the waiting requests of a fifo client that leaves are dropped', async () => {
  const started = new Gate();
  const left = new Gate();
  const seen: string[] = [];
  const handler: CiHandler = ({ content, signal }) => {
    seen.push(content);
    signal.addEventListener('abort', () => left.open());
    started.open();
    return new Promise(() => {});
  };
  await using server = await serveCi({ id: 'apollo', correlation: 'ordered', handler });
  const client = await connectTo(server.url);
  client.send({ type: 'chat', content: 'first' }, { type: 'chat', content: 'second' });
  await started.opened;
  client.socket.resetAndDestroy();
  await left.opened;
  await server.close();
  expect(seen).toEqual(['first']);
});

test('a signal first read after the client has left is aborted', async () => {
  const started = new Gate();
  const stopped = new Gate<boolean>();
  const handler: CiHandler = (request) =>
    new Observable(() => {
      started.open();
      return () => stopped.open(request.signal.aborted);
    });
  await using server = await serveCi({ id: 'apollo', handler });
  const client = await connectTo(server.url);
  client.send(stream);
  await started.opened;
  client.socket.resetAndDestroy();
  expect(await stopped.opened).toBe(true);
});

test('closing the server aborts requests in flight', async () => {
  const started = new Gate();
  const aborted = new Gate();
  const handler: CiHandler = ({ signal }) => {
    signal.addEventListener('abort', () => aborted.open());
    started.open();
    return new Promise(() => {});
  };
  const server = await serveCi({ id: 'apollo', handler });
  const client = await connectTo(server.url);
  client.send(stream);
  await started.opened;
  await server.close();
  await aborted.opened;
});

describe('back-pressure', () => {
  // More than the socket buffers of both ends hold.
  const piece = 'x'.repeat(100_000);
  const pieces = 400;

  test('a generator waits while the client reads nothing, and other clients are served', async () => {
    let taken = 0;
    const handler: CiHandler = async function* ({ isStream }) {
      for (let index = 0; index < (isStream ? pieces : 1); index += 1) {
        taken += 1;
        yield isStream ? piece : 'short';
      }
    };
    await using server = await serveCi({ id: 'apollo', handler });
    const client = await connectTo(server.url);
    const other = await connectTo(server.url);
    client.socket.pause();
    client.send(stream);
    let before = -1;
    // Exchanges with the other client replace a clock: the stream must not move during many of them.
    for (let still = 0; still < 50; still = taken === before && taken > 0 ? still + 1 : 0) {
      before = taken;
      other.send({ type: 'ping' });
      await other.next();
    }
    expect(taken).toBeLessThan(pieces);
    client.socket.resume();
    const frames = await client.take(pieces + 2);
    expect(frames.at(-1)?.type).toBe('stream_end');
    expect(taken).toBe(pieces);
  });

  test('a generator that never waits still lets its client leave', async () => {
    const stopped = new Gate();
    const handler: CiHandler = async function* () {
      try {
        for (;;) yield 'on and on';
      } finally {
        stopped.open();
      }
    };
    await using server = await serveCi({ id: 'apollo', handler });
    const client = await connectTo(server.url);
    client.send(stream);
    await client.take(100);
    client.socket.destroy();
    await stopped.opened;
  });

  test('reading stops for a client with too many outstanding requests', async () => {
    const gate = new Gate<string>();
    let begun = 0;
    const handler: CiHandler = () => {
      begun += 1;
      return gate.opened;
    };
    await using server = await serveCi({ id: 'apollo', handler });
    const client = await connectTo(server.url);
    const other = await connectTo(server.url);
    // 1 KB each, so that one packet holds few.
    const request = { type: 'chat', content: 'x'.repeat(1_000) };
    client.send(...Array.from({ length: 4_000 }, (_, request_id) => ({ ...request, request_id })));
    let before = -1;
    for (let still = 0; still < 50; still = begun === before && begun > 0 ? still + 1 : 0) {
      before = begun;
      other.send({ type: 'ping' });
      await other.next();
    }
    expect(begun).toBeGreaterThanOrEqual(1_024);
    expect(begun).toBeLessThan(2_000);
    gate.open('done');
    await client.take(4_000);
    expect(begun).toBe(4_000);
  });
});
