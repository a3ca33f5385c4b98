import { describe, expect, test } from 'vitest';
import type { Ordering } from '../../../src/contract/index.js';
import { failure, healthy, pong, reply, rig } from './correlator-rig.js';

describe('where nothing is known of the order yet', () => {
  /** A first answer that waits, behind it a probe that finds out. */
  function examined() {
    const all = rig('unknown');
    const a = all.chat();
    expect(all.correlator.receive(reply('1'), 'its line')).toBe('held');
    all.probe('ping', a);
    return { ...all, a };
  }

  test('one request at a time, and none behind an answer without an id', () => {
    const { correlator, chat } = rig('unknown');
    expect(correlator.canTake(5, 256)).toBe(true);
    chat();
    expect([correlator.isEmpty, correlator.canTake(5, 256)]).toEqual([false, false]);
    correlator.receive(reply('1'));
    correlator.release();
    expect([correlator.isEmpty, correlator.canTake(5, 256)]).toEqual([true, false]);
  });

  test('an answer with its id is handed on at once, and then many share the connection', () => {
    const { correlator, chat } = rig('unknown');
    const a = chat();
    expect(correlator.receive(reply('1', a.id))).toBe('fine');
    expect([a.log, correlator.isEchoing, correlator.canTake(1, 256)]).toEqual([['answered 1'], true, true]);
  });

  test('the first answer waits for its proof', () => {
    const { correlator, a } = examined();
    expect([a.log, correlator.isAlone, correlator.unnamed]).toEqual([[], true, 1]);
    expect(correlator.receive(pong)).toBe('proved');
    expect(a.log).toEqual(['answered 1']);
  });

  test('or for as long as it may wait: handed on with its own text, and the probe is still owed', () => {
    const { correlator, a } = examined();
    correlator.release();
    expect([a.log, correlator.line, correlator.holding]).toEqual([['answered 1'], 'its line', 0]);
    expect([correlator.isFenced, correlator.isEmpty, correlator.isAlone]).toEqual([true, false, false]);
    expect(correlator.receive(pong)).toBe('proved');
    expect(correlator.isEmpty).toBe(true);
  });

  test('the proof that comes after a second probe is that of the second', () => {
    const { correlator, probe, a } = examined();
    correlator.receive(pong);
    probe('health');
    expect(correlator.receive(healthy)).toBe('proved');
    expect([a.log, correlator.isEmpty]).toEqual([['answered 1'], true]);
  });

  test.each([
    ['an error', failure, true],
    ['a reply', reply('unknown type'), false],
  ])(
    '%s may be the way to refuse a probe: one is suffered, and the answer may be one all the same: %s',
    (_name, frame, isAlone) => {
      const { correlator, strays, a } = examined();
      expect(correlator.receive(frame)).toBe('refused');
      expect([correlator.isAlone, correlator.holding, strays.unsolicited]).toEqual([isAlone, a.number, 0]);
      correlator.release();
      expect(a.log).toEqual(['answered 1']);
    },
  );

  test.each([
    ['a third reply', reply('3')],
    ['the proof after all', pong],
    ['a chunk', { type: 'stream_chunk', content: 'x' }],
  ])('then %s: one of the two was an answer, and nobody knows which', (_name, frame) => {
    const { correlator, a } = examined();
    correlator.receive(failure);
    expect(correlator.receive(frame)).toBe('desync');
    expect(a.log).toEqual([]);
  });

  test.each([
    ['a chunk', { type: 'stream_chunk', content: 'x' }],
    ['the end of a stream', { type: 'stream_end' }],
    ['an error of a stream', { type: 'stream_error', error: 'x' }],
  ])('%s refuses nothing: the connection goes', (_name, frame) => {
    expect(examined().correlator.receive(frame)).toBe('desync');
  });

  test('refused after the answer was handed on: that probe is over', () => {
    const { correlator, probe } = examined();
    correlator.release();
    expect(correlator.receive(failure)).toBe('refused');
    expect(correlator.isEmpty).toBe(true);
    probe('health');
    expect(correlator.receive(failure)).toBe('refused');
    expect(correlator.receive(failure)).toBe('desync');
  });

  test('refused after that, though another connection has found out meanwhile that the CI answers probes', () => {
    const { correlator, order } = examined();
    correlator.release();
    order.kind = 'proved';
    expect(correlator.receive(failure)).toBe('refused');
  });

  test('a probe overtakes the answer: the peer works on several lines at once', () => {
    const { correlator, fenced } = rig('unknown');
    const a = fenced();
    expect(correlator.receive(pong)).toBe('overtaken');
    expect(correlator.receive(reply('1'))).toBe('concurrent');
    expect(a.log).toEqual(['answered 1']);
  });

  test('releasing what is not held is nothing', () => {
    const { correlator, chat } = rig('unknown');
    const a = chat();
    correlator.release();
    expect([a.log, correlator.live]).toEqual([[], 1]);
  });

  test('nor is an answer released whose request failed meanwhile', () => {
    const { correlator, a } = examined();
    correlator.fail(a.id, { code: 'connection_lost' } as never);
    expect(a.log).toEqual(['failed connection_lost']);
    correlator.release();
    expect([a.log, correlator.holding]).toEqual([['failed connection_lost'], 0]);
  });
});

describe('ids on the answers to control messages teach nothing', () => {
  test.each<Ordering>(['unknown', 'proved', 'fresh', 'trusted'])('%s', (kind) => {
    const { correlator, send } = rig(kind);
    for (const [type, frame] of [
      ['ping', pong],
      ['health', healthy],
      ['info', { type: 'info_response' }],
      ['ping', failure],
    ] as const) {
      const asked = send(type);
      expect(correlator.receive({ ...frame, request_id: asked.id })).toBe('fine');
      expect(asked.request.endings).toBe(1);
    }
    expect([correlator.isEchoing, correlator.isEmpty, correlator.unnamed]).toEqual([false, true, 0]);
  });

  test('so that a chat behind them is still held until its order is proved', () => {
    const { correlator, ping, fenced } = rig('proved');
    const own = ping();
    correlator.receive({ ...pong, request_id: own.id });
    const a = fenced();
    expect(correlator.receive(reply('1'))).toBe('fenced');
    expect(a.log).toEqual([]);
  });
});

describe('where each request has a fresh connection', () => {
  test('its answer is handed on at once, and nothing follows it', () => {
    const { correlator, chat } = rig('fresh');
    expect(correlator.canTake(5, 256)).toBe(true);
    const a = chat();
    expect(correlator.canTake(5, 256)).toBe(false);
    expect(correlator.receive(reply('1'))).toBe('fine');
    expect([a.log, correlator.isEmpty, correlator.canTake(5, 256)]).toEqual([['answered 1'], true, false]);
  });

  test('a probe is awaited before anything else, also where nothing was answered', () => {
    const { correlator, probe } = rig('fresh');
    probe('ping');
    expect([correlator.canTake(5, 256), correlator.isEmpty]).toEqual([false, false]);
    expect(correlator.receive(pong)).toBe('proved');
    expect(correlator.canTake(5, 256)).toBe(true);
  });

  test('an answer whose probe was sent while the order was proved still waits for it', () => {
    const { correlator, order, fenced } = rig('proved');
    const a = fenced();
    order.kind = 'fresh';
    expect(correlator.receive(reply('1'))).toBe('fenced');
    expect(correlator.receive(pong)).toBe('proved');
    expect(a.log).toEqual(['answered 1']);
  });
});

describe.each<Ordering>(['fresh', 'unknown'])(
  'on a connection that carried others while the order was proved, now that it is %s',
  (kind) => {
    // What is older may still be on the wire: a late duplicate is no answer to a request behind which there is no probe.
    test('an answer is not handed on unproved', () => {
      const { correlator, order, fenced, stream } = rig('proved');
      fenced();
      for (const frame of [reply('1'), pong]) correlator.receive(frame);
      const s = stream();
      order.kind = kind;
      correlator.receive(reply('1'));
      expect(s.log).toEqual([]);
    });
  },
);

describe('where answers are known by their ids', () => {
  test('a new connection takes one request until an id has come', () => {
    const { correlator, chat } = rig('byId');
    const a = chat();
    expect(correlator.canTake(5, 256)).toBe(false);
    correlator.receive(reply('1', a.id));
    chat();
    expect(correlator.canTake(1, 256)).toBe(true);
  });

  test('a first answer without one waits: it is another CI, perhaps', () => {
    const { correlator, chat } = rig('byId');
    const a = chat();
    expect(correlator.receive(reply('1'))).toBe('held');
    expect([a.log, correlator.canTake(5, 256)]).toEqual([[], false]);
  });

  test('a probe that was sent before is answered in its place, beside other requests', () => {
    const { correlator, fenced, chat } = rig('proved');
    const a = fenced();
    correlator.receive(reply('1', a.id));
    const [b, c] = [chat(), chat()];
    expect(correlator.receive(reply('2', b.id))).toBe('fine');
    expect(correlator.receive(pong)).toBe('proved');
    expect(correlator.receive(reply('3', c.id))).toBe('fine');
    expect([b.log, c.log, correlator.isEmpty]).toEqual([['answered 2'], ['answered 3'], true]);
  });

  test('a reply without an id, beside a probe that was sent before, is for the one that is outstanding', () => {
    const { correlator, fenced, chat } = rig('proved');
    const a = fenced();
    correlator.receive(reply('1', a.id));
    const b = chat();
    expect(correlator.receive(reply('2'))).toBe('fine');
    expect([b.log, correlator.isFenced]).toEqual([['answered 2'], true]);
  });

  test('a probe that is answered before its request: the id decides', () => {
    const { correlator, fenced, chat } = rig('proved');
    const [a, b] = [chat(), fenced()];
    correlator.receive(reply('1', a.id));
    expect(correlator.receive(pong)).toBe('proved');
    expect(correlator.receive(reply('2', b.id))).toBe('fine');
    expect(b.log).toEqual(['answered 2']);
  });
});

describe('where the user vouches for the order', () => {
  test('an answer is handed on at once, and more requests may stand behind one', () => {
    const { correlator, chat } = rig('trusted');
    const [a, b] = [chat(), chat()];
    expect([correlator.canTake(2, 256), correlator.canTake(3, 256)]).toEqual([false, true]);
    expect([correlator.receive(reply('1')), correlator.receive(reply('2'))]).toEqual(['fine', 'fine']);
    expect([a.log, b.log, correlator.unnamed]).toEqual([['answered 1'], ['answered 2'], 2]);
  });
});
