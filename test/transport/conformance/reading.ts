import { describe, expect, test } from 'vitest';
import type { Wire } from '../wire.js';
import { linked } from '../wire-user.js';
import { FRAME, LINE } from './samples.js';

/** What the peer sends. */
export function reading(makeWire: () => Promise<Wire>): void {
  describe('reading', () => {
    test('a packet is a sign of life before it is a frame', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      peer.send(LINE);
      await user.until(() => user.frames.length === 1);
      expect(user.log).toEqual(['up', 'alive', FRAME]);
    });

    test('half a line is a sign of life, too', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      await user.take(peer, [LINE.subarray(0, 5)]);
      expect(user.log).toEqual(['up', 'alive']);
    });

    test('several frames in one packet, in their order; empty lines are none', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      peer.send('{"n":1}\n{"n":2}\n\n{"n":3}\r\n');
      await user.until(() => user.frames.length === 3);
      expect(user.log).toEqual(['up', 'alive', { n: 1 }, { n: 2 }, { n: 3 }]);
    });

    test('a frame that comes byte by byte, its characters cut as well', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      await user.take(
        peer,
        [...LINE].map((byte) => Buffer.from([byte])),
      );
      await user.until(() => user.frames.length === 1);
      expect(user.told).toEqual(['up', FRAME]);
    });

    test('two frames cut at every place', async () => {
      await using wire = await makeWire();
      using user = await linked(wire);
      const { peer } = user;
      const both = Buffer.concat([LINE, LINE]);
      for (let at = 1; at < both.length; at += 1) {
        await user.take(peer, [both.subarray(0, at), both.subarray(at)]);
        await user.until(() => user.frames.length === 2 * at);
      }
      expect(user.frames).toEqual(Array(2 * (both.length - 1)).fill(FRAME));
    });

    test('a line as long as it may be', async () => {
      await using wire = await makeWire();
      using user = await linked(wire, LINE.length - 1);
      const { peer } = user;
      peer.send(LINE);
      await user.until(() => user.frames.length === 1);
    });
  });
}
