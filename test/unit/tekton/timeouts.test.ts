import { describe, expect, test } from 'vitest';
import { fixture } from './fixture.js';

const cis = { apollo: 'tcp://localhost:45012' };
/** Times that a timer cannot use. */
const wrong = [-1, -Number.MIN_VALUE, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2_147_484, 1e300];
const refusal = (of: string, timeout: number): string =>
  `[invalid_config] ${of}: timeout is ${timeout}: use seconds from 0 to 2147483`;

describe('a timeout of a message', () => {
  test.each([
    [undefined, undefined],
    [null, undefined],
    [0, undefined],
    [-0, undefined],
    [1e-6, 0.001],
    [0.0001, 0.1],
    [0.001, 1],
    [1.1, 1_100],
    [2_147_483, 2_147_483_000],
  ])('of %s s is a deadline of %s ms', async (timeout, deadlineMs) => {
    const { client, pool } = fixture({}, { cis });
    await client.sendMessage('localhost', 45012, 'hello', { timeout });
    await client.sendToAi('apollo', 'hello', { timeout });
    expect(pool.calls.map(({ options }) => options)).toEqual([{ deadlineMs }, { deadlineMs }]);
  });

  test.each(wrong)('of %s s is rejected', async (timeout) => {
    const { client, pool } = fixture({}, { cis });
    const failure = {
      success: false,
      error: refusal('sendMessage', timeout),
      ai_id: 'localhost:45012',
      elapsed_time: 0,
    };
    expect(await client.sendMessage('localhost', 45012, 'hello', { timeout })).toEqual(failure);
    expect(await client.sendToAi('apollo', 'hello', { timeout })).toMatchObject({ success: false });
    expect(pool.calls).toEqual([]);
  });
});

describe('a timeout of a message to all', () => {
  test.each([
    [undefined, 2_000],
    [null, 30_000],
    [0.0001, 0.1],
    [0.5, 500],
  ])('of %s s is a deadline of %s ms', async (timeout, deadlineMs) => {
    const { client, pool } = fixture({}, { cis });
    await client.sendToAll('hello', { timeout });
    expect(pool.calls.map(({ options }) => options?.deadlineMs)).toEqual([deadlineMs]);
  });

  test('of null is the default of the environment, if it has one', async () => {
    const { client, pool } = fixture({}, { cis, directOptions: { requestTimeoutMs: 7_000 } });
    await client.sendToAll('hello', { timeout: null });
    expect(pool.calls[0]?.options?.deadlineMs).toBe(7_000);
  });

  test('of 0 leaves no time: each CI times out, and nothing is sent', async () => {
    const { client, pool } = fixture({}, { cis });
    expect(await client.sendToAll('hello', { timeout: 0 })).toEqual({
      apollo: {
        success: false,
        error:
          '[deadline_exceeded] timeout 0 leaves no time for a message to all CIs: omit it for 2 s, or use null for the default',
        ai_id: 'apollo',
        elapsed_time: 0,
      },
    });
    expect(pool.calls).toEqual([]);
  });

  test.each(wrong)('of %s s is rejected', async (timeout) => {
    const { client, pool } = fixture({}, { cis });
    expect(await client.sendToAll('hello', { timeout })).toMatchObject({
      apollo: { error: refusal('sendToAll', timeout) },
    });
    expect(pool.calls).toEqual([]);
  });
});

describe('a timeout of a ping', () => {
  test.each([
    [undefined, 5_000],
    [null, undefined],
    [0, undefined],
    [0.5, 500],
  ])('of %s s is a deadline of %s ms', async (timeout, deadlineMs) => {
    const { client, pool } = fixture({}, { cis });
    expect(await client.ping('localhost', 45012, { timeout })).toBe(true);
    expect(pool.calls.map(({ options }) => options)).toEqual([{ deadlineMs }]);
  });

  test.each(wrong)('of %s s is rejected', async (timeout) => {
    const { client } = fixture({}, { cis });
    await expect(client.ping('localhost', 45012, { timeout })).rejects.toThrow(refusal('ping', timeout));
  });
});

describe('a timeout of a stream', () => {
  const drain = async (texts: AsyncIterable<string>): Promise<void> => {
    for await (const _ of texts);
  };

  test.each([
    [undefined, {}],
    [null, {}],
    [0, {}],
    [0.5, { firstChunkTimeoutMs: 500, idleTimeoutMs: 500 }],
  ])('of %s s sets %j', async (timeout, options) => {
    const { client, pool } = fixture({}, { cis });
    await drain(client.streamMessage('localhost', 45012, 'hello', { timeout }));
    expect(pool.calls.map((call) => call.options)).toEqual([options]);
  });

  test.each(wrong)('of %s s is rejected in the loop', async (timeout) => {
    const texts = fixture({}, { cis }).client.streamMessage('localhost', 45012, 'hello', { timeout });
    await expect(drain(texts)).rejects.toThrow(refusal('streamMessage', timeout));
  });
});
