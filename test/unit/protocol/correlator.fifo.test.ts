import { describe, expect, test } from 'vitest';
import { pong, reply, rig } from './correlator-rig.js';

const failure = { type: 'error', error: 'no model' };

describe('on a wire without ids', () => {
  test('replies belong to requests in the order of sending', () => {
    const { correlator, chat } = rig();
    const [a, b, c] = [chat(), chat(), chat()];
    for (const content of ['1', '2', '3']) expect(correlator.receive(reply(content))).toBe('fine');
    expect([a.log, b.log, c.log]).toEqual([['answered 1'], ['answered 2'], ['answered 3']]);
    expect(correlator.live).toBe(0);
    expect(correlator.isEchoing).toBe(false);
  });

  test('an id of null is no id', () => {
    const { correlator, chat } = rig();
    const a = chat();
    expect(correlator.receive(reply('1', null))).toBe('fine');
    expect(a.log).toEqual(['answered 1']);
    expect(correlator.isEchoing).toBe(false);
  });

  test('an error is an answer like any other: it fails the first, in its turn', () => {
    const { correlator, chat } = rig();
    const [a, b] = [chat(), chat()];
    expect(correlator.receive(failure)).toBe('fine');
    expect(a.log).toEqual(['failed ci_error']);
    expect(a.request.errors[0]).toMatchObject({ delivery: 'answered' });
    expect(a.request.errors[0]?.message).toContain('no model');
    correlator.receive(reply('2'));
    expect(b.log).toEqual(['answered 2']);
  });

  test('a type of the user is answered by a response', () => {
    const { correlator, send } = rig();
    const a = send('analyse');
    expect(correlator.receive({ type: 'response', content: '1' })).toBe('fine');
    expect(a.log).toEqual(['answered 1']);
  });

  test('a request taken back before it was written leaves no gap', () => {
    const { correlator, chat } = rig();
    const [a, b] = [chat(), chat()];
    correlator.withdraw(a.number);
    expect(correlator.abandoned).toBe(0);
    correlator.receive(reply('2'));
    expect(a.log).toEqual([]);
    expect(b.log).toEqual(['answered 2']);
  });

  describe('a request that was given up', () => {
    test('swallows its late reply, and the next request is given its own', () => {
      const { correlator, chat, strays } = rig();
      const [a, b] = [chat(), chat()];
      correlator.abandon(a.number, 0);
      expect(correlator.receive(reply('late'))).toBe('fine');
      expect(correlator.receive(reply('2'))).toBe('fine');
      expect(a.log).toEqual([]);
      expect(b.log).toEqual(['answered 2']);
      expect(strays).toEqual({ lateReplies: 1, duplicates: 0, unsolicited: 0 });
    });

    test('three in a row that time out: the fourth is not given the answer of the first', () => {
      const { correlator, chat } = rig();
      const given = [chat(), chat(), chat()];
      for (const { number } of given) correlator.abandon(number, 0);
      const last = chat();
      for (const content of ['1', '2', '3', '4']) correlator.receive(reply(content));
      expect(last.log).toEqual(['answered 4']);
      expect(given.flatMap(({ log }) => log)).toEqual([]);
    });

    test('keeps its place until then, and counts as abandoned and not as live', () => {
      const { correlator, chat } = rig();
      const { number } = chat();
      correlator.abandon(number, 0);
      expect([correlator.live, correlator.abandoned]).toEqual([0, 1]);
      expect(correlator.canTake(1, 256)).toBe(false);
      correlator.receive(reply('late'));
      expect([correlator.live, correlator.abandoned]).toEqual([0, 0]);
      expect(correlator.canTake(1, 256)).toBe(true);
    });

    test('its late error is swallowed, too', () => {
      const { correlator, chat } = rig();
      const [a, b] = [chat(), chat()];
      correlator.abandon(a.number, 0);
      correlator.receive(failure);
      correlator.receive(reply('2'));
      expect(b.log).toEqual(['answered 2']);
    });

    test('is given up once, however often it is said', () => {
      const { correlator, chat } = rig();
      const { number } = chat();
      correlator.abandon(number, 5);
      correlator.abandon(number, 9);
      expect(correlator.abandoned).toBe(1);
      expect(correlator.oldestAbandonedMs()).toBe(5);
    });

    test('is nothing to be given up once it was answered', () => {
      const { correlator, chat } = rig();
      const { number } = chat();
      correlator.receive(reply('1'));
      correlator.abandon(number, 5);
      expect(correlator.abandoned).toBe(0);
    });

    test('swallows no reply that does not fit it: the peer is out of step', () => {
      const { correlator, chat, strays } = rig();
      const [a, b] = [chat(), chat()];
      correlator.abandon(a.number, 0);
      expect(correlator.receive(pong)).toBe('desync');
      expect(b.log).toEqual([]);
      expect(strays.unsolicited).toBe(1);
    });
  });

  test('the age of the oldest abandoned request, as they come and go', () => {
    const { correlator, chat } = rig();
    const [a, b, c] = [chat(), chat(), chat()];
    expect(correlator.oldestAbandonedMs()).toBeUndefined();
    correlator.abandon(b.number, 20);
    correlator.abandon(a.number, 30);
    expect(correlator.oldestAbandonedMs()).toBe(20);
    // Neither the first nor the last of the table.
    correlator.abandon(c.number, 40);
    expect(correlator.oldestAbandonedMs()).toBe(20);
    correlator.receive(reply('1'));
    expect(correlator.oldestAbandonedMs()).toBe(20);
    correlator.receive(reply('2'));
    expect(correlator.oldestAbandonedMs()).toBe(40);
    correlator.receive(reply('3'));
    expect(correlator.oldestAbandonedMs()).toBeUndefined();
    expect(c.log).toEqual([]);
  });

  describe('what fits nothing', () => {
    test.each([
      ['a pong for a chat', 'chat', pong],
      ['a chat_response for a ping', 'ping', reply('1')],
      ['a health_response for an info', 'info', { type: 'health_response' }],
      ['a frame without a type and without a text', 'chat', { content: 1 }],
      ['a frame without a type, for a ping', 'ping', { content: '1' }],
      ['a frame whose type is no text', 'chat', { type: 7, content: '1' }],
      ['a pong for a type of the user', 'analyse', pong],
    ])('%s drops the connection, and answers nobody', (_name, type, frame) => {
      const { correlator, send, strays } = rig();
      const a = send(type);
      expect(correlator.receive(frame)).toBe('desync');
      expect(a.log).toEqual([]);
      expect(correlator.live).toBe(1);
      expect(strays.unsolicited).toBe(1);
    });

    test.each([
      ['a reply', reply('1')],
      ['an error', failure],
      ['a stream frame', { type: 'stream_chunk', content: 'x' }],
      ['a stream frame with an id', { type: 'stream_chunk', content: 'x', request_id: 'other.1' }],
      ['an empty object', {}],
      ['a reply with an unknown id', reply('1', 'other.1')],
    ])('%s with nothing outstanding drops the connection', (_name, frame) => {
      const { correlator, strays } = rig();
      expect(correlator.receive(frame)).toBe('desync');
      expect(strays.unsolicited).toBe(1);
    });

    test('a second reply, after the only request was answered, drops the connection', () => {
      const { correlator, chat } = rig();
      const a = chat();
      correlator.receive(reply('1'));
      expect(correlator.receive(reply('1'))).toBe('desync');
      expect(a.log).toEqual(['answered 1']);
    });
  });

  describe('how many requests it takes', () => {
    test.each([1, 2, 5])('as many as pipelining says: %i', (pipelining) => {
      const { correlator, chat } = rig();
      for (let sent = 0; sent < pipelining; sent += 1) {
        expect(correlator.canTake(pipelining, 256)).toBe(true);
        chat();
      }
      expect(correlator.canTake(pipelining, 256)).toBe(false);
    });

    test('a ping is no request: one may stand behind it', () => {
      const { correlator, ping, chat } = rig();
      ping();
      expect(correlator.canTake(1, 256)).toBe(true);
      const a = chat();
      expect(correlator.canTake(1, 256)).toBe(false);
      correlator.receive(pong);
      expect(correlator.receive(reply('1'))).toBe('fine');
      expect(a.log).toEqual(['answered 1']);
    });

    test('never more than maxInFlight, abandoned requests and pings included', () => {
      const { correlator, chat, ping } = rig();
      correlator.abandon(chat().number, 0);
      ping();
      expect(correlator.canTake(100, 3)).toBe(true);
      expect(correlator.canTake(100, 2)).toBe(false);
    });
  });

  test('draining gives back those who wait, and forgets those who were given up', () => {
    const { correlator, chat, stream } = rig();
    const [a, b, c] = [chat(), stream(), chat()];
    correlator.abandon(a.number, 0);
    expect(new Set(correlator.drain())).toEqual(new Set([b.request, c.request]));
    expect([correlator.live, correlator.abandoned]).toEqual([0, 0]);
    expect(correlator.oldestAbandonedMs()).toBeUndefined();
    expect(correlator.drain()).toEqual([]);
    expect(correlator.canTake(1, 1)).toBe(true);
  });
});
