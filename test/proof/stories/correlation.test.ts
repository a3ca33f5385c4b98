import { describe, expect, test } from 'vitest';
import type { Frame, Pool } from '../../../src/index.js';
import { faults, type ScriptedRequest } from '../../../src/testing/index.js';
import { until, useStage } from '../../support/stage.js';
import {
  answers,
  changesOf,
  type MemoryCi,
  type MemoryScript,
  settled,
  useVirtualStage,
} from '../../support/virtual-stage.js';
import { type Watched, watch } from '../../support/watch.js';
import { getKnown } from './known-ci.js';

const contentsOf = (watched: Watched<{ content: string }>) => watched.values.map(({ content }) => content);
const toContent = ({ message }: ScriptedRequest) => `to ${message.content}`;

describe('over TCP', () => {
  const stage = useStage();

  test('200 requests on one echoing connection, answered in reverse: each gets its own reply', async () => {
    const ci = await stage.scripted(faults.replies());
    const pool = stage.pool({ cis: { apollo: { url: ci.url, maxConnections: 1 } } });
    await watch(pool.ask('apollo', 'hello')).ended;
    ci.onRequest(faults.outOfOrder(200, toContent));
    const names = Array.from({ length: 200 }, (_, i) => `q${i}`);
    const asked = names.map((name) => watch(pool.ask('apollo', name)));
    await Promise.all(asked.map(({ ended }) => ended));
    expect(asked.map(contentsOf)).toEqual(names.map((name) => [`to ${name}`]));
    expect(ci.connections.length).toBe(1);
  });

  test.each(['proved', 'trusted'] as const)(
    'a FIFO peer with pipelining 3 has three requests at a time, and each gets its own reply: %s',
    async (ordering) => {
      const late = faults.late('ordered', toContent);
      const ci = await stage.scripted(faults.repliesInOrder());
      const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1, pipelining: 3, ordering });
      await getKnown(pool);
      expect(pool.snapshot().cis.apollo?.ordering).toBe(ordering);
      ci.onRequest(late);
      const names = Array.from({ length: 9 }, (_, i) => `q${i}`);
      const asked = names.map((name) => watch(pool.ask('apollo', name)));
      for (let round = 0; round < 3; round += 1) {
        await until(() => late.held.length === 3);
        expect(pool.snapshot().totals).toMatchObject({ inFlight: 3, waiting: 6 - 3 * round });
        late.release();
      }
      await Promise.all(asked.map(({ ended }) => ended));
      expect(asked.map(contentsOf)).toEqual(names.map((name) => [`to ${name}`]));
    },
  );

  test('a FIFO streaming peer sends replies without ids between the chunks of a stream', async () => {
    let telling: ScriptedRequest | undefined;
    const ci = await stage.scripted(
      (request) => {
        const { type, content } = request.message;
        if (content === 'tell') {
          telling = request;
          request.chunk('one');
          return;
        }
        // Probes are answered between the chunks, too.
        request.reply(`to ${content}`, { echo: false });
        if (type === 'chat') telling?.chunk(`after ${content}`);
      },
      { probes: 'scripted' },
    );
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1 });
    await getKnown(pool);
    expect(pool.snapshot().cis.apollo?.ordering).toBe('proved');
    const before = ci.connections.length;
    const stream = watch(pool.stream('apollo', 'tell'));
    await until(() => stream.values.length > 0);
    const asked = ['a', 'b'].map((name) => watch(pool.ask('apollo', name)));
    await Promise.all(asked.map(({ ended }) => ended));
    telling?.end();
    await stream.ended;
    expect(contentsOf(stream)).toEqual(['one', 'after a', 'after b']);
    expect(asked.map(contentsOf)).toEqual([['to a'], ['to b']]);
    expect(ci.connections.length).toBe(before);
    expect(pool.snapshot().cis.apollo?.connections).toMatchObject([{ correlation: 'ordered' }]);
  });

  test('a FIFO peer that answers a stream with one reply gets the next request, too', async () => {
    const ci = await stage.scripted(faults.repliesInOrder(toContent));
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1 });
    for (let i = 0; i < 8; i += 1) {
      const stream = watch(pool.stream('apollo', `stream ${i}`));
      await stream.ended;
      const asked = watch(pool.ask('apollo', `ask ${i}`, { deadlineMs: 5_000 }));
      await asked.ended;
      expect([contentsOf(stream), contentsOf(asked)]).toEqual([[`to stream ${i}`], [`to ask ${i}`]]);
    }
    expect(pool.snapshot().cis.apollo?.ordering).toBe('proved');
  });

  test('a peer may change its correlation with each connection', async () => {
    const ci = await stage.scripted(faults.replies(toContent));
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1, reconnectDelayMs: 1 });
    await watch(pool.ask('apollo', 'hello')).ended;
    expect(pool.snapshot().cis.apollo?.connections).toMatchObject([{ correlation: 'byId' }]);
    ci.connections[0]?.reset();
    await until(() => pool.snapshot().cis.apollo?.state !== 'healthy');
    const late = faults.late('ordered', toContent);
    ci.onRequest(late);
    const asked = ['a', 'b'].map((name) => watch(pool.ask('apollo', name, { waitForReady: true })));
    await until(() => late.held.length > 0);
    expect(pool.snapshot().totals).toMatchObject({ inFlight: 1, waiting: 1 });
    late.release();
    await until(() => late.held.length > 0);
    late.release();
    await Promise.all(asked.map(({ ended }) => ended));
    expect(asked.map(contentsOf)).toEqual([['to a'], ['to b']]);
    expect(pool.snapshot().cis.apollo?.connections).toMatchObject([{ correlation: 'ordered' }]);
  });
});

describe('frames that belong to no request for certain', () => {
  const stage = useVirtualStage();
  const outOfStep = 'protocol_error maybe_sent total';
  const send = (ci: MemoryCi, frame: Frame) => ci.peers.at(-1)?.send({ type: 'chat_response', ...frame });

  /** A pool whose only connection is echoing, and whose peer now answers only on command. */
  async function echoing(): Promise<{
    ci: MemoryCi;
    pool: Pool;
    asked: (name: string) => Watched<{ content: string }>;
  }> {
    let script = answers;
    const ci = stage.ci('apollo', (request, peer) => script(request, peer));
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1 });
    watch(pool.ask('apollo', 'hello'));
    await settled();
    script = () => {};
    return { ci, pool, asked: (name) => watch(pool.ask('apollo', name)) };
  }

  test('a reply without an id on an echoing connection answers the only outstanding request', async () => {
    const { ci, asked } = await echoing();
    const a = asked('a');
    await settled();
    send(ci, { content: 'to a' });
    await settled();
    expect(contentsOf(a)).toEqual(['to a']);
    expect(ci.open).toBe(1);
  });

  test('with several outstanding, it could belong to any: all fail, and the connection goes', async () => {
    const { ci, pool, asked } = await echoing();
    const several = ['a', 'b', 'c'].map(asked);
    await settled();
    send(ci, { content: 'to whom?' });
    await settled();
    expect(several.map(({ outcome }) => outcome)).toEqual([outOfStep, outOfStep, outOfStep]);
    expect(several.flatMap(contentsOf)).toEqual([]);
    expect(ci.open).toBe(0);
    expect(pool.snapshot().totals.metrics.unsolicited).toBe(1);
  });

  test('bytes with nothing outstanding cost the connection at once', async () => {
    const { ci, pool, asked } = await echoing();
    const changes = changesOf(pool);
    send(ci, { content: 'for nobody' });
    await settled();
    expect(ci.open).toBe(0);
    expect(changes).toMatchObject([{ to: 'closed', reason: 'out_of_step' }]);
    expect(pool.snapshot().totals.metrics.unsolicited).toBe(1);
    // It has answered before: the next request gets a new connection, without a backoff.
    asked('next');
    await settled();
    expect([ci.peers.length, ci.open]).toEqual([2, 1]);
  });

  test('from a peer that has not answered yet, they lead to a backoff', async () => {
    const ci = stage.ci('apollo');
    const pool = stage.pool({ cis: { apollo: ci.url } });
    await pool.warm();
    const changes = changesOf(pool);
    send(ci, { content: 'a banner' });
    await settled();
    expect(changes).toMatchObject([{ to: 'reconnecting', reason: 'protocol_error', attempt: 1 }]);
    expect(watch(pool.ask('apollo', 'next')).outcome).toBe('unavailable not_sent connect');
  });

  test('a pong does not answer a chat: without an id the connection goes', async () => {
    const ci = stage.ci('apollo', (_, peer) => peer.send({ type: 'pong', content: 'pong' }));
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const a = watch(pool.ask('apollo', 'a'));
    await settled();
    expect([a.outcome, ci.open]).toEqual([outOfStep, 0]);
  });

  test("a pong with a chat's id fails only that chat: its neighbours finish, and the connection retires", async () => {
    const { ci, pool, asked } = await echoing();
    const [a, b] = ['a', 'b'].map(asked) as [Watched<{ content: string }>, Watched<{ content: string }>];
    await settled();
    const [, forA, forB] = ci.received;
    send(ci, { type: 'pong', request_id: forA?.request_id });
    await settled();
    expect(a.outcome).toBe('protocol_error answered total');
    expect(pool.snapshot().cis.apollo?.connections).toMatchObject([{ state: 'retiring', inFlight: 1 }]);
    send(ci, { content: 'to b', request_id: forB?.request_id });
    await settled();
    expect([contentsOf(b), ci.open]).toEqual([['to b'], 0]);
  });

  test('a second reply with the same id is dropped', async () => {
    const ci = stage.ci('apollo', (request, peer) => {
      answers(request, peer);
      answers({ ...request, content: 'again' }, peer);
    });
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1 });
    const asked = ['a', 'b', 'c'].map((name) => watch(pool.ask('apollo', name)));
    await settled();
    expect(asked.map(contentsOf)).toEqual([['a'], ['b'], ['c']]);
    // Replies to requests whose slot was reused count as late.
    const { duplicates, lateReplies } = pool.snapshot().totals.metrics;
    expect([ci.peers.length, duplicates + lateReplies]).toEqual([1, 3]);
  });

  /** Sends each answer twice in one packet, without an id. */
  const saysTwice: MemoryScript = ({ content }, peer) => {
    const line = JSON.stringify({ type: 'chat_response', content });
    peer.sendRaw(`${line}\n${line}\n`);
  };

  test('a second reply without an id in the same packet reaches no request: each request has its own connection', async () => {
    const ci = stage.ci('apollo', saysTwice);
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1 });
    const asked = ['a', 'b', 'c'].map((name) => watch(pool.ask('apollo', name)));
    await settled();
    expect(asked.map(contentsOf)).toEqual([['a'], ['b'], ['c']]);
    expect(ci.received.flatMap(({ type, content }) => (type === 'chat' ? [content] : []))).toEqual(['a', 'b', 'c']);
    expect(ci.peers.length).toBe(3);
    expect(pool.snapshot().cis.apollo?.ordering).toBe('fresh');
  });

  test('with a trusted order, it costs the connection before the waiting request is written', async () => {
    const ci = stage.ci('apollo', saysTwice);
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1, ordering: 'trusted' });
    const asked = ['a', 'b'].map((name) => watch(pool.ask('apollo', name)));
    await settled();
    expect(contentsOf(asked[0] as Watched<{ content: string }>)).toEqual(['a']);
    expect(asked[1]?.values).toEqual([]);
    expect(asked[1]?.error?.delivery).toBe('not_sent');
  });

  test('it does not reach a request made inside the first reply', async () => {
    const { ci, pool, asked } = await echoing();
    let next: Watched<{ content: string }> | undefined;
    watch(pool.ask('apollo', 'a'), () => {
      next = asked('b');
    });
    await settled();
    const line = JSON.stringify({ type: 'chat_response', content: 'to a' });
    ci.peers[0]?.sendRaw(`${line}\n${line}\n`);
    await settled();
    expect(next?.values).toEqual([]);
  });

  test('an unknown id is dropped while a request is outstanding, and costs the connection otherwise', async () => {
    const { ci, pool, asked } = await echoing();
    const a = asked('a');
    await settled();
    send(ci, { content: 'to whom?', request_id: 'nobody' });
    await settled();
    expect([a.outcome, ci.open]).toEqual(['pending', 1]);
    send(ci, { content: 'to a', request_id: ci.received.at(-1)?.request_id });
    send(ci, { content: 'to whom?', request_id: 7 });
    await settled();
    expect([contentsOf(a), ci.open]).toEqual([['to a'], 0]);
    expect(pool.snapshot().totals.metrics.unsolicited).toBe(2);
  });
});
