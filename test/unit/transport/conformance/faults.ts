import { describe, expect, test } from 'vitest';
import { ChoragusError } from '../../../../src/errors/index.js';
import type { Wire } from '../wire.js';
import { settle, talking } from '../wire-user.js';
import { samplesOf } from './samples.js';

/** What the peer must not send, and what the sink must not throw. */
export function faults(makeWire: () => Promise<Wire>): void {
  describe('a link that cannot go on ends', () => {
    const long = `{"content":"${'x'.repeat(1_000)}"}`;

    test.each([
      ['a line that is not JSON', 'protocol_error', 'secret nonsense', 'ended'],
      ['a JSON array', 'protocol_error', '[{"secret":1}]', 'ended'],
      ['a JSON null', 'protocol_error', 'null', 'ended'],
      ['a line that is too long', 'reply_too_large', long, 'ended'],
      ['a line that is too long, and has no end', 'reply_too_large', long, 'open'],
    ])('for %s: the sink gets the frames before it, and none after it', async (_what, code, bad, end) => {
      await using wire = await makeWire();
      const { frames, line, lineOf } = samplesOf(wire);
      // Servers send it as a sign of life.
      if (bad === 'null' && wire.failing === 'request') return;
      using user = await talking(wire);
      const { peer } = user;
      const badLine = end === 'ended' ? lineOf(bad) : lineOf(bad).trimEnd();
      peer.send(`${line}${badLine}${line}`);
      await user.ended();
      await peer.closed;
      await settle();
      expect(user.told).toEqual(['up', ...frames(1), expect.objectContaining({ code, ci: 'apollo' })]);
      expect(user.error).toBeInstanceOf(ChoragusError);
      const { plainReason, message } = user.error as ChoragusError;
      // A model server's words go to the caller, and never into a log.
      expect(wire.failing === 'request' ? plainReason : message).not.toContain('secret');
    });

    test('for a line that is too long and comes in pieces', async () => {
      await using wire = await makeWire();
      const { lineOf } = samplesOf(wire);
      using user = await talking(wire);
      const { peer } = user;
      const bytes = Buffer.from(lineOf(long));
      await user.take(peer, [bytes.subarray(0, 600), bytes.subarray(600)]);
      expect(await user.ended()).toMatchObject({ code: 'reply_too_large' });
      await peer.closed;
    });

    test('for a sink that throws a ChoragusError: the link ends with this error, and the peer sees the end', async () => {
      await using wire = await makeWire();
      const { frames, line } = samplesOf(wire);
      using user = await talking(wire);
      const { peer } = user;
      user.onFrame = () => {
        throw new ChoragusError('protocol_error', 'nobody had asked', { delivery: 'answered' });
      };
      peer.send(Buffer.concat([line, line]));
      await user.ended();
      await peer.closed;
      await settle();
      const error = { code: 'protocol_error', reason: 'nobody had asked', delivery: 'answered', ci: 'apollo' };
      expect(user.told).toEqual(['up', ...frames(1), expect.objectContaining(error)]);
    });

    test('for a sink that throws anything else: a bug, passed on unchanged', async () => {
      await using wire = await makeWire();
      const { line } = samplesOf(wire);
      using user = await talking(wire);
      const { peer } = user;
      const bug = new TypeError('bug');
      user.onFrame = () => {
        throw bug;
      };
      peer.send(line);
      expect(await user.ended()).toBe(bug);
      await peer.closed;
    });
  });
}
