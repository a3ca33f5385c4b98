import { describe, expect, test } from 'vitest';
import type { Wire } from '../wire.js';
import { settle, talking } from '../wire-user.js';
import { samplesOf } from './samples.js';

/** The ways in which a link ends. */
export function ending(makeWire: () => Promise<Wire>): void {
  describe('a link that ends', () => {
    const lost = { code: 'connection_lost', ci: 'apollo', delivery: 'maybe_sent' };

    test('by a close before any line', async () => {
      await using wire = await makeWire();
      using user = await talking(wire);
      const { peer } = user;
      peer.close();
      expect(await user.ended()).toMatchObject(lost);
      expect(user.error?.message).not.toContain('middle of a line');
      expect(user.told).toHaveLength(2);
    });

    test('by a close after a line: the line comes first', async () => {
      await using wire = await makeWire();
      const { frames, line } = samplesOf(wire);
      using user = await talking(wire);
      const { peer } = user;
      peer.send(line);
      peer.close();
      await user.ended();
      expect(user.told).toEqual(['up', ...frames(1), expect.objectContaining(lost)]);
    });

    test('by a close in the middle of a line: the half is not passed on, but its existence is reported', async () => {
      await using wire = await makeWire();
      const { frames, line } = samplesOf(wire);
      using user = await talking(wire);
      const { peer } = user;
      peer.send(line);
      peer.send(line.subarray(0, -3));
      peer.close();
      await user.ended();
      expect(user.told).toEqual(['up', ...frames(1), expect.objectContaining(lost)]);
      if (wire.halves !== 'unseen') expect(user.error?.message).toContain('in the middle of a line');
    });

    test('by a broken network', async () => {
      await using wire = await makeWire();
      using user = await talking(wire);
      const { peer } = user;
      peer.fail();
      expect(await user.ended()).toMatchObject(lost);
      await settle();
      expect(user.told).toHaveLength(2);
    });

    test('by unsubscribing: the peer sees it, and nothing is reported any more', async () => {
      await using wire = await makeWire();
      const { line } = samplesOf(wire);
      using user = await talking(wire);
      const { peer } = user;
      peer.send(line);
      user.link.unsubscribe();
      const before = [...user.log];
      await peer.closed;
      await settle();
      expect(user.log).toEqual(before);
    });

    test('by unsubscribing within a frame: the next frame of the same packet is not passed on', async () => {
      await using wire = await makeWire();
      const { frames, line } = samplesOf(wire);
      using user = await talking(wire);
      const { peer } = user;
      user.onFrame = () => user.link.unsubscribe();
      peer.send(Buffer.concat([line, line, line]));
      await peer.closed;
      await settle();
      expect(user.told).toEqual(['up', ...frames(1)]);
    });

    test('without harm to other links', async () => {
      await using wire = await makeWire();
      const { frames, line, lineOf } = samplesOf(wire);
      using one = await talking(wire);
      using other = await talking(wire);
      one.peer.send(`${line}${lineOf('nonsense')}`);
      await one.ended();
      other.peer.send(line);
      await other.until(() => other.frames.length === 1);
      expect(other.told).toEqual(['up', ...frames(1)]);
    });
  });
}
