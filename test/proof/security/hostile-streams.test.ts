import { describe, expect, test } from 'vitest';
import { ChoragusError, type Chunk, toAsyncIterable } from '../../../src/index.js';
import { until } from '../../support/stage.js';
import { watch } from '../../support/watch.js';
import { type Misbehave, pour, readLines } from './hostile-peer.js';
import { expectUnharmed, FLOOD_BYTES, frame, MIB, repeated, useSieges } from './siege.js';

const besiege = useSieges();

describe('a stream without an end', () => {
  /** Streams chunks of 1 KiB as long as they are read. */
  const endless: Misbehave = (socket) =>
    readLines(socket, ({ request_id, content }) => {
      const chunk = frame({ type: 'stream_chunk', request_id, content: 'x'.repeat(1_000) });
      if (content === 'stream') void pour(socket, repeated(chunk), FLOOD_BYTES);
    });

  test('alone ends at maxReplyBytes of text', async () => {
    const { pool, neighbour } = await besiege(endless);
    const stream = watch(pool.stream('apollo', 'stream'));
    expect(await stream.ended).toBe('reply_too_large maybe_sent idle');
    expect(stream.values.length).toBe(Math.floor(MIB / 1_000));
    expect(stream.error?.partial?.length).toBe(stream.values.length * 1_000);
    expectUnharmed(await neighbour.stop());
  });

  test('read too slowly: `fail` cancels it, and keeps only the buffer', async () => {
    const { pool, neighbour } = await besiege(endless);
    const reader = toAsyncIterable(pool.stream('apollo', 'stream'), { bufferSize: 8 });
    await reader.next();
    await until(() => pool.snapshot().cis.apollo?.inFlight === 0);
    const read: Chunk[] = [];
    await expect(
      (async () => {
        for await (const chunk of reader) read.push(chunk);
      })(),
    ).rejects.toMatchObject({ code: 'overloaded' });
    expect(read.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expectUnharmed(await neighbour.stop());
  });

  test.each(['dropOldest', 'dropNewest'] as const)('read too slowly: `%s` keeps only the buffer', async (overflow) => {
    const { pool, neighbour } = await besiege(endless);
    const reader = toAsyncIterable(pool.stream('apollo', 'stream'), { bufferSize: 8, overflow });
    await reader.next();
    await until(() => pool.snapshot().cis.apollo?.inFlight === 0);
    const read: number[] = [];
    const last = await (async () => {
      for await (const { index } of reader) read.push(index);
    })().catch((error: unknown) => error);
    expect(last).toMatchObject({ code: 'reply_too_large' });
    const total = Math.floor(MIB / 1_000);
    const first = overflow === 'dropNewest' ? 1 : total - 8;
    expect(read).toEqual(Array.from({ length: 8 }, (_, i) => first + i));
    expectUnharmed(await neighbour.stop());
  });

  test('of chunks without text ends at its deadline', async () => {
    const { pool, neighbour } = await besiege((socket) =>
      readLines(socket, ({ request_id }) => {
        void pour(socket, repeated(frame({ type: 'stream_chunk', request_id, content: '' }), 4_096), FLOOD_BYTES);
      }),
    );
    await pool.warm(['apollo']);
    let chunks = 0;
    const error = await new Promise<unknown>((resolve) => {
      const next = () => {
        chunks += 1;
      };
      pool.stream('apollo', 'stream', { deadlineMs: 700 }).subscribe({ next, error: resolve });
    });
    expect(error).toBeInstanceOf(ChoragusError);
    expect(error).toMatchObject({ code: 'deadline_exceeded' });
    expect(chunks).toBeGreaterThan(0);
    expectUnharmed(await neighbour.stop());
  });
});

describe('a peer that never reads', () => {
  // The order is trusted: a CI that has not answered yet gets only one question on each connection.
  const limits = { maxConnections: 2, pipelining: 100, maxWaiting: 50, ordering: 'trusted' } as const;
  const text = 'x'.repeat(60_000);

  test('gets what the limits allow; waiting requests fail, and `not_sent` is true', async () => {
    const { pool, peer, neighbour } = await besiege((socket) => socket.pause(), limits);
    const asked: ReturnType<typeof watch<unknown>>[] = [];
    while (!asked.some(({ error }) => error?.code === 'overloaded')) {
      if (asked.length > 1_000) throw new Error('the sockets took everything');
      asked.push(watch(pool.ask('apollo', `${asked.length} ${text}`)));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { inFlight, connections } = pool.snapshot().cis.apollo ?? {};
    expect([connections?.length, peer.sockets.length]).toEqual([2, 2]);
    expect(inFlight).toBeLessThanOrEqual(200);
    const { grownMiB, wrong } = await neighbour.stop();
    expect(wrong).toEqual([]);
    expect(grownMiB.arrayBuffers).toBeLessThan(64);

    await pool.remove('apollo', { drainTimeoutMs: 0 });
    expect(asked.map(({ ends }) => ends)).toEqual(asked.map(() => 1));
    // The peer knows the truth: only requests that it finds when it reads at last may count as maybe sent.
    const found: number[] = [];
    const gone = peer.sockets.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
    for (const socket of peer.sockets) {
      readLines(socket, ({ content }) => found.push(Number.parseInt(String(content), 10)));
      socket.resume();
    }
    await Promise.all(gone);
    const deliveries = asked.map(({ error }) => error?.delivery);
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found).size).toBe(found.length);
    expect(found.map((i) => deliveries[i])).toEqual(found.map(() => 'maybe_sent'));
    expect(deliveries.filter((delivery) => delivery === 'not_sent').length).toBeGreaterThanOrEqual(50);
  });
});
