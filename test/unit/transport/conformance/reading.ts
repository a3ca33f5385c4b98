import { describe, expect, test } from 'vitest';
import type { Wire } from '../wire.js';
import { talking } from '../wire-user.js';
import { samplesOf } from './samples.js';

/** What the peer sends. */
export function reading(makeWire: () => Promise<Wire>): void {
  describe('reading', () => {
    test('a packet is a sign of life before it is a frame', async () => {
      await using wire = await makeWire();
      const { frames, line } = samplesOf(wire);
      using user = await talking(wire);
      const { peer } = user;
      peer.send(line);
      await user.until(() => user.frames.length === 1);
      expect(user.log).toEqual(['up', 'alive', ...frames(1)]);
    });

    test('half a line is a sign of life, too', async () => {
      await using wire = await makeWire();
      const { line } = samplesOf(wire);
      using user = await talking(wire);
      const { peer } = user;
      await user.take(peer, [line.subarray(0, 5)]);
      expect(user.log).toEqual(['up', 'alive']);
    });

    test('reads several frames of one packet in their order, without empty lines', async () => {
      await using wire = await makeWire();
      const { frames, lineAt } = samplesOf(wire);
      using user = await talking(wire);
      const { peer } = user;
      const [end = ''] = /\s+$/.exec(String(lineAt(2))) ?? [];
      peer.send(`${lineAt(0)}${lineAt(1)}\n${String(lineAt(2)).trimEnd()}${end.replaceAll('\n', '\r\n')}`);
      await user.until(() => user.frames.length === 3);
      expect(user.log).toEqual(['up', 'alive', ...frames(3)]);
    });

    test('reads a frame that comes byte by byte, with cuts inside characters', async () => {
      await using wire = await makeWire();
      const { frames, line } = samplesOf(wire);
      using user = await talking(wire);
      const { peer } = user;
      await user.take(
        peer,
        [...line].map((byte) => Buffer.from([byte])),
      );
      await user.until(() => user.frames.length === 1);
      expect(user.told).toEqual(['up', ...frames(1)]);
    });

    test('reads two frames cut at every place', async () => {
      await using wire = await makeWire();
      const { frames, line, lineAt } = samplesOf(wire);
      using user = await talking(wire);
      const { peer } = user;
      const length = 2 * line.length;
      for (let at = 1; at < length; at += 1) {
        const both = Buffer.concat([lineAt(2 * at - 2), lineAt(2 * at - 1)]);
        await user.take(peer, [both.subarray(0, at), both.subarray(at)]);
        await user.until(() => user.frames.length === 2 * at);
      }
      expect(user.frames).toEqual(frames(2 * (length - 1)));
    });

    test('reads a line of the maximum length', async () => {
      await using wire = await makeWire();
      const { line } = samplesOf(wire);
      using user = await talking(wire, line.length - 1);
      const { peer } = user;
      peer.send(line);
      await user.until(() => user.frames.length === 1);
    });
  });
}
