import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import type { Frame } from '../../../src/index.js';
import { type CiServer, type ServeCiOptions, serveCi } from '../../../src/server/index.js';
import { Gate } from '../../support/gate.js';
import { runsOr } from '../../support/runs.js';
import { soon } from '../../support/soon.js';
import { connectTo, type WireClient } from '../../support/wire-client.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A CI with the default correlation. Each answer waits for the gate of its content, if it has one. */
async function gated(gates: Readonly<Record<string, Gate>>, options: Partial<ServeCiOptions> = {}) {
  const ci = await serveCi({
    id: 'apollo',
    handler: async ({ content }) => {
      await gates[content]?.opened;
      if (content === 'fail') throw new Error('failed');
      return content;
    },
    ...options,
  });
  closing.push(() => ci.close());
  return { ci, client: await joined(ci) };
}

async function joined(ci: CiServer): Promise<WireClient> {
  const client = await connectTo(ci.url);
  closing.push(() => client.close());
  return client;
}

/** Exchanges of another client; during them, everything that can be answered is answered. */
async function aWhile(ci: CiServer): Promise<void> {
  const other = await joined(ci);
  for (let count = 0; count < 30; count += 1) {
    other.send({ type: 'ping' });
    await soon(other.next(), 'a pong');
  }
}

const chat = (content: string, more: object = {}) => ({ type: 'chat', content, ...more });
/** Returns the text of an answer. */
const gist = ({ type, content, error, request_id }: Frame) =>
  [request_id, content ?? error ?? type].filter((each) => each !== undefined).join(' ');

describe('requests without `request_id`', () => {
  test('are answered in order, including pings', async () => {
    const gates = { slow: new Gate() };
    const { ci, client } = await gated(gates);
    client.send(chat('slow'), { type: 'ping' }, chat('quick'), { type: 'health' }, chat('fail'), {
      type: 'sing',
      content: 'la',
    });
    client.send('no JSON', { type: 'info' }, chat('last'));
    await aWhile(ci);
    gates.slow.open();
    const told = (await soon(client.take(9), 'nine answers')).map(gist);
    expect(told).toEqual([
      'slow',
      'pong',
      'quick',
      'health_response',
      'failed',
      'la',
      'Invalid JSON',
      'info_response',
      'last',
    ]);
  });

  test('are never answered before their turn', async () => {
    const gates = { slow: new Gate() };
    const { ci, client } = await gated(gates);
    client.send(chat('slow'), { type: 'ping' }, chat('quick'));
    await aWhile(ci);
    expect(client.socket.bytesRead).toBe(0);
    gates.slow.open();
    expect((await soon(client.take(3), 'three answers')).map(gist)).toEqual(['slow', 'pong', 'quick']);
  });

  test('keep their order even if their answers are ready in reverse order', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `${index}`);
    const gates = Object.fromEntries(names.map((name) => [name, new Gate()]));
    const { ci, client } = await gated(gates);
    client.send(...names.map((name) => chat(name)));
    await aWhile(ci);
    for (const name of [...names].reverse()) gates[name]?.open();
    expect((await soon(client.take(20), 'twenty answers')).map(gist)).toEqual(names);
  });

  test('a stream keeps its turn to its end, and later requests wait', async () => {
    const more = new Gate();
    const handler = async function* ({ isStream }: { readonly isStream: boolean }) {
      yield 'one';
      if (isStream) await more.opened;
      yield 'two';
    };
    const { ci, client } = await gated({}, { handler });
    client.send(chat('x', { stream: true }), { type: 'ping' }, chat('y'));
    const first = await soon(client.take(2), 'the first piece');
    await aWhile(ci);
    more.open();
    const rest = await soon(client.take(4), 'the rest');
    expect([...first, ...rest].map(({ type }) => type)).toEqual([
      'stream_start',
      'stream_chunk',
      'stream_chunk',
      'stream_end',
      'pong',
      'chat_response',
    ]);
  });

  test('of another connection wait for none of these', async () => {
    const gates = { slow: new Gate() };
    const { ci, client } = await gated(gates);
    client.send(chat('slow'));
    const other = await joined(ci);
    other.send(chat('quick'), { type: 'ping' });
    expect((await soon(other.take(2), 'two answers')).map(gist)).toEqual(['quick', 'pong']);
    gates.slow.open();
    expect((await soon(client.take(1), 'an answer')).map(gist)).toEqual(['slow']);
  });
});

describe('requests with `request_id`', () => {
  test('run side by side', async () => {
    const gates = { slow: new Gate(), slower: new Gate() };
    const { client } = await gated(gates);
    client.send(chat('slow', { request_id: 1 }), chat('slower', { request_id: 2 }), { type: 'ping', request_id: 3 });
    expect((await soon(client.take(1), 'a pong')).map(gist)).toEqual(['3 pong']);
    gates.slower.open();
    expect((await soon(client.take(1), 'an answer')).map(gist)).toEqual(['2 slower']);
    gates.slow.open();
    expect((await soon(client.take(1), 'an answer')).map(gist)).toEqual(['1 slow']);
  });

  test('do not wait for those without, which keep their own order', async () => {
    const gates = { slow: new Gate(), slowest: new Gate() };
    const { ci, client } = await gated(gates);
    client.send(
      chat('slow'),
      chat('slowest', { request_id: 'a' }),
      { type: 'ping' },
      chat('quick', { request_id: 'b' }),
      chat('quick'),
      { type: 'ping', request_id: 'c' },
    );
    const early = (await soon(client.take(2), 'two answers')).map(gist).sort();
    expect(early).toEqual(['b quick', 'c pong']);
    await aWhile(ci);
    gates.slow.open();
    expect((await soon(client.take(3), 'three answers')).map(gist)).toEqual(['slow', 'pong', 'quick']);
    gates.slowest.open();
    expect((await soon(client.take(1), 'the last')).map(gist)).toEqual(['a slowest']);
  });
});

const runs = runsOr(100, 20_265);

test(`any mixture, with answers ready in any order (${runs.runs} runs, PROPERTY_SEED=${runs.seed})`, async () => {
  const requests = fc.array(fc.record({ hasId: fc.boolean(), isPing: fc.boolean() }), { minLength: 1, maxLength: 12 });
  const property = fc.asyncProperty(
    requests.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all.keys()], { minLength: all.length })),
    ),
    async ([all, ready]) => {
      const gates = Object.fromEntries(all.map((_, index) => [`${index}`, new Gate()]));
      const { ci, client } = await gated(gates);
      const messages = all.map(({ hasId, isPing }, index) => ({
        ...(isPing ? { type: 'ping' } : chat(`${index}`)),
        ...(hasId ? { request_id: index } : {}),
      }));
      client.send(...messages);
      const answers = client.take(all.length);
      for (const index of ready) {
        gates[index]?.open();
        await new Promise((resolve) => setImmediate(resolve));
      }
      const told = await soon(answers, 'all answers');
      const expected = (isMine: boolean) =>
        all.flatMap(({ hasId, isPing }, index) => {
          if (hasId !== isMine) return [];
          return [`${hasId ? `${index} ` : ''}${isPing ? 'pong' : index}`];
        });
      expect(told.filter(({ request_id }) => request_id === undefined).map(gist)).toEqual(expected(false));
      expect(
        told
          .filter(({ request_id }) => request_id !== undefined)
          .map(gist)
          .sort(),
      ).toEqual(expected(true).sort());
      await client.close();
      await ci.close();
    },
  );
  await fc.assert(property, { numRuns: runs.runs, seed: runs.seed });
});
