import type net from 'node:net';
import { describe, expect, test } from 'vitest';
import { until } from '../../support/stage.js';
import { watch } from '../../support/watch.js';
import { pour, readLines } from './hostile-peer.js';
import { expectUnharmed, FLOOD_BYTES, frame, MIB, repeated, useSieges } from './siege.js';

const BLANK_BYTES = FLOOD_BYTES / 8;

const besiege = useSieges();

describe('a line without an end', () => {
  test('ends the connection at maxReplyBytes, for any length', async () => {
    let poured: Promise<number> | undefined;
    const { pool, neighbour } = await besiege((socket) =>
      socket.once('data', () => {
        poured = pour(socket, Buffer.alloc(65_536, 'x'), FLOOD_BYTES);
      }),
    );
    expect(await watch(pool.ask('apollo', 'hello')).ended).toBe('reply_too_large maybe_sent total');
    // The bytes read are the limit, plus the system's buffers on the way.
    expect(await poured).toBeLessThan(32 * MIB);
    expectUnharmed(await neighbour.stop());
  });

  test('does not accumulate memory, even if repeated', async () => {
    const { pool, neighbour } = await besiege(
      (socket) => socket.once('data', () => void pour(socket, Buffer.alloc(65_536, 'x'), FLOOD_BYTES)),
      { reconnectDelayMs: 1, maxReconnectDelayMs: 1 },
    );
    for (let i = 0; i < 20; i += 1) {
      const asked = watch(pool.ask('apollo', 'hello', { waitForReady: true }));
      expect(await asked.ended).toBe('reply_too_large maybe_sent total');
    }
    expect(pool.snapshot().cis.apollo?.connections.length).toBeLessThanOrEqual(8);
    expectUnharmed(await neighbour.stop());
  });

  test('that comes byte by byte holds its request until the deadline, and no longer', async () => {
    const drip = (socket: net.Socket): void => {
      if (socket.write('{')) setImmediate(() => socket.destroyed || drip(socket));
    };
    const { pool, neighbour } = await besiege((socket) => socket.once('data', () => drip(socket)), {
      lateReplyGraceMs: 1,
    });
    const asked = watch(pool.ask('apollo', 'hello', { deadlineMs: 100 }));
    expect(await asked.ended).toMatch(/^deadline_exceeded/);
    // A peer that sends a byte now and then does not hold the slot: the connection is closed.
    await until(() => pool.snapshot().cis.apollo?.connections.length === 0);
    expectUnharmed(await neighbour.stop());
  });
});

describe('a flood of lines', () => {
  test('that are blank costs only time, and only as long as they come', async () => {
    let poured: Promise<number> | undefined;
    const { pool, neighbour } = await besiege((socket) =>
      readLines(socket, ({ request_id, content }) => {
        poured = pour(socket, Buffer.alloc(65_536, '\n'), BLANK_BYTES);
        void poured.then(() => socket.write(frame({ type: 'chat_response', request_id, content })));
      }),
    );
    const asked = watch(pool.ask('apollo', 'after millions of lines', { deadlineMs: 20_000 }));
    expect(await asked.ended).toBe('reply');
    expect([asked.values[0]?.content, await poured]).toEqual(['after millions of lines', BLANK_BYTES]);
    expectUnharmed(await neighbour.stop());
  });

  test.each([
    ['a reply', { type: 'chat_response', content: 'x' }],
    ['a pong', { type: 'pong' }],
    ['an unknown id', { type: 'chat_response', content: 'x', request_id: 'aaaaaa.1' }],
  ])('an unexpected line ends a connection with nothing outstanding at once: %s', async (_, unsolicited) => {
    const { pool, peer, neighbour } = await besiege(
      (socket) => void pour(socket, repeated(frame(unsolicited)), MIB),
      // A backoff of a minute; without randomness it cannot be short.
      { reconnectDelayMs: 60_000, random: () => 0.5 },
    );
    expect((await pool.warm(['apollo'])).up.length).toBeLessThanOrEqual(1);
    await until(() => peer.sockets[0]?.destroyed === true);
    expect(pool.snapshot().cis.apollo?.lastError?.code).toMatch(/protocol_error|connection_lost/);
    // It had not answered: it waits for its backoff, without a hot loop of dials.
    expect(peer.sockets.length).toBe(1);
    expect(pool.snapshot().cis.apollo?.metrics.unsolicited).toBe(1);
    expectUnharmed(await neighbour.stop());
  });

  test('with guessed ids reaches no request, and retires the connection', async () => {
    // All ids of this connection except the true one: those before and after, other prefixes, other spellings.
    const guesses = (id: string): Buffer => {
      const [prefix = '', number = ''] = id.split('.');
      const near = Array.from({ length: 200 }, (_, i) => `${prefix}.${Number(number) + i + 1}`);
      const odd = [
        `${prefix}.`,
        `${id}0`,
        ` ${id}`,
        `${id} `,
        id.toUpperCase(),
        number,
        '',
        `${prefix}.-1`,
        `${prefix}.1e6`,
      ];
      const others = [`${prefix}.0`, `zzzzzz.${number}`, `${prefix}.${'9'.repeat(400)}`, 0, {}, [id], true];
      const wrong = [...near, ...odd, ...others].filter((guess) => guess !== id);
      return Buffer.concat(wrong.map((request_id) => frame({ type: 'chat_response', content: 'forged', request_id })));
    };
    const { pool, neighbour } = await besiege((socket) =>
      readLines(socket, ({ request_id, content }) => {
        void pour(socket, guesses(String(request_id)), 2 * MIB).then(() =>
          socket.write(frame({ type: 'chat_response', request_id, content })),
        );
      }),
    );
    const asked = Array.from({ length: 3 }, (_, i) => watch(pool.ask('apollo', `mine ${i}`)));
    expect(await Promise.all(asked.map(({ ended }) => ended))).toEqual(['reply', 'reply', 'reply']);
    expect(asked.map(({ values }) => values[0]?.content)).toEqual(['mine 0', 'mine 1', 'mine 2']);
    const { metrics, connections } = pool.snapshot().cis.apollo ?? {};
    expect(metrics?.unsolicited).toBeGreaterThan(10_000);
    expect(metrics?.retired).toBe(3);
    expect(connections).toEqual([]);
    expectUnharmed(await neighbour.stop());
  });

  test('with ids of other connections of the same pool reaches no request', async () => {
    const known: { readonly socket: net.Socket; readonly id: unknown; readonly content: unknown }[] = [];
    const { pool, peer, neighbour } = await besiege((socket) =>
      readLines(socket, ({ request_id, content }) => {
        known.push({ socket, id: request_id, content });
        if (known.length < 4) return;
        // Each answers the others' questions first, and its own only then.
        for (const own of known.splice(0)) {
          for (const other of peer.sockets) {
            if (other !== own.socket)
              other.write(frame({ type: 'chat_response', request_id: own.id, content: 'forged' }));
          }
          own.socket.write(frame({ type: 'chat_response', request_id: own.id, content: own.content }));
        }
      }),
    );
    const asked = Array.from({ length: 4 }, (_, i) => watch(pool.ask('apollo', `mine ${i}`)));
    expect(await Promise.all(asked.map(({ ended }) => ended))).toEqual(Array(4).fill('reply'));
    expect(asked.map(({ values }) => values[0]?.content)).toEqual(['mine 0', 'mine 1', 'mine 2', 'mine 3']);
    expect(peer.sockets.length).toBe(4);
    expectUnharmed(await neighbour.stop());
  });
});

describe('deep nesting', () => {
  test.each([
    ['lists', '[', ']'],
    ['objects', '{"a":', '}'],
  ])('of %s, as deep as the limit allows, is an answer like any other', async (_, open, close) => {
    const depth = Math.floor((MIB - 1_000) / (open.length + close.length + 1));
    const inner = open === '[' ? '' : '0';
    const nested = `${open.repeat(depth)}${inner}${close.repeat(depth)}`;
    const { pool, neighbour } = await besiege((socket) =>
      readLines(socket, ({ request_id }) => {
        socket.write(`{"type":"chat_response","content":"deep","request_id":"${request_id}","metadata":${nested}}\n`);
      }),
    );
    const asked = watch(pool.ask('apollo', 'hello'));
    expect(await asked.ended).toBe('reply');
    expect(asked.values[0]?.content).toBe('deep');
    expectUnharmed(await neighbour.stop());
  });
});
