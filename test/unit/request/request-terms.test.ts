import { describe, expect, test } from 'vitest';
import type { StreamOptions } from '../../../src/contract/index.js';
import { describeValue } from '../../../src/errors/index.js';
import { readPoolOptions } from '../../../src/pool/options.js';
import { checkRequestBytes, encodeChat } from '../../../src/protocol/encode-request.js';
import { defaultTerms, readTerms } from '../../../src/request/request-terms.js';

const { limits } = readPoolOptions({ requestTimeoutMs: 1_000, streamTimeoutMs: 5_000, maxRequestBytes: 300 });

function terms(options: StreamOptions, replyMode: 'whole' | 'stream' = 'whole') {
  return readTerms(replyMode, options, limits);
}

describe('defaults', () => {
  test('of a request', () => {
    expect(defaultTerms(limits).whole).toEqual({
      replyMode: 'whole',
      deadlineMs: 1_000,
      connectTimeoutMs: Number.POSITIVE_INFINITY,
      firstChunkTimeoutMs: 1_000,
      idleTimeoutMs: 1_000,
      patienceMs: Number.POSITIVE_INFINITY,
      priority: 'normal',
      whenDown: 'fail',
      signal: undefined,
    });
  });

  test('of a stream: streamTimeoutMs limits its total time, requestTimeoutMs its silences', () => {
    const { deadlineMs, firstChunkTimeoutMs, idleTimeoutMs } = defaultTerms(limits).stream;
    expect({ deadlineMs, firstChunkTimeoutMs, idleTimeoutMs }).toEqual({
      deadlineMs: 5_000,
      firstChunkTimeoutMs: 1_000,
      idleTimeoutMs: 1_000,
    });
  });

  test('apply if an option is undefined', () => {
    const none = { deadlineMs: undefined, priority: undefined, waitForReady: undefined, signal: undefined };
    for (const replyMode of ['whole', 'stream'] as const) {
      expect(terms(none, replyMode)).toEqual(defaultTerms(limits)[replyMode]);
      expect(terms({}, replyMode)).toEqual(defaultTerms(limits)[replyMode]);
    }
  });

  test('are made once for all requests with the same limits', () => {
    expect(defaultTerms(limits)).toBe(defaultTerms(limits));
    const others = readPoolOptions({ requestTimeoutMs: 2_000 }).limits;
    expect(defaultTerms(others).whole.deadlineMs).toBe(2_000);
    expect(defaultTerms(limits).whole.deadlineMs).toBe(1_000);
  });
});

describe('options', () => {
  test('are all used', () => {
    const { signal } = new AbortController();
    const times = { deadlineMs: 1, connectTimeoutMs: 2, firstChunkTimeoutMs: 3, idleTimeoutMs: 2 ** 31 - 1 };
    expect(terms({ ...times, priority: 'high', waitForReady: true, signal }, 'stream')).toMatchObject({
      ...times,
      priority: 'high',
      whenDown: 'wait',
      signal,
    });
  });

  test.each(['high', 'normal', 'low'] as const)('priority %s', (priority) => {
    expect(terms({ priority }).priority).toBe(priority);
  });

  test('accepts a fraction of a millisecond as a time', () => {
    expect(terms({ deadlineMs: 0.5 }).deadlineMs).toBe(0.5);
  });

  const times = ['deadlineMs', 'connectTimeoutMs', 'firstChunkTimeoutMs', 'idleTimeoutMs'];
  const badTimes = [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '5', null, true];

  test.each(times.flatMap((name) => badTimes.map((value) => [name, value] as const)))('%s: %s', (name, value) => {
    expect(() => terms({ [name]: value })).toThrow(
      expect.objectContaining({
        code: 'invalid_config',
        delivery: 'not_sent',
        reason: `a request: ${name} is ${describeValue(value)}: use a number of milliseconds above 0, at most 2147483647`,
      }),
    );
  });

  test.each([
    [{ priority: 'urgent' }, 'a request: priority is "urgent": use high, normal, low'],
    [{ priority: 1 }, 'a request: priority is 1: use high, normal, low'],
    [{ waitForReady: 'yes' }, 'a request: waitForReady is "yes": use true or false'],
    [{ signal: {} }, 'a request: signal is an object: use an AbortSignal'],
    [{ signal: null }, 'a request: signal is null: use an AbortSignal'],
    [{ timeoutMs: 5 }, 'a request: timeoutMs is not an option'],
    [{ deadline: 5 }, 'a request: deadline is not an option'],
    [{ deadline: 5, deadlineMs: 0 }, /deadlineMs is 0.*; deadline is not an option/],
    [null, 'a request: options is null: use an object'],
    [500, 'a request: options is 500: use an object'],
  ])('rejects %j', (options, reason) => {
    expect(() => terms(options as never)).toThrow(
      expect.objectContaining({
        code: 'invalid_config',
        delivery: 'not_sent',
        reason: typeof reason === 'string' ? reason : expect.stringMatching(reason),
      }),
    );
  });
});

describe('size', () => {
  /** A chat whose JSON, without its last brace, has this many bytes. */
  const ofBytes = (bytes: number, letter: string) => {
    const overhead = Buffer.byteLength(encodeChat('x', 'whole').body) - 1;
    const width = Buffer.byteLength(letter);
    const text = letter.repeat(Math.floor((bytes - overhead) / width));
    return encodeChat(text + 'x'.repeat(bytes - overhead - Buffer.byteLength(text)), 'whole');
  };
  // The id and the line end need room as well.
  const room = limits.maxRequestBytes - 48;

  test.each(['x', 'é', '€', '😀'])('counts bytes, not characters: %s', (letter) => {
    expect(Buffer.byteLength(ofBytes(room, letter).body)).toBe(room);
    expect(() => checkRequestBytes(ofBytes(room, letter).body, limits.maxRequestBytes, 'apollo')).not.toThrow();
    expect(() => checkRequestBytes(ofBytes(room + 1, letter).body, limits.maxRequestBytes, 'apollo')).toThrow(
      expect.objectContaining({ code: 'request_too_large', delivery: 'not_sent', ci: 'apollo' }),
    );
  });

  test('the message names both sizes and the option, and does not quote the content', () => {
    const text = 'secret '.repeat(100);
    expect(() => checkRequestBytes(encodeChat(text, 'whole').body, limits.maxRequestBytes, 'apollo')).toThrow(
      /^\[request_too_large\] the request has \d+ bytes: use at most 300 \(option "maxRequestBytes"\)$/,
    );
  });
});
