import { describe, expect, test } from 'vitest';
import { pong, prefix, reply, rig } from './correlator-rig.js';

describe('marks a peer as echoing', () => {
  test.each([
    { type: 'chat_response', content: 'x' },
    { type: 'error', error: 'x' },
  ])('from a reply that echoes an id: %j', (frame) => {
    const { correlator, send } = rig();
    const { id } = send();
    correlator.receive({ ...frame, request_id: id });
    expect(correlator.isEchoing).toBe(true);
  });

  test.each([
    ['ping', { type: 'pong' }],
    ['ping', { type: 'error', error: 'x' }],
    ['health', { type: 'health_response' }],
    ['info', { type: 'info_response' }],
  ])('not from the id of an answer to a %s: some peers have ids only on these', (type, frame) => {
    const { correlator, send } = rig();
    const { id } = send(type);
    expect(correlator.receive({ ...frame, request_id: id })).toBe('fine');
    expect(correlator.isEchoing).toBe(false);
  });

  test.each(['stream_start', 'stream_chunk', 'stream_end', 'stream_error', 'chunk', 'complete'])(
    'not from the id of a %s',
    (type) => {
      const { correlator, stream } = rig();
      const { id } = stream();
      expect(correlator.receive({ type, content: 'x', request_id: id })).toBe('fine');
      expect(correlator.isEchoing).toBe(false);
    },
  );

  // All of them would give 116 without a check of the digits: ',' and '@' lie beside the digits, at -4 and 16.
  test.each(['12,', '10@', '0116', '116 ', '116.0', '1.16e2', '+116', '0x74'])(
    'not from another spelling of an id: %j',
    (spelling) => {
      const { correlator, numbered } = rig();
      const { id, log } = numbered(116);
      expect(id).toBe(`${prefix}116`);
      expect(correlator.receive(reply('1', prefix + spelling))).toBe('fine');
      expect([correlator.isEchoing, log]).toEqual([false, []]);
    },
  );

  test.each(['other.1', prefix, `${prefix}-1`, 1])('not from a foreign id: %j', (id) => {
    const { correlator, chat } = rig();
    chat();
    expect(correlator.receive(reply('1', id))).toBe('fine');
    expect(correlator.isEchoing).toBe(false);
  });

  test('from the late reply of an abandoned request, too', () => {
    const { correlator, chat } = rig();
    const { id, number } = chat();
    correlator.abandon(number, 0);
    expect(correlator.receive(reply('late', id))).toBe('fine');
    expect(correlator.isEchoing).toBe(true);
    expect(correlator.abandoned).toBe(0);
  });
});

describe('on an echoing wire', () => {
  test('matches replies by id, in any order', () => {
    const { correlator, chat } = rig();
    const [a, b, c] = [chat(), chat(), chat()];
    for (const [content, { id }] of [
      ['3', c],
      ['1', a],
      ['2', b],
    ] as const) {
      expect(correlator.receive(reply(content, id))).toBe('fine');
    }
    expect([a.log, b.log, c.log]).toEqual([['answered 1'], ['answered 2'], ['answered 3']]);
  });

  test('shares the connection among many requests: up to maxInFlight', () => {
    const { correlator, echo, chat } = rig();
    echo();
    for (let sent = 0; sent < 256; sent += 1) {
      expect(correlator.canTake(1, 256)).toBe(true);
      chat();
    }
    expect(correlator.canTake(1, 256)).toBe(false);
  });

  test('an abandoned request does not block others', () => {
    const { correlator, echo, chat, strays } = rig();
    echo();
    const [a, b] = [chat(), chat()];
    correlator.abandon(a.number, 0);
    expect(correlator.canTake(1, 256)).toBe(true);
    correlator.receive(reply('2', b.id));
    expect(correlator.receive(reply('late', a.id))).toBe('fine');
    expect(a.log).toEqual([]);
    expect(b.log).toEqual(['answered 2']);
    expect(strays.lateReplies).toBe(1);
  });

  describe('a reply without an id', () => {
    test.each([
      ['a reply', reply('1'), 'answered 1'],
      ['an error', { type: 'error', error: 'x' }, 'failed ci_error'],
    ])('%s belongs to the one request outstanding', (_name, frame, entry) => {
      const { correlator, echo, chat } = rig();
      echo();
      const a = chat();
      expect(correlator.receive(frame)).toBe('fine');
      expect(a.log).toEqual([entry]);
    });

    test.each([
      ['a reply', reply('1')],
      ['an error', { type: 'error', error: 'x' }],
    ])('%s could belong to several: none gets it, and the connection goes', (_name, frame) => {
      const { correlator, echo, chat, strays } = rig();
      echo();
      const [a, b] = [chat(), chat()];
      expect(correlator.receive(frame)).toBe('desync');
      expect([a.log, b.log]).toEqual([[], []]);
      expect(correlator.live).toBe(2);
      expect(strays.unsolicited).toBe(1);
    });

    test('could belong to an abandoned request', () => {
      const { correlator, echo, chat } = rig();
      echo();
      const [a, b] = [chat(), chat()];
      correlator.abandon(a.number, 0);
      expect(correlator.receive(reply('whose?'))).toBe('desync');
      expect([a.log, b.log]).toEqual([[], []]);
    });

    test('is dropped if the only outstanding request was abandoned', () => {
      const { correlator, echo, chat, strays } = rig();
      echo();
      correlator.abandon(chat().number, 0);
      expect(correlator.receive(reply('late'))).toBe('fine');
      expect(correlator.abandoned).toBe(0);
      expect(strays.lateReplies).toBe(1);
    });

    test('drops the connection if nothing is outstanding', () => {
      const { correlator, echo } = rig();
      echo();
      expect(correlator.receive(reply('1'))).toBe('desync');
    });

    test('drops the connection if it does not fit the one outstanding', () => {
      const { correlator, echo, chat } = rig();
      echo();
      const a = chat();
      expect(correlator.receive(pong)).toBe('desync');
      expect(a.log).toEqual([]);
    });
  });

  test('a reply of the wrong type with an id fails its request, and retires the connection', () => {
    const { correlator, echo, chat } = rig();
    echo();
    const [a, b] = [chat(), chat()];
    expect(correlator.receive({ ...pong, request_id: a.id })).toBe('retire');
    expect(a.log).toEqual(['failed protocol_error']);
    expect(a.request.errors[0]?.message).toContain('an answer of the wrong type to chat');
    expect(a.request.errors[0]).toMatchObject({ delivery: 'answered' });
    correlator.receive(reply('2', b.id));
    expect(b.log).toEqual(['answered 2']);
  });

  test('an abandoned request is as strict: the wrong type with its id retires the connection', () => {
    const { correlator, echo, chat } = rig();
    echo();
    const a = chat();
    correlator.abandon(a.number, 0);
    expect(correlator.receive({ ...pong, request_id: a.id })).toBe('retire');
  });
});

describe('frames that belong to no request', () => {
  test('drops and counts a duplicate', () => {
    const { correlator, chat, strays } = rig();
    const [a, b] = [chat(), chat()];
    correlator.receive(reply('1', a.id));
    expect(correlator.receive(reply('again', a.id))).toBe('fine');
    expect(a.log).toEqual(['answered 1']);
    expect(b.log).toEqual([]);
    expect(strays).toEqual({ lateReplies: 0, duplicates: 1, unsolicited: 0 });
  });

  test('drops a duplicate with nothing outstanding, and the connection stays', () => {
    const { correlator, chat } = rig();
    const a = chat();
    correlator.receive(reply('1', a.id));
    expect(correlator.receive(reply('again', a.id))).toBe('fine');
  });

  test('a reply to a failed request is a duplicate; if it was abandoned before, a late one', () => {
    const { correlator, chat, strays } = rig();
    const [a, b] = [chat(), chat()];
    correlator.abandon(b.number, 0);
    for (const { id } of [a, b]) correlator.fail(id, { code: 'connection_lost' } as never);
    for (const { id } of [a, b]) correlator.receive(reply('1', id));
    expect([a.log, b.log, correlator.abandoned]).toEqual([['failed connection_lost'], [], 0]);
    expect(strays).toEqual({ lateReplies: 1, duplicates: 1, unsolicited: 0 });
  });

  test('counts a second late reply, and one to a request that was taken back, as late', () => {
    const { correlator, chat, strays } = rig();
    const [a, b] = [chat(), chat()];
    correlator.abandon(a.number, 0);
    correlator.receive(reply('late', a.id));
    correlator.receive(reply('late', a.id));
    correlator.withdraw(b.number);
    correlator.receive(reply('late', b.id));
    expect(strays).toEqual({ lateReplies: 3, duplicates: 0, unsolicited: 0 });
  });

  test('an old id never reaches the request that reuses its slot', () => {
    const { correlator, chat } = rig();
    const a = chat();
    correlator.receive(reply('1', a.id));
    const b = chat();
    expect(b.id).not.toBe(a.id);
    expect(correlator.receive(reply('again', a.id))).toBe('fine');
    expect(b.log).toEqual([]);
  });

  test.each([
    ['another prefix', 'zzz999.116'],
    ['the prefix alone', prefix],
    ['the number alone', '116'],
    ['a number never given', `${prefix}99999999`],
    ['a negative number', `${prefix}-116`],
    ['a fraction', `${prefix}116.5`],
    ['another base', `${prefix}0x74`],
    ['a power', `${prefix}116e0`],
    ['a space', `${prefix} 116`],
    ['a number without end', prefix + '9'.repeat(1_000)],
    ['an empty text', ''],
    ['a number', 116],
    ['a boolean', true],
    ['a list', [`${prefix}116`]],
    ['an object', { id: `${prefix}116` }],
    ['a property name of every object', '__proto__'],
  ])('%s is an unknown id: dropped and counted', (_name, id) => {
    const { correlator, numbered, strays } = rig();
    const a = numbered(116);
    expect(a.id).toBe(`${prefix}116`);
    expect(correlator.receive(reply('1', id))).toBe('fine');
    expect(a.log).toEqual([]);
    expect(strays).toEqual({ lateReplies: 0, duplicates: 0, unsolicited: 1 });
  });

  test('ignores an id of another connection', () => {
    const { correlator, chat } = rig();
    const a = chat();
    correlator.receive(reply('1', a.id.replace('abc', 'abd')));
    expect(a.log).toEqual([]);
  });
});
