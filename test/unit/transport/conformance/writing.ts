import { describe, expect, test } from 'vitest';
import type { Wire } from '../wire.js';
import { linked, settle, talking } from '../wire-user.js';
import { chat, request } from './samples.js';

/** What the peer receives. */
export function writing(makeWire: () => Promise<Wire>): void {
  describe('writing', () => {
    test('commits the requests of one tick together at its end, and writes them in their order', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      const committed: string[] = [];
      const lines = [chat(1), chat(2), chat(3)];
      for (const line of lines) user.give(request(line, committed));
      expect(committed).toEqual([]);
      await peer.received(3);
      expect([committed, peer.lines]).toEqual([peer.lines, lines]);
    });

    test('writes those of later ticks after them', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      for (let n = 0; n < 50; n += 1) {
        user.send(chat(n), chat(`${n}, too`));
        if (n % 3 === 0) await settle();
      }
      await peer.received(100);
      const expected = Array.from({ length: 50 }, (_, n) => [chat(n), chat(`${n}, too`)]).flat();
      expect(peer.lines).toEqual(expected);
    });

    test('does not write a request that was cancelled in between', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      user.send(chat(1), '', chat(2));
      user.send('');
      await peer.received(2);
      await settle();
      expect(peer.lines).toEqual([chat(1), chat(2)]);
    });

    test('text of any alphabet arrives unchanged', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      const line = chat('é€😀\u2028\n"');
      user.send(line);
      expect(await peer.received(1)).toEqual([line]);
    });

    test('commits nothing after unsubscribing', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      const committed: string[] = [];
      user.give(request(chat(1), committed));
      user.link.unsubscribe();
      user.give(request(chat(2), committed));
      await peer.closed;
      await settle();
      expect([committed, peer.lines]).toEqual([[], []]);
    });

    test('commits nothing after the peer has closed', async () => {
      await using wire = await makeWire();
      // The next request has a socket of its own.
      if (wire.failing === 'request') return;
      using user = await talking(wire);
      const { peer } = user;
      peer.close();
      await user.ended();
      const committed: string[] = [];
      user.give(request(chat(1), committed));
      await settle();
      expect(committed).toEqual([]);
    });
  });
}
