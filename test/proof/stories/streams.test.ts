import { finalize, lastValueFrom, take } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { BroadcastOptions, Frame, Reply, RequestOptions } from '../../../src/index.js';
import { useStage } from '../../support/stage.js';
import { type MemoryCi, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { type Watched, watch } from '../../support/watch.js';

const contentsOf = (watched: Watched<{ content: string }>) => watched.values.map(({ content }) => content);

async function* words() {
  yield 'one ';
  yield 'two ';
  yield 'three';
}

describe('a stream', () => {
  const stage = useStage();

  describe.each(['byId', 'ordered'] as const)('of a CI that is %s', (correlation) => {
    test.each(['frames', 'legacy'] as const)('comes in pieces, in the dialect "%s"', async (streaming) => {
      const ci = await stage.serve({ correlation, streaming, handler: words });
      const pool = stage.pool({ cis: { apollo: ci.url } });
      const streams = [1, 2, 3].map(() => watch(pool.stream('apollo', 'count')));
      await Promise.all(streams.map(({ ended }) => ended));
      for (const stream of streams) {
        expect(stream.outcome).toBe('reply');
        expect(contentsOf(stream)).toEqual(['one ', 'two ', 'three']);
        expect(stream.values.map(({ index }) => index)).toEqual([0, 1, 2]);
      }
    });

    test('of a CI that cannot stream is one chunk, and the end', async () => {
      const ci = await stage.serve({ correlation, streaming: 'none', handler: words });
      const pool = stage.pool({ cis: { apollo: ci.url } });
      const stream = watch(pool.stream('apollo', 'count'));
      expect(await stream.ended).toBe('reply');
      expect(contentsOf(stream)).toEqual(['one two three']);
    });
  });

  test('needs no stream_start', async () => {
    const ci = await stage.scripted((request) => {
      for (const word of ['one', 'two']) request.chunk(word);
      request.end();
    });
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const stream = watch(pool.stream('apollo', 'count'));
    await stream.ended;
    expect(contentsOf(stream)).toEqual(['one', 'two']);
  });

  test("reports its end once: the whole text, the timings, and the CI's own fields", async () => {
    const ci = await stage.scripted((request) => {
      request.chunk('one ');
      request.chunk('two');
      request.reply({ type: 'stream_end', model: 'llama', metadata: { tokens: 7 } });
    });
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const told: (Reply | string)[] = [];
    const onEnd = (reply: Reply) => told.push(reply);
    await lastValueFrom(pool.stream('apollo', 'count', { onEnd }).pipe(finalize(() => told.push('over'))));
    expect(told).toEqual([
      expect.objectContaining({ ci: 'apollo', content: 'one two', model: 'llama', type: 'stream_end', reused: false }),
      'over',
    ]);
    expect((told[0] as Reply).raw.metadata).toEqual({ tokens: 7 });
    expect((told[0] as Reply).timings.totalMs).toBeGreaterThan(0);
  });

  test('that fails, or is cancelled, reports no end', async () => {
    const ci = await stage.scripted((request) => {
      request.chunk('one ');
      request.streamError('out of words');
    });
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const told: Reply[] = [];
    const onEnd = (reply: Reply) => told.push(reply);
    await watch(pool.stream('apollo', 'count', { onEnd })).ended;
    await lastValueFrom(pool.stream('apollo', 'count', { onEnd }).pipe(take(1)));
    expect(told).toEqual([]);
  });

  test('whose onEnd throws fails with that error', async () => {
    const ci = await stage.scripted((request) => request.reply('all'));
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const bug = new TypeError('bug');
    const onEnd = () => {
      throw bug;
    };
    await expect(lastValueFrom(pool.stream('apollo', 'count', { onEnd }))).rejects.toBe(bug);
    expect(pool.snapshot().totals).toMatchObject({ inFlight: 0, states: { healthy: 1 } });
  });

  test('onEnd works only for a stream', async () => {
    const pool = stage.pool({ cis: { apollo: 'tcp://127.0.0.1:1' } });
    const options = { onEnd: () => {} } as RequestOptions;
    for (const asked of [pool.ask('apollo', 'x', options), pool.request('apollo', { type: 'info' }, options)]) {
      await expect(lastValueFrom(asked)).rejects.toMatchObject({ code: 'invalid_config' });
    }
    const broadcast = () => pool.broadcast('x', { ...options, stream: true });
    expect(broadcast).toThrow(expect.objectContaining({ code: 'invalid_config' }));
    expect(() => pool.broadcast('x', { onEnd: undefined, stream: true } as BroadcastOptions)).not.toThrow();
    const stream = pool.stream('apollo', 'x', { onEnd: 1 as unknown as () => void });
    await expect(lastValueFrom(stream)).rejects.toMatchObject({ code: 'invalid_config' });
  });

  test('that the CI fails ends with its error, and the text so far', async () => {
    const ci = await stage.scripted((request) => {
      request.chunk('one ');
      request.chunk('two');
      request.streamError('out of words');
    });
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const stream = watch(pool.stream('apollo', 'count'));
    expect(await stream.ended).toBe('ci_error answered idle');
    expect(contentsOf(stream)).toEqual(['one ', 'two']);
    expect(stream.error).toMatchObject({ partial: 'one two', ci: 'apollo' });
    expect(stream.error?.message).toContain('out of words');
    expect(await watch(pool.stream('apollo', 'again')).ended).toBe('ci_error answered idle');
    expect(ci.connections.length).toBe(1);
  });

  test.each(['reset', 'close'] as const)('that is cut (%s) ends at once, with the text so far', async (cut) => {
    const ci = await stage.scripted((request) => request.chunk('one '));
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const stream = watch(pool.stream('apollo', 'count'), () => ci.connections[0]?.[cut]());
    expect(await stream.ended).toBe('connection_lost maybe_sent idle');
    expect(stream.error?.partial).toBe('one ');
  });

  test('of 10,000 chunks arrives whole and in order', async () => {
    const ci = await stage.serve({
      handler: async function* () {
        for (let i = 0; i < 10_000; i += 1) yield `${i} `;
      },
    });
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const stream = watch(pool.stream('apollo', 'count'));
    expect(await stream.ended).toBe('reply');
    expect(contentsOf(stream)).toEqual(Array.from({ length: 10_000 }, (_, i) => `${i} `));
    expect(stream.values.every(({ index }, i) => index === i)).toBe(true);
    expect(pool.snapshot().totals.metrics.chunks).toBe(10_000);
  });

  test('over maxReplyBytes is cut; its neighbour on the same connection is not', async () => {
    const ci = await stage.scripted((request) => request.chunk('0'.repeat(200)));
    const pool = stage.pool({ cis: { apollo: ci.url }, maxReplyBytes: 1_000, maxConnections: 1, pipelining: 2 });
    const long = watch(pool.stream('apollo', 'long'));
    const forLong = await ci.nextRequest();
    const short = watch(pool.stream('apollo', 'short'));
    const forShort = await ci.nextRequest();
    for (let i = 0; i < 9; i += 1) forLong.chunk('0'.repeat(200));
    forShort.end();
    expect(await long.ended).toBe('reply_too_large maybe_sent idle');
    expect(long.error?.partial?.length).toBe(1_000);
    expect(await short.ended).toBe('reply');
    expect(ci.connections.length).toBe(1);
  });

  test.each([
    ['nothing', undefined],
    ['a number', 7],
    ['null', null],
  ])('with a chunk whose content is %s ends in protocol_error, with the text so far', async (_, content) => {
    const ci = await stage.scripted((request) => {
      request.chunk('one');
      request.reply({ type: 'stream_chunk', content });
      request.chunk('two');
      request.end();
    });
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const stream = watch(pool.stream('apollo', 'count'));
    expect(await stream.ended).toBe('protocol_error answered idle');
    expect([contentsOf(stream), stream.error?.partial]).toEqual([['one'], 'one']);
  });
});

describe('the time limits of a stream', () => {
  const stage = useVirtualStage();
  const send = (ci: MemoryCi, type: string, content?: string) =>
    ci.peers[0]?.send({ type, request_id: ci.received.at(-1)?.request_id, content } satisfies Frame);
  const streamOf = (options: object) => {
    const ci = stage.ci('apollo');
    const pool = stage.pool({ cis: { apollo: ci.url } });
    return { ci, pool, stream: watch(pool.stream('apollo', 'count', options)) };
  };

  test('the first chunk must come in time; a stream_start does not count', async () => {
    const { ci, stream } = streamOf({ firstChunkTimeoutMs: 200, idleTimeoutMs: 5_000 });
    await stage.advance(150);
    send(ci, 'stream_start');
    await stage.advance(70);
    expect(stream.outcome).toBe('deadline_exceeded maybe_sent first chunk');
    expect(stream.error?.partial).toBeUndefined();
  });

  test('the silence between two chunks is limited, and starts anew at each', async () => {
    const { ci, stream } = streamOf({ firstChunkTimeoutMs: 5_000, idleTimeoutMs: 100 });
    await stage.advance(1_000);
    for (const word of ['one ', 'two ', 'three ', 'four']) {
      send(ci, 'stream_chunk', word);
      await stage.advance(90);
    }
    expect(stream.outcome).toBe('pending');
    await stage.advance(30);
    expect(stream.outcome).toBe('deadline_exceeded maybe_sent idle');
    expect(stream.error?.partial).toBe('one two three four');
  });

  test('the whole is limited, however steadily the chunks come', async () => {
    const { ci, stream } = streamOf({ deadlineMs: 1_000 });
    for (let i = 0; i < 11; i += 1) {
      await stage.advance(95);
      send(ci, 'stream_chunk', `${i} `);
    }
    expect(stream.outcome).toBe('deadline_exceeded maybe_sent total');
    expect(stream.error?.partial).toBe('0 1 2 3 4 5 6 7 8 9 ');
    expect(stream.error?.timings?.totalMs).toBeLessThanOrEqual(1_009);
  });

  test('the wait for a slot counts for the whole, and not for the first chunk', async () => {
    const ci = stage.ci('apollo');
    const pool = stage.pool({ cis: { apollo: ci.url }, maxConnections: 1 });
    watch(pool.ask('apollo', 'in front'));
    const stream = watch(pool.stream('apollo', 'count', { firstChunkTimeoutMs: 100, deadlineMs: 500 }));
    await stage.advance(450);
    expect(stream.outcome).toBe('pending');
    await stage.advance(60);
    expect(stream.outcome).toBe('deadline_exceeded not_sent queue');
    expect(ci.contents).toEqual(['in front']);
  });

  test('a cancelled stream gets no more, and its late chunks reach no other', async () => {
    const { ci, pool, stream } = streamOf({});
    await settled();
    send(ci, 'stream_chunk', 'one');
    await settled();
    stream.subscription.unsubscribe();
    const owed = ci.received[0];
    const other = watch(pool.stream('apollo', 'other'));
    await settled();
    for (const type of ['stream_chunk', 'stream_end'])
      ci.peers[0]?.send({ type, content: 'late', request_id: owed?.request_id });
    send(ci, 'stream_chunk', 'own');
    send(ci, 'stream_end');
    await stage.advance(2_000);
    expect([contentsOf(stream), stream.outcome]).toEqual([['one'], 'pending']);
    expect([contentsOf(other), other.outcome]).toEqual([['own'], 'reply']);
    expect(ci.peers.length).toBe(1);
    expect(pool.snapshot().totals).toMatchObject({
      inFlight: 0,
      metrics: { lateReplies: 2, cancelled: 1, retired: 0 },
    });
  });
});
