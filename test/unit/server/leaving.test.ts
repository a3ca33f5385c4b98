import { Observable } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { type CiHandler, serveCi } from '../../../src/server/index.js';
import { Gate } from '../../support/gate.js';
import { connectTo } from '../../support/wire-client.js';

const stream = { type: 'chat', content: 'go', stream: true, request_id: 1 };

describe('a client that resets its connection', () => {
  const how = 'resetAndDestroy';

  test('aborts the signal of what it waits for', async () => {
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

  test('stops a generator, whose failing at the end harms nobody', async () => {
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
  'a client that leaves by %s is found gone by what is written to it',
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

test('a client that only ends its side is given what it waits for', async () => {
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

test('a fifo client that leaves has its waiting requests dropped', async () => {
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

test('a signal first looked at after the client has left is aborted', async () => {
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

test('closing the server aborts what is under way', async () => {
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

  test('a generator waits while the client takes nothing in, and other clients are served', async () => {
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
    // Exchanges with the other client stand in for time: until the stream has moved in none of many.
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

  test('a generator that never waits leaves time for its client to leave', async () => {
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

  test('no more is read from a client with too many requests outstanding', async () => {
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
