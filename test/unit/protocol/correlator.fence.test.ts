import { describe, expect, test } from 'vitest';
import type { Frame, Ordering } from '../../../src/contract/index.js';
import { failure, healthy, pong, reply, rig } from './correlator-rig.js';

const info: Frame = { type: 'info_response' };

describe('if the order is proved', () => {
  test.each([
    ['ping', pong],
    ['health', healthy],
    ['info', info],
  ] as const)('an answer waits for the answer to its %s, and is handed on with its own text', (type, proof) => {
    const { correlator, fenced } = rig('proved');
    const a = fenced(type);
    expect(correlator.receive(reply('1'), 'its line')).toBe('fenced');
    expect([a.log, correlator.holding, correlator.isAlone, correlator.live]).toEqual([[], a.number, true, 1]);
    expect(correlator.receive(proof, 'the line of the proof')).toBe('proved');
    expect([a.log, correlator.line]).toEqual([['answered 1'], 'its line']);
    expect([correlator.holding, correlator.isFenced, correlator.isEmpty, correlator.unnamed]).toEqual([
      0,
      false,
      true,
      1,
    ]);
  });

  test('an error is an answer like any other: it waits for its proof, then fails the request', () => {
    const { correlator, fenced } = rig('proved');
    const a = fenced();
    expect(correlator.receive(failure)).toBe('fenced');
    expect(a.log).toEqual([]);
    expect(correlator.receive(pong)).toBe('proved');
    expect(a.log).toEqual(['failed ci_error']);
  });

  test('an answer without a probe behind it waits for one', () => {
    const { correlator, chat, probe } = rig('proved');
    const a = chat();
    expect(correlator.receive(reply('1'))).toBe('held');
    expect(a.log).toEqual([]);
    probe('ping', a);
    expect(correlator.receive(pong)).toBe('proved');
    expect(a.log).toEqual(['answered 1']);
  });

  describe('while an answer is held', () => {
    test.each([
      ['a second reply', reply('2')],
      ['the same reply again', reply('1')],
      ['an error', failure],
      ['the answer to another probe', healthy],
      ['a chunk of a stream', { type: 'stream_chunk', content: 'x' }],
      ['the end of a stream', { type: 'stream_end' }],
      ['a frame of no type', {}],
    ])('%s: no request is answered, and the connection goes', (_name, frame) => {
      const { correlator, fenced, strays } = rig('proved');
      const a = fenced();
      correlator.receive(reply('1'));
      expect(correlator.receive(frame)).toBe('desync');
      expect(a.log).toEqual([]);
      expect(strays.unsolicited).toBe(1);
      expect(correlator.drain()).toEqual([a.request]);
    });

    test.each([
      ['a second reply', reply('2')],
      ['an unexpected pong', pong],
    ])('%s, without a probe behind it: the connection goes', (_name, frame) => {
      const { correlator, chat } = rig('proved');
      const a = chat();
      correlator.receive(reply('1'));
      expect(correlator.receive(frame)).toBe('desync');
      expect(a.log).toEqual([]);
    });

    test('a proof that came before its probe was written is refused', () => {
      const { correlator, chat } = rig('proved');
      const a = chat();
      correlator.receive(reply('1'));
      const probe = correlator.fence('ping', a.number);
      expect(correlator.receive(pong)).toBe('desync');
      expect([a.log, probe.isWritten]).toEqual([[], false]);
    });

    test('its own answer with its id is handed on, and the held line belongs to no request', () => {
      const { correlator, fenced, strays } = rig('proved');
      const a = fenced();
      correlator.receive(reply('stray'));
      expect(correlator.receive(reply('1', a.id))).toBe('fine');
      expect([a.log, strays.unsolicited, correlator.isEchoing, correlator.holding]).toEqual([
        ['answered 1'],
        1,
        true,
        0,
      ]);
      expect(correlator.receive(pong)).toBe('proved');
      expect([a.log, correlator.isEmpty]).toEqual([['answered 1'], true]);
    });

    test('the answer of another request with an id leaves the held one waiting', () => {
      const { correlator, fenced } = rig('proved');
      const [a, b] = [fenced(), fenced('health')];
      correlator.receive(reply('1'));
      expect(correlator.receive(reply('2', b.id))).toBe('fine');
      expect([a.log, b.log, correlator.holding]).toEqual([[], ['answered 2'], a.number]);
      expect([correlator.receive(pong), correlator.receive(healthy)]).toEqual(['proved', 'proved']);
      expect(a.log).toEqual(['answered 1']);
    });

    test.each<[Ordering, readonly Frame[]]>([
      ['proved', [reply('x')]],
      ['byId', [reply('x'), pong]],
    ])('a second reply, after another answer came with an id: neither is handed on (%s)', (kind, frames) => {
      const { correlator, order, fenced } = rig('proved');
      const [a, b] = [fenced(), fenced('health')];
      for (const frame of [reply('1'), reply('2', b.id)]) correlator.receive(frame);
      order.kind = kind;
      expect(frames.map((frame) => correlator.receive(frame)).at(-1)).toBe('desync');
      expect(a.log).toEqual([]);
    });
  });

  describe('instead of the answer', () => {
    test.each([
      ['the answer to another probe', healthy],
      ['a stream chunk', { type: 'stream_chunk', content: 'x' }],
      ['a frame without a type and a text', {}],
    ])('%s: the connection goes', (_name, frame) => {
      const { correlator, fenced } = rig('proved');
      const a = fenced();
      expect(correlator.receive(frame)).toBe('desync');
      expect(a.log).toEqual([]);
    });

    test('a pong before its probe was written drops the connection', () => {
      const { correlator, chat } = rig('proved');
      const a = chat();
      correlator.fence('ping', a.number);
      expect(correlator.receive(pong)).toBe('desync');
    });

    test('a proof with nothing outstanding drops the connection', () => {
      const { correlator, fenced } = rig('proved');
      fenced();
      for (const frame of [reply('1'), pong]) correlator.receive(frame);
      expect(correlator.receive(pong)).toBe('desync');
    });

    test('a reply before its request was written drops the connection', () => {
      const { correlator, fenced } = rig('proved');
      const a = fenced();
      a.request.isWritten = false;
      expect(correlator.receive(reply('1'))).toBe('desync');
      expect(a.log).toEqual([]);
    });
  });

  describe('an answer overtaken by its probe', () => {
    test('is handed on if it is the first: nothing older can be on the wire', () => {
      const { correlator, fenced } = rig('proved');
      const a = fenced();
      expect(correlator.receive(pong)).toBe('overtaken');
      expect([a.log, correlator.live]).toEqual([[], 1]);
      expect(correlator.receive(reply('1'))).toBe('concurrent');
      expect([a.log, correlator.isEmpty, correlator.canTake(1, 256)]).toEqual([['answered 1'], true, false]);
    });

    test('fails its request if others came before it: it could belong to an older one', () => {
      const { correlator, fenced } = rig('proved');
      fenced();
      for (const frame of [reply('1'), pong]) correlator.receive(frame);
      const b = fenced();
      expect(correlator.receive(pong)).toBe('overtaken');
      expect(correlator.receive(reply('2'))).toBe('concurrent');
      expect(b.log).toEqual(['failed protocol_error']);
      expect(b.request.errors[0]).toMatchObject({ delivery: 'maybe_sent' });
      expect(b.request.errors[0]?.message).toContain('nothing proves whose it is');
      expect(correlator.isEmpty).toBe(true);
    });

    test('is dropped if its request was abandoned', () => {
      const { correlator, fenced, strays } = rig('proved');
      const a = fenced();
      correlator.abandon(a.number, 0);
      expect(correlator.receive(pong)).toBe('overtaken');
      expect(correlator.receive(reply('late'))).toBe('concurrent');
      expect([a.log, strays.lateReplies, correlator.isEmpty]).toEqual([[], 1, true]);
    });

    test('fails no request if several are outstanding; the proofs of the others may come in any order', () => {
      const { correlator, fenced, strays } = rig('proved');
      const sent = [fenced('ping'), fenced('health'), fenced('info')];
      expect(correlator.receive(pong)).toBe('overtaken');
      expect([correlator.receive(info), correlator.receive(healthy)]).toEqual(['fine', 'fine']);
      expect([correlator.isOvertaken, correlator.isFenced, strays.unsolicited]).toEqual([true, false, 0]);
      expect(sent.map(({ log }) => log)).toEqual([[], [], []]);
    });

    test('could belong to any of several outstanding requests: none gets it, and the connection goes', () => {
      const { correlator, fenced } = rig('proved');
      const [a, b] = [fenced('ping'), fenced('health')];
      correlator.receive(pong);
      expect(correlator.receive(reply('1'))).toBe('desync');
      expect([a.log, b.log]).toEqual([[], []]);
    });

    test('is one only while no answer is held', () => {
      const { correlator, fenced } = rig('proved');
      const [a, b] = [fenced('ping'), fenced('health')];
      correlator.receive(reply('1'));
      expect(correlator.receive(healthy)).toBe('desync');
      expect([a.log, b.log, correlator.isOvertaken]).toEqual([[], [], false]);
    });

    test('does not count if the request itself was of that type', () => {
      const { correlator, send, probe } = rig('proved');
      const a = send('ping');
      probe('ping', a);
      expect([correlator.receive(pong), correlator.receive(pong)]).toEqual(['fenced', 'proved']);
      expect(a.log).toEqual(['answered']);
    });

    test('counts if the request has no type: it fits any', () => {
      const { correlator, send, probe } = rig('proved');
      const a = send('');
      probe('ping', a);
      expect(correlator.receive(pong)).toBe('overtaken');
      expect(a.log).toEqual([]);
    });
  });

  describe('an abandoned request', () => {
    test('has an interval like any other: its late answer is dropped there, and the connection stays proved', () => {
      const { correlator, fenced, strays } = rig('proved');
      const a = fenced();
      correlator.abandon(a.number, 0);
      expect(correlator.receive(reply('late'))).toBe('fenced');
      expect(correlator.abandoned).toBe(1);
      expect(correlator.receive(pong)).toBe('proved');
      expect([a.log, strays.lateReplies, correlator.abandoned, correlator.canTake(1, 256)]).toEqual([[], 1, 0, true]);
      const b = fenced('health');
      for (const frame of [reply('2'), healthy]) correlator.receive(frame);
      expect(b.log).toEqual(['answered 2']);
    });

    test('drops its held answer together with the proof', () => {
      const { correlator, fenced, strays } = rig('proved');
      const a = fenced();
      correlator.receive(reply('late'));
      correlator.abandon(a.number, 0);
      expect(correlator.receive(pong)).toBe('proved');
      expect([a.log, strays.lateReplies, correlator.isEmpty]).toEqual([[], 1, true]);
    });

    test('is as strict as a live request: a second answer in its interval drops the connection', () => {
      const { correlator, fenced } = rig('proved');
      correlator.abandon(fenced().number, 0);
      correlator.receive(reply('late'));
      expect(correlator.receive(reply('2'))).toBe('desync');
    });
  });

  test('takes its probe along when it is taken back', () => {
    const { correlator, chat, fenced } = rig('proved');
    const a = fenced('ping');
    const b = chat();
    const probe = correlator.fence('health', b.number);
    correlator.withdraw(b.number);
    expect(probe.commit()).toBe('');
    for (const frame of [reply('1'), pong]) correlator.receive(frame);
    expect([a.log, b.log, correlator.isEmpty, correlator.canTake(1, 256)]).toEqual([['answered 1'], [], true, true]);
  });

  test('draining returns the request with the held answer, and forgets the probes', () => {
    const { correlator, fenced } = rig('proved');
    const a = fenced();
    correlator.receive(reply('1'));
    expect(correlator.drain()).toEqual([a.request]);
    expect([correlator.holding, correlator.isFenced, correlator.isEmpty]).toEqual([0, false, true]);
    correlator.release();
    expect(a.log).toEqual([]);
  });

  test('the answer to a heartbeat needs no proof', () => {
    const { correlator, ping } = rig('proved');
    const own = ping();
    Object.assign(own.request, { isOwn: true });
    expect(correlator.receive(pong)).toBe('fine');
    expect([own.log, correlator.unnamed, correlator.isEmpty]).toEqual([['answered'], 0, true]);
  });
});
