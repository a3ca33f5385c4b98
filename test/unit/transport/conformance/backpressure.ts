import { describe, expect, test } from 'vitest';
import type { Wire } from '../wire.js';
import { type LinkedUser, linked, settle } from '../wire-user.js';
import { chat, request, samplesOf } from './samples.js';

/** When the peer stops reading. */
export function backpressure(makeWire: () => Promise<Wire>): void {
  describe('a peer that stops reading', () => {
    async function held(wire: Wire): Promise<LinkedUser> {
      const user = await linked(wire);
      await user.peer.hold(user.channel);
      expect(user.channel.isWritable).toBe(false);
      return user;
    }

    test('requests wait uncommitted; after drained() they are written in their order', async () => {
      await using wire = await makeWire();
      using user = await held(wire);
      const { peer } = user;
      const committed: string[] = [];
      for (const line of [chat(1), chat(2)]) user.give(request(line, committed));
      await settle();
      expect([committed, user.log]).toEqual([[], ['up']]);
      peer.release();
      await peer.received(2);
      await user.until(() => user.log.includes('drained'));
      await settle();
      expect(peer.lines).toEqual([chat(1), chat(2)]);
      const drained = user.log.filter((entry) => entry === 'drained');
      expect([drained, user.channel?.isWritable]).toEqual([['drained'], true]);
    });

    test('a request that is cancelled in between is never written', async () => {
      await using wire = await makeWire();
      using user = await held(wire);
      const { peer } = user;
      let line = chat(1);
      user.give({ commit: () => line });
      user.send(chat(2));
      line = '';
      peer.release();
      await peer.received(1);
      await user.until(() => user.log.includes('drained'));
      expect(peer.lines).toEqual([chat(2)]);
    });

    test('requests that wait when the link ends are never committed', async () => {
      await using wire = await makeWire();
      using user = await held(wire);
      const { peer } = user;
      const committed: string[] = [];
      user.give(request(chat(1), committed));
      user.link.unsubscribe();
      peer.release();
      await peer.closed;
      await settle();
      expect([committed, user.log]).toEqual([[], ['up']]);
    });

    test('replies are still read', async () => {
      await using wire = await makeWire();
      const { frames, line } = samplesOf(wire);
      using user = await held(wire);
      const { peer } = user;
      peer.send(line);
      await user.until(() => user.frames.length === 1);
      expect(user.told).toEqual(['up', ...frames(1)]);
      peer.release();
    });
  });
}
