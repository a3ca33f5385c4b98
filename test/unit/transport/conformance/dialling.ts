import { describe, expect, test } from 'vitest';
import type { ChannelSink } from '../../../../src/contract/index.js';
import { ChoragusError } from '../../../../src/errors/index.js';
import type { Wire } from '../wire.js';
import { linked, settle, WireUser } from '../wire-user.js';

const nothing = (): void => {};
/** A sink without handlers. */
const deaf: ChannelSink = {
  alive: nothing,
  frame: nothing,
  drained: nothing,
  suspect: nothing,
  ended: nothing,
  requestFailed: nothing,
  socketOpened: nothing,
  socketClosed: nothing,
};

/** Until the link is up. */
export function dialling(makeWire: () => Promise<Wire>): void {
  describe('dialling', () => {
    test('emits the channel once, when the link is up, and nothing before', async () => {
      await using wire = await makeWire();
      using user = new WireUser(wire);
      expect(user.log).toEqual([]);
      await wire.peer(0);
      await user.until(() => user.log.length > 0);
      await settle();
      expect(user.log).toEqual(['up']);
      expect(user.channel?.isWritable).toBe(true);
    });

    test('is cold: prepare() opens nothing, each subscription opens its own link', async () => {
      await using wire = await makeWire();
      const dial = wire.transport.prepare({ ci: 'apollo', ...wire.address, maxReplyBytes: 1_000 });
      dial(deaf);
      using one = await linked(wire);
      using other = await linked(wire);
      expect(wire.peers).toHaveLength(2);
      one.link.unsubscribe();
      await settle();
      expect(other.log).toEqual(['up']);
    });

    test('without a listener: unavailable, not_sent, once', async () => {
      await using wire = await makeWire();
      using user = new WireUser({ transport: wire.transport, address: wire.deserted });
      await user.ended();
      await settle();
      expect(user.log).toHaveLength(1);
      expect(user.error).toBeInstanceOf(ChoragusError);
      expect(user.error).toMatchObject({ code: 'unavailable', delivery: 'not_sent', phase: 'connect', ci: 'apollo' });
    });

    test.each([
      ['in the same tick', 0],
      ['a tick later', 1],
      ['two ticks later', 2],
    ])('unsubscribed mid-dial, %s: the sink gets nothing, and no link is left', async (_when, ticks) => {
      await using wire = await makeWire();
      const user = new WireUser(wire);
      for (let tick = 0; tick < ticks && user.log.length === 0; tick += 1) {
        await new Promise<void>((resolve) => process.nextTick(resolve));
      }
      const before = [...user.log];
      user.link.unsubscribe();
      // A later dial is served later: the first has arrived by then, if it ever does.
      using fence = new WireUser(wire);
      await fence.until(() => fence.log.length > 0);
      await settle();
      expect(user.log).toEqual(before);
      expect(fence.log).toEqual(['up']);
    });

    test('prepare() rejects an address that it cannot read', async () => {
      await using wire = await makeWire();
      const target = { ci: 'apollo', url: 'nonsense', maxReplyBytes: 1_000 };
      expect(() => wire.transport.prepare(target)).toThrow(
        expect.objectContaining({ code: 'invalid_config', delivery: 'not_sent' }),
      );
    });
  });
}
