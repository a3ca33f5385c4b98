import { describe, expect, test } from 'vitest';
import { pong, reply, rig } from './correlator-rig.js';

const failure = { type: 'error', error: 'no model' };

describe('on a wire without ids', () => {
  test('replies answer requests in the order of sending', () => {
    const { correlator, chat } = rig();
    const [a, b, c] = [chat(), chat(), chat()];
    for (const content of ['1', '2', '3']) expect(correlator.receive(reply(content))).toBe('fine');
    expect([a.log, b.log, c.log]).toEqual([['answered 1'], ['answered 2'], ['answered 3']]);
    expect(correlator.live).toBe(0);
    expect(correlator.isEchoing).toBe(false);
  });

  test('an id of null counts as no id', () => {
    const { correlator, chat } = rig();
    const a = chat();
    expect(correlator.receive(reply('1', null))).toBe('fine');
    expect(a.log).toEqual(['answered 1']);
    expect(correlator.isEchoing).toBe(false);
  });

  test('an error is an answer like any other: it fails the first request, in its turn', () => {
    const { correlator, chat } = rig();
    const [a, b] = [chat(), chat()];
    expect(correlator.receive(failure)).toBe('fine');
    expect(a.log).toEqual(['failed ci_error']);
    expect(a.request.errors[0]).toMatchObject({ delivery: 'answered' });
    expect(a.request.errors[0]?.message).toContain('no model');
    correlator.receive(reply('2'));
    expect(b.log).toEqual(['answered 2']);
  });

  test('a custom type is answered by a response', () => {
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

  describe('an abandoned request', () => {
    test('drops its late reply, and the next request gets its own', () => {
      const { correlator, chat, strays } = rig();
      const [a, b] = [chat(), chat()];
      correlator.abandon(a.number, 0);
      expect(correlator.receive(reply('late'))).toBe('fine');
      expect(correlator.receive(reply('2'))).toBe('fine');
      expect(a.log).toEqual([]);
      expect(b.log).toEqual(['answered 2']);
      expect(strays).toEqual({ lateReplies: 1, duplicates: 0, unsolicited: 0 });
    });

    test('three time out in a row: the fourth does not get the answer of the first', () => {
      const { correlator, chat } = rig();
      const given = [chat(), chat(), chat()];
      for (const { number } of given) correlator.abandon(number, 0);
      const last = chat();
      for (const content of ['1', '2', '3', '4']) correlator.receive(reply(content));
      expect(last.log).toEqual(['answered 4']);
      expect(given.flatMap(({ log }) => log)).toEqual([]);
    });

    test('keeps its slot until then, and counts as abandoned, not as live', () => {
      const { correlator, chat } = rig();
      const { number } = chat();
      correlator.abandon(number, 0);
      expect([correlator.live, correlator.abandoned]).toEqual([0, 1]);
      expect(correlator.canTake(1, 256)).toBe(false);
      correlator.receive(reply('late'));
      expect([correlator.live, correlator.abandoned]).toEqual([0, 0]);
      expect(correlator.canTake(1, 256)).toBe(true);
    });

    test('drops its late error, too', () => {
      const { correlator, chat } = rig();
      const [a, b] = [chat(), chat()];
      correlator.abandon(a.number, 0);
      correlator.receive(failure);
      correlator.receive(reply('2'));
      expect(b.log).toEqual(['answered 2']);
    });

    test('is abandoned once, however often abandon is called', () => {
      const { correlator, chat } = rig();
      const { number } = chat();
      correlator.abandon(number, 5);
      correlator.abandon(number, 9);
      expect(correlator.abandoned).toBe(1);
      expect(correlator.oldestAbandonedMs()).toBe(5);
    });

    test('cannot be abandoned once it is answered', () => {
      const { correlator, chat } = rig();
      const { number } = chat();
      correlator.receive(reply('1'));
      correlator.abandon(number, 5);
      expect(correlator.abandoned).toBe(0);
    });

    test('does not drop a reply that does not fit: the peer is out of step', () => {
      const { correlator, chat, strays } = rig();
      const [a, b] = [chat(), chat()];
      correlator.abandon(a.number, 0);
      expect(correlator.receive(pong)).toBe('desync');
      expect(b.log).toEqual([]);
      expect(strays.unsolicited).toBe(1);
    });
  });

  test('reports the age of the oldest abandoned request, as they come and go', () => {
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

  describe('a reply that fits nothing', () => {
    test.each([
      ['a pong for a chat', 'chat', pong],
      ['a chat_response for a ping', 'ping', reply('1')],
      ['a health_response for an info', 'info', { type: 'health_response' }],
      ['a frame without a type and without a text', 'chat', { content: 1 }],
      ['a frame without a type, for a ping', 'ping', { content: '1' }],
      ['a frame whose type is no text', 'chat', { type: 7, content: '1' }],
      ['a pong for a type of the user', 'analyse', pong],
    ])('%s drops the connection, and answers no request', (_name, type, frame) => {
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

  describe('the number of requests', () => {
    test.each([1, 2, 5])('is the pipelining option: %i', (pipelining) => {
      const { correlator, chat } = rig();
      for (let sent = 0; sent < pipelining; sent += 1) {
        expect(correlator.canTake(pipelining, 256)).toBe(true);
        chat();
      }
      expect(correlator.canTake(pipelining, 256)).toBe(false);
    });

    test('a ping is no request: one may follow it', () => {
      const { correlator, ping, chat } = rig();
      ping();
      expect(correlator.canTake(1, 256)).toBe(true);
      const a = chat();
      expect(correlator.canTake(1, 256)).toBe(false);
      correlator.receive(pong);
      expect(correlator.receive(reply('1'))).toBe('fine');
      expect(a.log).toEqual(['answered 1']);
    });

    test('is never more than maxInFlight, including abandoned requests and pings', () => {
      const { correlator, chat, ping } = rig();
      correlator.abandon(chat().number, 0);
      ping();
      expect(correlator.canTake(100, 3)).toBe(true);
      expect(correlator.canTake(100, 2)).toBe(false);
    });
  });

  test('draining returns the waiting requests, and forgets the abandoned ones', () => {
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
