import { lastValueFrom, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../src/index.js';
import { faults, type MemoryPeer } from '../../../src/testing/index.js';
import { until, useStage } from '../../support/stage.js';
import { answers, changesOf, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { watch } from '../../support/watch.js';
import { getKnown } from './known-ci.js';

const contentsOf = (watched: { values: readonly { content: string }[] }) =>
  watched.values.map(({ content }) => content);

describe('a late reply is dropped', () => {
  const stage = useStage();

  test('three requests queue behind one that times out, and each gets its own answer', async () => {
    const late = faults.late('ordered', ({ message }) => `to ${message.content}`);
    const ci = await stage.scripted(late);
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1 });
    const a = watch(pool.ask('apollo', 'A', { deadlineMs: 80 }));
    const others = ['B', 'C', 'D'].map((content) => watch(pool.ask('apollo', content)));
    await ci.nextRequest();
    expect(await a.ended).toBe('deadline_exceeded maybe_sent total');
    late.release();
    ci.onRequest(faults.repliesInOrder(({ message }) => `to ${message.content}`));
    expect(await Promise.all(others.map(({ ended }) => ended))).toEqual(['reply', 'reply', 'reply']);
    expect(others.map(contentsOf)).toEqual([['to B'], ['to C'], ['to D']]);
  });

  test.each(['proved', 'trusted'] as const)(
    'also when all of them were written before the timeout: %s',
    async (ordering) => {
      const late = faults.late('ordered', ({ message }) => `to ${message.content}`);
      const ci = await stage.scripted(faults.repliesInOrder());
      const pool = stage.pool({
        cis: { apollo: ci.url },
        maxConnections: 1,
        pipelining: 4,
        lateReplyGraceMs: 60_000,
        ordering,
      });
      await getKnown(pool);
      expect(pool.snapshot().cis.apollo?.ordering).toBe(ordering);
      const before = ci.connections.length;
      ci.onRequest(late);
      const a = watch(pool.ask('apollo', 'A', { deadlineMs: 80 }));
      const others = ['B', 'C', 'D'].map((content) => watch(pool.ask('apollo', content)));
      await until(() => late.held.length === 4);
      expect(await a.ended).toBe('deadline_exceeded maybe_sent total');
      late.release();
      await Promise.all(others.map(({ ended }) => ended));
      expect(others.map(contentsOf)).toEqual([['to B'], ['to C'], ['to D']]);
      expect(contentsOf(a)).toEqual([]);
      expect(ci.connections.length).toBe(before);
      expect(pool.snapshot().totals.metrics.lateReplies).toBe(1);
    },
  );

  test('with a proved order, it may come long after lateReplyGraceMs, and costs no connection', async () => {
    const late = faults.late('ordered', ({ message }) => `to ${message.content}`);
    const ci = await stage.scripted(faults.repliesInOrder());
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1, lateReplyGraceMs: 1 });
    await getKnown(pool);
    expect(pool.snapshot().cis.apollo?.ordering).toBe('proved');
    const before = ci.connections.length;
    ci.onRequest(late);
    expect(await watch(pool.ask('apollo', 'A', { deadlineMs: 60 })).ended).toBe('deadline_exceeded maybe_sent total');
    await new Promise((resolve) => setTimeout(resolve, 60));
    late.release();
    ci.onRequest(faults.repliesInOrder(({ message }) => `to ${message.content}`));
    await until(() => pool.snapshot().totals.metrics.lateReplies === 1);
    const b = watch(pool.ask('apollo', 'B'));
    await b.ended;
    expect(contentsOf(b)).toEqual(['to B']);
    expect(ci.connections.length).toBe(before);
    expect(pool.snapshot().totals.metrics.retired).toBe(0);
  });

  test('after a broadcast that times out, the next messages get their own answers', async () => {
    const lates = [1, 2, 3].map(() => faults.late('ordered', ({ message }) => `to ${message.content}`));
    const peers = await Promise.all(lates.map((late) => stage.scripted(late)));
    const cis = Object.fromEntries(peers.map(({ url }, i) => [`ci${i}`, { url, maxConnections: 1 }]));
    const pool = stage.pool({ cis });
    const outcomes = await lastValueFrom(pool.broadcast('all', { deadlineMs: 80 }).pipe(toArray()));
    expect(outcomes.map((outcome) => !outcome.ok && outcome.error.code)).toEqual(Array(3).fill('deadline_exceeded'));
    const sends = pool.cis.flatMap((ci) => ['1', '2', '3'].map((content) => watch(pool.ask(ci, content))));
    peers.forEach((peer, i) => {
      peer.onRequest(faults.repliesInOrder(({ message }) => `to ${message.content}`));
      lates[i]?.release();
    });
    await Promise.all(sends.map(({ ended }) => ended));
    expect(sends.map(contentsOf)).toEqual(pool.cis.flatMap(() => [['to 1'], ['to 2'], ['to 3']]));
  });

  test('echoing peers keep their connection, and the late reply is just dropped', async () => {
    const ci = await stage.scripted(faults.replies());
    const pool = stage.pool({ cis: { apollo: ci.url }, lateReplyGraceMs: 1 });
    expect(await watch(pool.ask('apollo', 'hello')).ended).toBe('reply');
    const late = faults.late();
    ci.onRequest(late);
    const a = watch(pool.ask('apollo', 'A', { deadlineMs: 60 }));
    expect(await a.ended).toBe('deadline_exceeded maybe_sent total');
    ci.onRequest((request) => {
      late.release();
      request.reply('to B');
    });
    const b = watch(pool.ask('apollo', 'B'));
    await b.ended;
    expect(contentsOf(b)).toEqual(['to B']);
    expect(ci.connections.length).toBe(1);
    const { lateReplies, retired } = pool.snapshot().totals.metrics;
    expect({ lateReplies, retired }).toEqual({ lateReplies: 1, retired: 0 });
  });
});

describe('the slot of an abandoned request, on a FIFO wire with a trusted order', () => {
  const stage = useVirtualStage();
  const reply = ({ content }: Frame, peer: MemoryPeer) =>
    peer.send({ type: 'chat_response', content: `to ${content}` });

  test('is freed by the late reply, if that comes in time', async () => {
    const ci = stage.ci('apollo');
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1, ordering: 'trusted' });
    const a = watch(pool.ask('apollo', 'A', { deadlineMs: 100 }));
    await stage.advance(500);
    expect(a.outcome).toBe('deadline_exceeded maybe_sent total');
    expect(pool.snapshot().cis.apollo?.connections).toMatchObject([{ abandoned: 1, inFlight: 0, state: 'healthy' }]);
    reply(ci.received[0] as Frame, ci.peers[0] as MemoryPeer);
    await settled();
    const b = watch(pool.ask('apollo', 'B'));
    await settled();
    reply(ci.received[1] as Frame, ci.peers[0] as MemoryPeer);
    await stage.advance(5_000);
    expect(contentsOf(b)).toEqual(['to B']);
    expect(ci.peers.length).toBe(1);
    expect(pool.snapshot().totals.metrics).toMatchObject({ lateReplies: 1, retired: 0, unsolicited: 0 });
  });

  test('costs the connection once lateReplyGraceMs is over', async () => {
    const ci = stage.ci('apollo');
    const pool = stage.pool({
      cis: { apollo: ci.url },
      maxConnections: 1,
      lateReplyGraceMs: 1_000,
      ordering: 'trusted',
    });
    const changes = changesOf(pool);
    watch(pool.ask('apollo', 'A', { deadlineMs: 100 }));
    await stage.advance(1_095, 5);
    expect(ci.open).toBe(1);
    await stage.advance(20, 5);
    expect(ci.open).toBe(0);
    expect(changes.at(-1)).toMatchObject({ connection: 'apollo#1', to: 'closed', reason: 'retired' });
    expect(pool.snapshot().totals.metrics.retired).toBe(1);
  });

  test('costs it at once if a request waits and no other connection can be opened; the next one opens without backoff', async () => {
    const ci = stage.ci('apollo');
    const pool = stage.pool({
      cis: { apollo: ci.url },
      maxConnections: 1,
      lateReplyGraceMs: 60_000,
      ordering: 'trusted',
    });
    const changes = changesOf(pool);
    watch(pool.ask('apollo', 'A', { deadlineMs: 100 }));
    const b = watch(pool.ask('apollo', 'B'));
    await stage.advance(110);
    expect(ci.contents).toEqual(['A', 'B']);
    expect([ci.peers.length, ci.open]).toEqual([2, 1]);
    reply(ci.received[0] as Frame, ci.peers[0] as MemoryPeer);
    reply(ci.received[1] as Frame, ci.peers[1] as MemoryPeer);
    await settled();
    expect(contentsOf(b)).toEqual(['to B']);
    expect(changes.map(({ to }) => to)).not.toContain('reconnecting');
  });

  test('a retiring connection lets its neighbours finish first', async () => {
    const ci = stage.ci('apollo');
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1, pipelining: 2, ordering: 'trusted' });
    watch(pool.ask('apollo', 'A', { deadlineMs: 100 }));
    const b = watch(pool.ask('apollo', 'B'));
    await stage.advance(2_000, 50);
    expect(pool.snapshot().cis.apollo?.connections).toMatchObject([{ state: 'retiring', inFlight: 1 }]);
    for (const request of ci.received) reply(request, ci.peers[0] as MemoryPeer);
    await settled();
    expect(contentsOf(b)).toEqual(['to B']);
    expect(ci.open).toBe(0);
  });

  test.each([
    { ordering: 'proved', atLeast: 2 },
    { ordering: 'trusted', atLeast: 3 },
  ] as const)(
    'the sockets stay within twice maxConnections, for any number of abandoned requests ($ordering)',
    async (row) => {
      const ci = stage.ci('apollo');
      const pool = stage.pool({
        cis: { apollo: ci.url },
        maxConnections: 2,
        pipelining: 2,
        lateReplyGraceMs: 40,
        ordering: row.ordering,
      });
      let most = 0;
      for (let i = 0; i < 200; i += 1) {
        watch(pool.ask('apollo', `${i}`, { deadlineMs: 5 + (i % 7) * 20 }));
        await stage.advance(7);
        most = Math.max(most, ci.open);
      }
      await stage.advance(1_000, 10);
      expect(most).toBeGreaterThanOrEqual(row.atLeast);
      expect(most).toBeLessThanOrEqual(4);
      expect(new Set(ci.contents).size).toBe(ci.contents.length);
    },
  );

  test('also when retiring connections have long-lived neighbours', async () => {
    const ci = stage.ci('apollo');
    const pool = stage.pool({
      cis: { apollo: ci.url },
      maxConnections: 1,
      pipelining: 2,
      lateReplyGraceMs: 40,
      ordering: 'trusted',
    });
    let most = 0;
    for (let i = 0; i < 10; i += 1) {
      watch(pool.ask('apollo', `short ${i}`, { deadlineMs: 10 }));
      watch(pool.ask('apollo', `long ${i}`, { deadlineMs: 10_000 }));
      await stage.advance(100, 10);
      most = Math.max(most, ci.open);
    }
    expect(most).toBeLessThanOrEqual(2);
  });
});

describe('the counters of dropped frames', () => {
  const stage = useVirtualStage();

  test('late replies, duplicates and unexpected frames', async () => {
    const ci = stage.ci('apollo', answers);
    const pool = stage.pool({ cis: { apollo: ci.url } });
    watch(pool.ask('apollo', 'first'));
    await settled();
    const peer = ci.peers[0] as MemoryPeer;
    const stray = (request_id: unknown) => peer.send({ type: 'chat_response', content: 'stray', request_id });
    stray(ci.received[0]?.request_id);
    await settled();
    const received: Frame[] = [];
    peer.onRequest((request) => received.push(request));
    const open = watch(pool.ask('apollo', 'open'));
    const givenUp = watch(pool.ask('apollo', 'given up'));
    await settled();
    givenUp.subscription.unsubscribe();
    stray('nobody');
    stray(received[1]?.request_id);
    peer.send({ type: 'chat_response', content: 'own', request_id: received[0]?.request_id });
    await settled();
    expect(contentsOf(open)).toEqual(['own']);
    const expected = { duplicates: 1, unsolicited: 1, lateReplies: 1, cancelled: 1, retired: 0 };
    expect(pool.snapshot().totals.metrics).toMatchObject(expected);
  });

  test('connections retired because abandoned requests hold too many slots', async () => {
    const ci = stage.ci('apollo', answers);
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1, maxInFlight: 2 });
    watch(pool.ask('apollo', 'first'));
    await settled();
    ci.peers[0]?.onRequest(() => {});
    const givenUp = watch(pool.ask('apollo', 'given up'));
    await settled();
    givenUp.subscription.unsubscribe();
    await settled();
    expect(pool.snapshot().totals.metrics).toMatchObject({ retired: 1, cancelled: 1 });
    expect(ci.open).toBe(0);
  });
});
