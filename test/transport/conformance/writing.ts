import { describe, expect, test } from 'vitest';
import type { Wire } from '../wire.js';
import { linked, settle } from '../wire-user.js';
import { request } from './samples.js';

/** What the peer is sent. */
export function writing(makeWire: () => Promise<Wire>): void {
  describe('writing', () => {
    test('the requests of one tick are committed together at its end, and written in their order', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      const committed: string[] = [];
      for (const line of ['{"n":1}', '{"n":2}', '{"n":3}']) user.give(request(line, committed));
      expect(committed).toEqual([]);
      await peer.received(3);
      expect([committed, peer.lines]).toEqual([peer.lines, ['{"n":1}', '{"n":2}', '{"n":3}']]);
    });

    test('those of later ticks come after them', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      for (let n = 0; n < 50; n += 1) {
        user.send(`{"n":${n}}`, `{"n":${n},"second":true}`);
        if (n % 3 === 0) await settle();
      }
      await peer.received(100);
      const expected = Array.from({ length: 50 }, (_, n) => [`{"n":${n}}`, `{"n":${n},"second":true}`]).flat();
      expect(peer.lines).toEqual(expected);
    });

    test('one that was given up meanwhile is not written', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      user.send('{"n":1}', '', '{"n":2}');
      user.send('');
      await peer.received(2);
      await settle();
      expect(peer.lines).toEqual(['{"n":1}', '{"n":2}']);
    });

    test('text of any alphabet arrives as it was', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      const line = JSON.stringify({ content: 'é€😀\u2028\n"' });
      user.send(line);
      expect(await peer.received(1)).toEqual([line]);
    });

    test('after unsubscribing nothing is committed', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      const committed: string[] = [];
      user.give(request('{"n":1}', committed));
      user.link.unsubscribe();
      user.give(request('{"n":2}', committed));
      await peer.closed;
      await settle();
      expect([committed, peer.lines]).toEqual([[], []]);
    });

    test('after the peer has closed nothing is committed', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      peer.close();
      await user.ended();
      const committed: string[] = [];
      user.give(request('{"n":1}', committed));
      await settle();
      expect(committed).toEqual([]);
    });
  });
}
