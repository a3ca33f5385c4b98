import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../src/contract/index.js';
import { healthy, pong, reply, rig } from './correlator-rig.js';

const info: Frame = { type: 'info_response' };

describe('several requests, each with its probe', () => {
  /** Three requests whose probes differ. */
  function three() {
    const all = rig('proved');
    return { ...all, sent: [all.fenced('ping'), all.fenced('health'), all.fenced('info')] as const };
  }

  test('as many as pipelining allows, while a probe follows each', () => {
    const { correlator, fenced } = rig('proved');
    for (const type of ['ping', 'health', 'info'] as const) {
      expect(correlator.canTake(3, 256)).toBe(true);
      fenced(type);
    }
    expect([correlator.canTake(3, 256), correlator.canTake(4, 256), correlator.canTake(4, 3)]).toEqual([
      false,
      true,
      false,
    ]);
  });

  test('none after one without a probe', () => {
    const { correlator, chat, probe } = rig('proved');
    const a = chat();
    expect(correlator.canTake(3, 256)).toBe(false);
    correlator.receive(reply('1'));
    expect(correlator.canTake(3, 256)).toBe(false);
    probe('ping', a);
    expect(correlator.canTake(3, 256)).toBe(true);
  });

  test('none while the probe of a finished request is owed', () => {
    const { correlator, fenced } = rig('proved');
    fenced();
    correlator.receive(reply('1'));
    correlator.release();
    expect([correlator.isEmpty, correlator.canTake(3, 256)]).toEqual([false, false]);
    correlator.receive(pong);
    expect([correlator.isEmpty, correlator.canTake(1, 256)]).toEqual([true, true]);
  });

  test('none after a heartbeat', () => {
    const { correlator, ping } = rig('proved');
    ping();
    expect(correlator.canTake(3, 256)).toBe(false);
    correlator.receive(pong);
  });

  test('a ping with a probe takes a slot like any other', () => {
    const { correlator, send, probe } = rig('proved');
    probe('health', send('ping'));
    expect([correlator.canTake(1, 256), correlator.canTake(2, 256)]).toEqual([false, true]);
  });

  test('each is answered by its own proof', () => {
    const { correlator, sent } = three();
    const frames = [reply('1'), pong, reply('2'), healthy, reply('3'), info];
    const logs = frames.map((frame) => [correlator.receive(frame), sent.map(({ log }) => log.length).join('')]);
    expect(logs).toEqual([
      ['fenced', '000'],
      ['proved', '100'],
      ['fenced', '100'],
      ['proved', '110'],
      ['fenced', '110'],
      ['proved', '111'],
    ]);
    expect(sent.map(({ log }) => log)).toEqual([['answered 1'], ['answered 2'], ['answered 3']]);
    expect(correlator.isEmpty).toBe(true);
  });

  test.each([
    ['two answers before the first proof', [reply('1'), reply('2')], []],
    ["another's proof in the first interval", [reply('1'), healthy], []],
    ['an answer after an interval without one', [reply('1'), pong, healthy, reply('3')], [1]],
    ['the first proof again, at the position of the second', [reply('1'), pong, reply('2'), pong], [1]],
    ['the first proof again, at once', [reply('1'), pong, pong], [1]],
  ])('%s: requests without a proof get no answer, and the connection goes', (_name, frames, answered) => {
    const { correlator, sent } = three();
    const verdicts = frames.map((frame) => correlator.receive(frame));
    expect(verdicts.at(-1)).toBe('desync');
    expect(sent.flatMap(({ request }, index) => (request.endings > 0 ? [index + 1] : []))).toEqual(answered);
    expect(correlator.drain()).toHaveLength(3 - answered.length);
  });

  test('an abandoned one in the middle takes nothing from the others', () => {
    const { correlator, sent, strays } = three();
    correlator.abandon(sent[1].number, 0);
    for (const frame of [reply('1'), pong, reply('late'), healthy, reply('3'), info]) correlator.receive(frame);
    expect(sent.map(({ log }) => log)).toEqual([['answered 1'], [], ['answered 3']]);
    expect(strays).toEqual({ lateReplies: 1, duplicates: 0, unsolicited: 0 });
  });

  test('one without a probe after one with a probe: the proof of the first comes first', () => {
    const { correlator, fenced, chat } = rig('proved');
    const [a, b] = [fenced(), chat()];
    for (const frame of [reply('1'), pong]) correlator.receive(frame);
    expect(correlator.receive(reply('2'))).toBe('held');
    expect([a.log, b.log]).toEqual([['answered 1'], []]);
  });

  test('one with a probe after one without: earlier requests are answered first', () => {
    const { correlator, chat, fenced, ping } = rig('proved');
    const own = ping();
    Object.assign(own.request, { isOwn: true });
    const a = fenced('ping');
    expect(correlator.receive(pong)).toBe('fine');
    expect([correlator.receive(reply('1')), correlator.receive(pong)]).toEqual(['fenced', 'proved']);
    expect([own.log, a.log]).toEqual([['answered'], ['answered 1']]);
    const [b, c] = [chat(), fenced('health')];
    expect(correlator.receive(reply('2'))).toBe('held');
    expect(correlator.receive(reply('3'))).toBe('desync');
    expect([b.log, c.log]).toEqual([[], []]);
  });
});

describe('streams if the order is proved', () => {
  const named = (id: string, type: string, content?: string): Frame => ({ type, content, request_id: id });

  test('without ids: chunks pass on as they come, the end waits for its proof', () => {
    const { correlator, stream, probe } = rig('proved');
    const s = stream();
    Object.assign(s.request, { begun: () => s.request.log.push('begun') });
    for (const frame of [{ type: 'stream_start' }, { type: 'stream_chunk', content: 'a' }]) {
      expect(correlator.receive(frame)).toBe('fine');
    }
    expect(correlator.receive({ type: 'stream_end' })).toBe('held');
    expect([s.log, correlator.holding]).toEqual([['begun', 'chunk a'], s.number]);
    probe('ping', s);
    expect(correlator.receive(pong)).toBe('proved');
    expect([s.log, correlator.isEmpty, correlator.hasStreamed]).toEqual([['begun', 'chunk a', 'ended'], true, true]);
  });

  test.each([
    ['stream_error', ['failed ci_error']],
    ['complete', ['ended']],
  ])('without ids: a %s waits for its proof, too', (type, log) => {
    const { correlator, stream, probe } = rig('proved');
    const s = stream();
    expect(correlator.receive({ type, error: 'x' })).toBe('held');
    probe('ping', s);
    correlator.receive(pong);
    expect(s.log).toEqual(log);
  });

  test('without ids: a chunk between the end and its proof drops the connection', () => {
    const { correlator, stream, probe } = rig('proved');
    const s = stream();
    correlator.receive({ type: 'stream_end' });
    probe('ping', s);
    expect(correlator.receive({ type: 'stream_chunk', content: 'late' })).toBe('desync');
    expect(s.log).toEqual([]);
  });

  test('with ids: nothing waits, and the next request need not wait for the end', () => {
    const { correlator, stream, fenced } = rig('proved');
    const s = stream();
    expect(correlator.canTake(3, 256)).toBe(false);
    expect(correlator.receive(named(s.id, 'stream_chunk', 'a'))).toBe('fine');
    expect(correlator.canTake(1, 256)).toBe(true);
    const a = fenced();
    expect(correlator.receive(reply('1'))).toBe('fenced');
    expect(correlator.receive(named(s.id, 'stream_chunk', 'b'))).toBe('fine');
    expect(correlator.receive(pong)).toBe('proved');
    expect(correlator.receive(named(s.id, 'stream_end'))).toBe('fine');
    expect([s.log, a.log]).toEqual([['chunk a', 'chunk b', 'ended'], ['answered 1']]);
    expect([correlator.isEmpty, correlator.hasStreamed, correlator.isEchoing]).toEqual([true, false, false]);
  });

  test('a probe answered before the stream begins is fine: with ids, the stream runs in a task of its own', () => {
    const { correlator, stream, probe } = rig('proved');
    const s = stream();
    probe('ping', s);
    expect(correlator.receive(pong)).toBe('fine');
    expect([correlator.isOvertaken, correlator.isFenced, correlator.canTake(3, 256)]).toEqual([false, false, false]);
    for (const frame of [named(s.id, 'stream_chunk', 'a'), named(s.id, 'stream_end')]) {
      expect(correlator.receive(frame)).toBe('fine');
    }
    expect([s.log, correlator.isEmpty, correlator.canTake(1, 256)]).toEqual([['chunk a', 'ended'], true, true]);
  });

  test.each([
    ['the first on its connection', false, ['answered 2']],
    ['behind another', true, ['failed protocol_error']],
  ])(
    'a probe answered before a reply without an id: the peer works on several lines at once (%s)',
    (_name, isBehind, log) => {
      const { correlator, fenced, stream, probe } = rig('proved');
      if (isBehind) fenced('health');
      for (const frame of isBehind ? [reply('1'), healthy] : []) correlator.receive(frame);
      const s = stream();
      probe('ping', s);
      correlator.receive(pong);
      expect(correlator.receive(reply('2'))).toBe('concurrent');
      expect(s.log).toEqual(log);
    },
  );

  test('a peer that cannot stream answers with one reply, which waits for its proof', () => {
    const { correlator, stream, probe } = rig('proved');
    const s = stream();
    expect(correlator.receive(reply('1'))).toBe('held');
    probe('ping', s);
    correlator.receive(pong);
    expect([s.log, correlator.hasStreamed]).toEqual([['answered 1'], false]);
  });
});
