import { describe, expect, test } from 'vitest';
import type { Wire } from '../wire.js';
import { type LinkedUser, linked, settle } from '../wire-user.js';
import { FRAME, LINE, request } from './samples.js';

/** When the peer takes nothing in. */
export function backpressure(makeWire: () => Promise<Wire>): void {
  describe('a peer that takes nothing in', () => {
    async function held(wire: Wire): Promise<LinkedUser> {
      const user = await linked(wire);
      await user.peer.hold(user.channel);
      expect(user.channel.isWritable).toBe(false);
      return user;
    }

    test('requests are kept uncommitted; then drained() is told, and they are written in their order', async () => {
      await using wire = await makeWire();
      using user = await held(wire);
      const { peer } = user;
      const committed: string[] = [];
      for (const line of ['{"n":1}', '{"n":2}']) user.give(request(line, committed));
      await settle();
      expect([committed, user.log]).toEqual([[], ['up']]);
      peer.release();
      await peer.received(2);
      await user.until(() => user.log.length > 1);
      expect(peer.lines).toEqual(['{"n":1}', '{"n":2}']);
      expect([user.log, user.channel?.isWritable]).toEqual([['up', 'drained'], true]);
    });

    test('what is given up meanwhile is never written', async () => {
      await using wire = await makeWire();
      using user = await held(wire);
      const { peer } = user;
      let line = '{"n":1}';
      user.give({ commit: () => line });
      user.send('{"n":2}');
      line = '';
      peer.release();
      await peer.received(1);
      await user.until(() => user.log.includes('drained'));
      expect(peer.lines).toEqual(['{"n":2}']);
    });

    test('what waits when the link goes is never committed', async () => {
      await using wire = await makeWire();
      using user = await held(wire);
      const { peer } = user;
      const committed: string[] = [];
      user.give(request('{"n":1}', committed));
      user.link.unsubscribe();
      peer.release();
      await peer.closed;
      await settle();
      expect([committed, user.log]).toEqual([[], ['up']]);
    });

    test('replies are read all the same', async () => {
      await using wire = await makeWire();
      using user = await held(wire);
      const { peer } = user;
      peer.send(LINE);
      await user.until(() => user.frames.length === 1);
      expect(user.told).toEqual(['up', FRAME]);
      peer.release();
    });
  });
}
