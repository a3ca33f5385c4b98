import { describe, expect, test } from 'vitest';
import type { StreamOptions } from '../../src/contract/index.js';
import { readPoolOptions } from '../../src/pool/options.js';
import { planRequest } from '../../src/pool/request-plan.js';
import { encodeChat } from '../../src/protocol/encode-request.js';

const { limits } = readPoolOptions({ requestTimeoutMs: 1_000, streamTimeoutMs: 5_000, maxRequestBytes: 300 });
const ci = { name: 'apollo', limits };
const encoded = encodeChat('hello', 'whole');

function plan(options?: StreamOptions, manner: 'whole' | 'stream' = 'whole') {
  return planRequest(encoded, manner, options, ci);
}

describe('defaults', () => {
  test('of a request', () => {
    expect(plan()).toEqual({
      ...encoded,
      manner: 'whole',
      deadlineMs: 1_000,
      connectTimeoutMs: Number.POSITIVE_INFINITY,
      firstChunkTimeoutMs: 1_000,
      idleTimeoutMs: 1_000,
      priority: 'normal',
      whenDown: 'fail',
      signal: undefined,
    });
  });

  test('of a stream: its total is streamTimeoutMs, its silences are bounded by requestTimeoutMs', () => {
    const { deadlineMs, firstChunkTimeoutMs, idleTimeoutMs } = plan(undefined, 'stream');
    expect({ deadlineMs, firstChunkTimeoutMs, idleTimeoutMs }).toEqual({
      deadlineMs: 5_000,
      firstChunkTimeoutMs: 1_000,
      idleTimeoutMs: 1_000,
    });
  });

  test('stand where an option is undefined', () => {
    const none = { deadlineMs: undefined, priority: undefined, waitForReady: undefined, signal: undefined };
    expect(plan(none)).toEqual(plan());
    expect(plan({})).toEqual(plan());
  });
});

describe('options', () => {
  test('all are taken', () => {
    const { signal } = new AbortController();
    const times = { deadlineMs: 1, connectTimeoutMs: 2, firstChunkTimeoutMs: 3, idleTimeoutMs: 2 ** 31 - 1 };
    expect(plan({ ...times, priority: 'high', waitForReady: true, signal }, 'stream')).toMatchObject({
      ...times,
      priority: 'high',
      whenDown: 'wait',
      signal,
    });
  });

  test.each(['high', 'normal', 'low'] as const)('priority %s', (priority) => {
    expect(plan({ priority }).priority).toBe(priority);
  });

  test('a fraction of a millisecond is a time', () => {
    expect(plan({ deadlineMs: 0.5 }).deadlineMs).toBe(0.5);
  });

  const times = ['deadlineMs', 'connectTimeoutMs', 'firstChunkTimeoutMs', 'idleTimeoutMs'];
  const badTimes = [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '5', null, true];

  test.each(times.flatMap((name) => badTimes.map((value) => [name, value] as const)))('%s: %s', (name, value) => {
    expect(() => plan({ [name]: value })).toThrow(
      expect.objectContaining({
        code: 'invalid_config',
        delivery: 'not_sent',
        reason: `${name} is ${String(value)}, and takes a number of milliseconds from above 0 to 2147483647`,
      }),
    );
  });

  test.each([
    [{ priority: 'urgent' }, 'priority is urgent, and takes high, normal, low'],
    [{ priority: 1 }, 'priority is 1, and takes high, normal, low'],
    [{ waitForReady: 'yes' }, 'waitForReady takes true or false'],
    [{ signal: {} }, 'signal takes an AbortSignal'],
    [{ signal: null }, 'signal takes an AbortSignal'],
    [{ timeoutMs: 5 }, 'timeoutMs is not an option of a request'],
    [{ deadline: 5 }, 'deadline is not an option of a request'],
    [null, 'the options must be an object'],
    [500, 'the options must be an object'],
  ])('refused: %j', (options, reason) => {
    expect(() => plan(options as never)).toThrow(
      expect.objectContaining({ code: 'invalid_config', delivery: 'not_sent', reason }),
    );
  });
});

describe('size', () => {
  /** A chat whose JSON, its last brace left out, has this many bytes. */
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
    expect(() => planRequest(ofBytes(room, letter), 'whole', undefined, ci)).not.toThrow();
    expect(() => planRequest(ofBytes(room + 1, letter), 'whole', undefined, ci)).toThrow(
      expect.objectContaining({ code: 'request_too_large', delivery: 'not_sent', ci: 'apollo' }),
    );
  });

  test('the message names both sizes and the option, and none of the content', () => {
    const text = 'secret '.repeat(100);
    expect(() => planRequest(encodeChat(text, 'whole'), 'whole', undefined, ci)).toThrow(
      /^\[request_too_large\] a request of \d+ bytes; at most 300 \(maxRequestBytes\)$/,
    );
  });
});
