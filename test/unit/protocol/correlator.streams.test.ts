import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../src/contract/index.js';
import { pong, reply, rig } from './correlator-rig.js';

/** The frames of a stream in one dialect; without ids if none is given. */
function dialect(names: { readonly chunk: string; readonly end: string }, request_id?: string) {
  const named = request_id === undefined ? {} : { request_id };
  return {
    start: { type: 'stream_start', ...named } as Frame,
    chunk: (content: string): Frame => ({ type: names.chunk, content, ...named }),
    end: { type: names.end, ...named } as Frame,
    error: { type: 'stream_error', error: 'no model', ...named } as Frame,
  };
}

const newer = { chunk: 'stream_chunk', end: 'stream_end' };
const older = { chunk: 'chunk', end: 'complete' };

describe.each([
  ['stream_chunk and stream_end', newer],
  ['chunk and complete', older],
])('a stream of %s', (_name, names) => {
  describe.each(['with ids', 'without ids'] as const)('%s', (ids) => {
    const framesOf = (id: string) => dialect(names, ids === 'with ids' ? id : undefined);

    test('passes chunks on as they come, then the end', () => {
      const { correlator, stream } = rig();
      const s = stream();
      const frames = framesOf(s.id);
      for (const frame of [frames.start, frames.chunk('a'), frames.chunk('b'), frames.end]) {
        expect(correlator.receive(frame)).toBe('fine');
      }
      expect(s.log).toEqual(['chunk a', 'chunk b', 'ended']);
      expect(correlator.live).toBe(0);
    });

    test('accepts a stream without a start, and one without chunks', () => {
      const { correlator, stream } = rig();
      const s = stream();
      expect(correlator.receive(framesOf(s.id).end)).toBe('fine');
      expect(s.log).toEqual(['ended']);
    });

    test('an error after chunks ends the stream', () => {
      const { correlator, stream } = rig();
      const s = stream();
      const frames = framesOf(s.id);
      for (const frame of [frames.chunk('a'), frames.error]) expect(correlator.receive(frame)).toBe('fine');
      expect(s.log).toEqual(['chunk a', 'failed ci_error']);
      expect(s.request.errors[0]?.message).toContain('no model');
    });

    test('abandoned: drops the rest up to its end, then frees the slot', () => {
      const { correlator, stream, strays } = rig();
      const s = stream();
      const frames = framesOf(s.id);
      correlator.receive(frames.chunk('a'));
      correlator.abandon(s.number, 0);
      for (const frame of [frames.chunk('b'), frames.chunk('c')]) {
        expect(correlator.receive(frame)).toBe('fine');
        expect(correlator.abandoned).toBe(1);
      }
      expect(correlator.receive(frames.end)).toBe('fine');
      expect(correlator.abandoned).toBe(0);
      expect(correlator.canTake(1, 256)).toBe(true);
      expect(s.log).toEqual(['chunk a']);
      expect(strays).toEqual({ lateReplies: 3, duplicates: 0, unsolicited: 0 });
    });

    test('abandoned: its error ends it, too', () => {
      const { correlator, stream } = rig();
      const s = stream();
      correlator.abandon(s.number, 0);
      expect(correlator.receive(framesOf(s.id).error)).toBe('fine');
      expect(correlator.abandoned).toBe(0);
    });
  });

  test('drops frames with an id after the end', () => {
    const { correlator, stream, strays } = rig();
    const s = stream();
    const frames = dialect(names, s.id);
    correlator.receive(frames.end);
    for (const frame of [frames.chunk('late'), frames.end]) expect(correlator.receive(frame)).toBe('fine');
    expect(s.log).toEqual(['ended']);
    expect(strays.duplicates).toBe(2);
  });

  test('frames without an id could belong to two streams: neither gets them, and the connection goes', () => {
    const { correlator, stream } = rig();
    const [s, t] = [stream(), stream()];
    expect(correlator.receive(dialect(names).chunk('whose?'))).toBe('desync');
    expect([s.log, t.log]).toEqual([[], []]);
  });

  test('frames without an id could belong to an abandoned stream', () => {
    const { correlator, stream } = rig();
    const [s, t] = [stream(), stream()];
    correlator.abandon(s.number, 0);
    expect(correlator.receive(dialect(names).chunk('whose?'))).toBe('desync');
    expect(t.log).toEqual([]);
  });

  test('frames without an id never belong to a whole request', () => {
    const { correlator, chat } = rig();
    const a = chat();
    for (const frame of [dialect(names).chunk('x'), dialect(names).end]) {
      expect(correlator.receive(frame)).toBe('desync');
    }
    expect(a.log).toEqual([]);
  });

  test.each(['chunk', 'end', 'error', 'start'] as const)('a %s with the id of a whole request fails it', (which) => {
    const { correlator, chat } = rig();
    const a = chat();
    const frames = dialect(names, a.id);
    const frame = which === 'chunk' ? frames.chunk('x') : frames[which];
    expect(correlator.receive(frame)).toBe('desync');
    expect(a.log).toEqual(['failed protocol_error']);
  });
});

describe('a peer that cannot stream', () => {
  test.each(['with an id', 'without an id'])('answers with one chat_response %s', (ids) => {
    const { correlator, stream } = rig();
    const s = stream();
    expect(correlator.receive(reply('whole', ids === 'with an id' ? s.id : undefined))).toBe('fine');
    expect(s.log).toEqual(['answered whole']);
  });

  test('answers in its turn', () => {
    const { correlator, chat, stream } = rig();
    const [a, s] = [chat(), stream()];
    correlator.receive(reply('1'));
    correlator.receive(reply('2'));
    expect([a.log, s.log]).toEqual([['answered 1'], ['answered 2']]);
  });

  test('or with an error', () => {
    const { correlator, stream } = rig();
    const s = stream();
    expect(correlator.receive({ type: 'error', error: 'x' })).toBe('fine');
    expect(s.log).toEqual(['failed ci_error']);
  });

  test('has its late answer to an abandoned stream dropped', () => {
    const { correlator, stream, chat } = rig();
    const s = stream();
    correlator.abandon(s.number, 0);
    expect(correlator.receive(reply('late'))).toBe('fine');
    const a = chat();
    correlator.receive(reply('1'));
    expect(a.log).toEqual(['answered 1']);
  });
});

describe('a streaming peer that sends ids only on stream frames', () => {
  test('answers later requests between the chunks of a stream', () => {
    const { correlator, stream, chat } = rig();
    const s = stream();
    const frames = dialect(newer, s.id);
    correlator.receive(frames.start);
    const a = chat();
    correlator.receive(frames.chunk('a'));
    expect(correlator.receive(reply('1'))).toBe('fine');
    correlator.receive(frames.chunk('b'));
    const b = chat();
    expect(correlator.receive(reply('2'))).toBe('fine');
    correlator.receive(frames.end);
    expect(s.log).toEqual(['chunk a', 'chunk b', 'ended']);
    expect([a.log, b.log]).toEqual([['answered 1'], ['answered 2']]);
    expect(correlator.isEchoing).toBe(false);
  });

  test('two streams in turn', () => {
    const { correlator, stream } = rig();
    const s = stream();
    correlator.receive(dialect(newer, s.id).start);
    const t = stream();
    for (const [content, { id }] of [
      ['a', t],
      ['b', s],
      ['c', t],
    ] as const) {
      correlator.receive(dialect(newer, id).chunk(content));
    }
    expect([s.log, t.log]).toEqual([['chunk b'], ['chunk a', 'chunk c']]);
  });

  test('gets no request behind a stream that has not begun: its reply could belong to either', () => {
    const { correlator, stream } = rig();
    const s = stream();
    expect(correlator.canTake(10, 256)).toBe(false);
    correlator.receive(dialect(newer, s.id).start);
    expect(correlator.canTake(10, 256)).toBe(true);
    expect(correlator.canTake(1, 256)).toBe(true);
  });

  test('gets none behind a stream abandoned before it began', () => {
    const { correlator, stream } = rig();
    const s = stream();
    correlator.abandon(s.number, 0);
    expect(correlator.canTake(10, 256)).toBe(false);
    correlator.receive(dialect(newer, s.id).chunk('late'));
    expect(correlator.canTake(1, 256)).toBe(true);
  });

  test('gets none behind a stream without ids until the stream ends', () => {
    const { correlator, stream } = rig();
    stream();
    correlator.receive(dialect(newer).chunk('a'));
    expect(correlator.canTake(10, 256)).toBe(false);
    correlator.receive(dialect(newer).end);
    expect(correlator.canTake(10, 256)).toBe(true);
  });

  test('a ping does not lift the barrier of a stream', () => {
    const { correlator, stream, ping } = rig();
    stream();
    ping();
    expect(correlator.canTake(10, 256)).toBe(false);
  });

  test('a reply without an id belongs to no request if only a running stream is outstanding', () => {
    const { correlator, stream } = rig();
    const s = stream();
    correlator.receive(dialect(newer, s.id).start);
    expect(correlator.receive(reply('whose?'))).toBe('desync');
    expect(s.log).toEqual([]);
  });

  test('an error without an id ends the running stream if nothing else is outstanding', () => {
    const { correlator, stream } = rig();
    const s = stream();
    correlator.receive(dialect(newer, s.id).chunk('a'));
    expect(correlator.receive({ type: 'error', error: 'x' })).toBe('fine');
    expect(s.log).toEqual(['chunk a', 'failed ci_error']);
  });

  test('an error without an id belongs to the waiting request before the stream', () => {
    const { correlator, stream, chat } = rig();
    const s = stream();
    correlator.receive(dialect(newer, s.id).start);
    const a = chat();
    correlator.receive({ type: 'error', error: 'x' });
    expect(a.log).toEqual(['failed ci_error']);
    expect(s.log).toEqual([]);
  });

  test('a pong for a stream that has not begun: the peer is out of step', () => {
    const { correlator, stream } = rig();
    stream();
    expect(correlator.receive(pong)).toBe('desync');
  });

  test('a stream may be abandoned inside its own chunk', () => {
    const { correlator, stream } = rig();
    const s = stream();
    s.request.chunk = () => correlator.abandon(s.number, 7);
    expect(correlator.receive(dialect(newer, s.id).chunk('a'))).toBe('fine');
    expect(correlator.oldestAbandonedMs()).toBe(7);
    expect(correlator.receive(dialect(newer, s.id).end)).toBe('fine');
    expect(correlator.abandoned).toBe(0);
    expect(s.log).toEqual([]);
  });

  test('a stream frame for an abandoned whole request shows a peer out of step, as for a live one', () => {
    const { correlator, chat } = rig();
    const a = chat();
    correlator.abandon(a.number, 0);
    expect(correlator.receive({ type: 'chunk', content: 'progress', request_id: a.id })).toBe('desync');
  });

  test('a request that was not written yet gets neither a reply nor a frame with its id', () => {
    const { correlator, chat, strays } = rig();
    const a = chat();
    const b = chat();
    b.request.isWritten = false;
    expect(correlator.receive(reply('answer to a'))).toBe('fine');
    expect(correlator.receive({ type: 'chat_response', content: 'a guess', request_id: b.id })).toBe('fine');
    expect(correlator.receive(reply('another'))).toBe('desync');
    expect([a.log, b.log, strays.unsolicited]).toEqual([['answered answer to a'], [], 2]);
  });
});
