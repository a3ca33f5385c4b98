import { describe, expect, test } from 'vitest';
import type { Ordering } from '../../../src/contract/index.js';
import { failure, healthy, pong, reply, rig } from './correlator-rig.js';

describe('while the order is unknown', () => {
  /** A waiting first answer, with a probe behind it. */
  function examined() {
    const all = rig('unknown');
    const a = all.chat();
    expect(all.correlator.receive(reply('1'), 'its line')).toBe('held');
    all.probe('ping', a);
    return { ...all, a };
  }

  test('takes one request at a time, and none after an answer without an id', () => {
    const { correlator, chat } = rig('unknown');
    expect(correlator.canTake(5, 256)).toBe(true);
    chat();
    expect([correlator.isEmpty, correlator.canTake(5, 256)]).toEqual([false, false]);
    correlator.receive(reply('1'));
    correlator.release();
    expect([correlator.isEmpty, correlator.canTake(5, 256)]).toEqual([true, false]);
  });

  test('hands on an answer with its id at once; then many share the connection', () => {
    const { correlator, chat } = rig('unknown');
    const a = chat();
    expect(correlator.receive(reply('1', a.id))).toBe('fine');
    expect([a.log, correlator.isEchoing, correlator.canTake(1, 256)]).toEqual([['answered 1'], true, true]);
  });

  test('holds the first answer until its proof', () => {
    const { correlator, a } = examined();
    expect([a.log, correlator.isAlone, correlator.unnamed]).toEqual([[], true, 1]);
    expect(correlator.receive(pong)).toBe('proved');
    expect(a.log).toEqual(['answered 1']);
  });

  test('holds it at most until release: then it is handed on with its own text, and the probe is still owed', () => {
    const { correlator, a } = examined();
    correlator.release();
    expect([a.log, correlator.line, correlator.holding]).toEqual([['answered 1'], 'its line', 0]);
    expect([correlator.isFenced, correlator.isEmpty, correlator.isAlone]).toEqual([true, false, false]);
    expect(correlator.receive(pong)).toBe('proved');
    expect(correlator.isEmpty).toBe(true);
  });

  test('a proof after the second probe counts for the second', () => {
    const { correlator, probe, a } = examined();
    correlator.receive(pong);
    probe('health');
    expect(correlator.receive(healthy)).toBe('proved');
    expect([a.log, correlator.isEmpty]).toEqual([['answered 1'], true]);
  });

  test.each([
    ['an error', failure, true],
    ['a reply', reply('unknown type'), false],
  ])('%s may refuse the probe: it is tolerated once, and the answer may still count: %s', (_name, frame, isAlone) => {
    const { correlator, strays, a } = examined();
    expect(correlator.receive(frame)).toBe('refused');
    expect([correlator.isAlone, correlator.holding, strays.unsolicited]).toEqual([isAlone, a.number, 0]);
    correlator.release();
    expect(a.log).toEqual(['answered 1']);
  });

  test.each([
    ['a third reply', reply('3')],
    ['the proof after all', pong],
    ['a chunk', { type: 'stream_chunk', content: 'x' }],
  ])('then %s: one of the two was the answer, and it is unknown which', (_name, frame) => {
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

  test('a refusal after the answer was handed on ends that probe', () => {
    const { correlator, probe } = examined();
    correlator.release();
    expect(correlator.receive(failure)).toBe('refused');
    expect(correlator.isEmpty).toBe(true);
    probe('health');
    expect(correlator.receive(failure)).toBe('refused');
    expect(correlator.receive(failure)).toBe('desync');
  });

  test('a refusal after that is fine, even if another connection has shown that the CI answers probes', () => {
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

  test('releasing nothing does nothing', () => {
    const { correlator, chat } = rig('unknown');
    const a = chat();
    correlator.release();
    expect([a.log, correlator.live]).toEqual([[], 1]);
  });

  test('an answer is not released if its request has failed', () => {
    const { correlator, a } = examined();
    correlator.fail(a.id, { code: 'connection_lost' } as never);
    expect(a.log).toEqual(['failed connection_lost']);
    correlator.release();
    expect([a.log, correlator.holding]).toEqual([['failed connection_lost'], 0]);
  });
});

describe('ids on the answers to control messages prove nothing', () => {
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

  test('a chat after them is still held until its order is proved', () => {
    const { correlator, ping, fenced } = rig('proved');
    const own = ping();
    correlator.receive({ ...pong, request_id: own.id });
    const a = fenced();
    expect(correlator.receive(reply('1'))).toBe('fenced');
    expect(a.log).toEqual([]);
  });
});

describe('with a fresh connection for each request', () => {
  test('hands on the answer at once, and nothing follows it', () => {
    const { correlator, chat } = rig('fresh');
    expect(correlator.canTake(5, 256)).toBe(true);
    const a = chat();
    expect(correlator.canTake(5, 256)).toBe(false);
    expect(correlator.receive(reply('1'))).toBe('fine');
    expect([a.log, correlator.isEmpty, correlator.canTake(5, 256)]).toEqual([['answered 1'], true, false]);
  });

  test('waits for a probe before anything else, even if nothing was answered', () => {
    const { correlator, probe } = rig('fresh');
    probe('ping');
    expect([correlator.canTake(5, 256), correlator.isEmpty]).toEqual([false, false]);
    expect(correlator.receive(pong)).toBe('proved');
    expect(correlator.canTake(5, 256)).toBe(true);
  });

  test('an answer still waits for a probe that was sent while the order was proved', () => {
    const { correlator, order, fenced } = rig('proved');
    const a = fenced();
    order.kind = 'fresh';
    expect(correlator.receive(reply('1'))).toBe('fenced');
    expect(correlator.receive(pong)).toBe('proved');
    expect(a.log).toEqual(['answered 1']);
  });
});

describe.each<Ordering>(['fresh', 'unknown'])(
  'on a connection that carried others while the order was proved, and is %s now',
  (kind) => {
    // Something older may still be on the wire: a late duplicate must not answer a request without a probe.
    test('does not hand on an answer without proof', () => {
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

describe('with answers known by their ids', () => {
  test('a new connection takes one request until an id has come', () => {
    const { correlator, chat } = rig('byId');
    const a = chat();
    expect(correlator.canTake(5, 256)).toBe(false);
    correlator.receive(reply('1', a.id));
    chat();
    expect(correlator.canTake(1, 256)).toBe(true);
  });

  test('holds a first answer without an id: perhaps it is another CI', () => {
    const { correlator, chat } = rig('byId');
    const a = chat();
    expect(correlator.receive(reply('1'))).toBe('held');
    expect([a.log, correlator.canTake(5, 256)]).toEqual([[], false]);
  });

  test('accepts the answer to an earlier probe at its position, beside other requests', () => {
    const { correlator, fenced, chat } = rig('proved');
    const a = fenced();
    correlator.receive(reply('1', a.id));
    const [b, c] = [chat(), chat()];
    expect(correlator.receive(reply('2', b.id))).toBe('fine');
    expect(correlator.receive(pong)).toBe('proved');
    expect(correlator.receive(reply('3', c.id))).toBe('fine');
    expect([b.log, c.log, correlator.isEmpty]).toEqual([['answered 2'], ['answered 3'], true]);
  });

  test('a reply without an id, beside an earlier probe, answers the one outstanding request', () => {
    const { correlator, fenced, chat } = rig('proved');
    const a = fenced();
    correlator.receive(reply('1', a.id));
    const b = chat();
    expect(correlator.receive(reply('2'))).toBe('fine');
    expect([b.log, correlator.isFenced]).toEqual([['answered 2'], true]);
  });

  test('a probe is answered before its request: the id decides', () => {
    const { correlator, fenced, chat } = rig('proved');
    const [a, b] = [chat(), fenced()];
    correlator.receive(reply('1', a.id));
    expect(correlator.receive(pong)).toBe('proved');
    expect(correlator.receive(reply('2', b.id))).toBe('fine');
    expect(b.log).toEqual(['answered 2']);
  });
});

describe('if the user vouches for the order', () => {
  test('hands on an answer at once, and takes more requests behind one', () => {
    const { correlator, chat } = rig('trusted');
    const [a, b] = [chat(), chat()];
    expect([correlator.canTake(2, 256), correlator.canTake(3, 256)]).toEqual([false, true]);
    expect([correlator.receive(reply('1')), correlator.receive(reply('2'))]).toEqual(['fine', 'fine']);
    expect([a.log, b.log, correlator.unnamed]).toEqual([['answered 1'], ['answered 2'], 2]);
  });
});
