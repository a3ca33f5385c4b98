import { defer, of, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ChoragusError } from '../../src/errors/index.js';
import { createTektonClient } from '../../src/tekton/index.js';
import { FakePool, failing, replyFrom } from './fake-pool.js';
import { fixture } from './fixture.js';

const cis = { apollo: 'tcp://localhost:45012' };

describe('sendMessage', () => {
  test('gives the answer in the shape of the original', async () => {
    const { client, clock } = fixture(
      {
        ask: (ci) =>
          defer(() => {
            clock.ms += 1_500;
            return of(replyFrom(ci, { model: 'llama', raw: { ai_id: 'apollo-ai' } }));
          }),
      },
      { cis },
    );
    expect(await client.sendMessage('localhost', 45012, 'hello')).toEqual({
      success: true,
      response: 'apollo says hello',
      ai_id: 'apollo-ai',
      model: 'llama',
      elapsed_time: 1.5,
      connection_reused: true,
    });
  });

  test.each([undefined, '', 7, null])('calls the CI by its name in the pool where ai_id is %j', async (aiId) => {
    const { client } = fixture({ ask: (ci) => of(replyFrom(ci, { raw: { ai_id: aiId } })) }, { cis });
    expect(await client.sendMessage('localhost', 45012, 'hello')).toMatchObject({ ai_id: 'apollo', model: 'unknown' });
  });

  test.each([true, false])('tells whether the connection was reused: %s', async (reused) => {
    const { client } = fixture({ ask: (ci) => of(replyFrom(ci, { reused })) }, { cis });
    expect(await client.sendMessage('localhost', 45012, 'hello')).toMatchObject({ connection_reused: reused });
  });

  test('sends the text alone where no settings are given, and leaves the deadline to the pool', async () => {
    const { client, pool } = fixture({}, { cis });
    await client.sendMessage('localhost', 45012, 'hello');
    expect(pool.calls).toEqual([{ method: 'ask', ci: 'apollo', message: 'hello', options: {} }]);
  });

  test('hands on context, temperature, maxTokens, and the timeout in seconds', async () => {
    const { client, pool } = fixture({}, { cis });
    const options = { context: { room: 1 }, temperature: 0, maxTokens: 9, timeout: 1.1 };
    await client.sendMessage('localhost', 45012, 'hello', options);
    expect(pool.calls[0]?.message).toEqual({ content: 'hello', context: { room: 1 }, temperature: 0, maxTokens: 9 });
    expect(pool.calls[0]?.options).toEqual({ deadlineMs: 1_100 });
  });

  test('gives a failure in the shape of the original', async () => {
    const { client } = fixture(failing(new ChoragusError('ci_error', 'out of memory', { delivery: 'answered' })), {
      cis,
    });
    expect(await client.sendMessage('localhost', 45012, 'hello')).toEqual({
      success: false,
      error: '[ci_error] out of memory',
    });
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2_147_484])(
    'does not throw for timeout %s',
    async (timeout) => {
      const { client, pool } = fixture({}, { cis });
      expect(await client.sendMessage('localhost', 45012, 'hello', { timeout })).toEqual({
        success: false,
        error: `[invalid_config] timeout is ${timeout}, and takes seconds from 0.001 to 2147483`,
      });
      expect(pool.calls).toEqual([]);
    },
  );

  test.each([
    ['', 45012, 'host is "", and takes'],
    ['local host', 45012, 'host is "local host", and takes'],
    ['a/b', 45012, 'host is "a/b", and takes'],
    ['user@host', 45012, 'host is "user@host", and takes'],
    ['[localhost]', 45012, 'host is "[localhost]", and takes'],
    ['localhost', 0, 'port is 0, and takes'],
    ['localhost', 65_536, 'port is 65536, and takes'],
    ['localhost', 1.5, 'port is 1.5, and takes'],
  ])('does not throw for the address %j %s', async (host, port, error) => {
    const { client } = fixture();
    const result = await client.sendMessage(host, port, 'hello');
    expect(result).toEqual({ success: false, error: expect.stringContaining(`[invalid_config] ${error}`) });
  });

  test('does not throw where there is no pool to be had', async () => {
    const client = createTektonClient({
      pool: () => {
        throw new ChoragusError('invalid_config', 'a bad environment', { delivery: 'not_sent' });
      },
    });
    const refused = { success: false, error: '[invalid_config] a bad environment' };
    expect(await client.sendMessage('localhost', 45012, 'hello')).toEqual(refused);
    expect(await client.sendToAi('apollo', 'hello')).toEqual(refused);
    expect(await client.ping('localhost', 45012)).toBe(false);
    await expect(client.sendToAll('hello')).rejects.toThrow('a bad environment');
  });

  test('does not throw where the pool throws what is no error', async () => {
    const { client } = fixture({ ask: () => throwError(() => 'a string') }, { cis });
    expect(await client.sendMessage('localhost', 45012, 'hello')).toEqual({ success: false, error: 'a string' });
  });

  test('asks for the pool at every call', async () => {
    const pools = [new FakePool({}, cis), new FakePool({}, cis)] as const;
    let index = 0;
    const client = createTektonClient({ pool: () => pools[index++ as 0 | 1] });
    await client.sendToAi('apollo', 'one');
    await client.sendToAi('apollo', 'two');
    expect(pools.map(({ calls }) => calls.map(({ message }) => message))).toEqual([['one'], ['two']]);
  });
});

describe('sendToAi', () => {
  test('finds the CI by its name', async () => {
    const { client, pool } = fixture({}, { cis });
    const result = await client.sendToAi('apollo', 'hello', { timeout: 2 });
    expect(result).toMatchObject({ success: true, response: 'apollo says hello' });
    expect(pool.calls).toEqual([{ method: 'ask', ci: 'apollo', message: 'hello', options: { deadlineMs: 2_000 } }]);
  });

  test('tells of a name that the pool does not know', async () => {
    const { client } = fixture(failing(new ChoragusError('unknown_ci', 'no CI "zeus"', { delivery: 'not_sent' })));
    expect(await client.sendToAi('zeus', 'hello')).toEqual({ success: false, error: '[unknown_ci] no CI "zeus"' });
  });
});

describe('ping', () => {
  test('is true when the CI answers with a pong, within 5 s unless told otherwise', async () => {
    const { client, pool } = fixture({}, { cis });
    expect(await client.ping('localhost', 45012)).toBe(true);
    expect(await client.ping('localhost', 45012, { timeout: 0.5 })).toBe(true);
    expect(pool.calls).toEqual([
      { method: 'request', ci: 'apollo', message: { type: 'ping' }, options: { deadlineMs: 5_000 } },
      { method: 'request', ci: 'apollo', message: { type: 'ping' }, options: { deadlineMs: 500 } },
    ]);
  });

  test('is false for an error, another answer, and a bad timeout', async () => {
    const lost = new ChoragusError('connection_lost', 'gone');
    expect(await fixture(failing(lost), { cis }).client.ping('localhost', 45012)).toBe(false);
    const chatty = fixture({ request: (ci) => of(replyFrom(ci)) }, { cis });
    expect(await chatty.client.ping('localhost', 45012)).toBe(false);
    expect(await chatty.client.ping('localhost', 45012, { timeout: -1 })).toBe(false);
  });
});
