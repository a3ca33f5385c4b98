import { defer, of, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ChoragusError } from '../../../src/errors/index.js';
import { createTektonClient } from '../../../src/tekton/index.js';
import { FakePool, failing, replyFrom } from './fake-pool.js';
import { fixture } from './fixture.js';

const cis = { apollo: 'tcp://localhost:45012' };

describe('sendMessage', () => {
  test('returns the answer in the form of the original', async () => {
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
      raw_response: { ai_id: 'apollo-ai' },
      request_count: 1,
    });
  });

  test.each([undefined, '', 7, null])('names the CI by its address if its ai_id is %j', async (aiId) => {
    const { client } = fixture({ ask: (ci) => of(replyFrom(ci, { raw: { ai_id: aiId } })) }, { cis });
    const result = await client.sendMessage('localhost', 45012, 'hello');
    expect(result).toMatchObject({ ai_id: 'localhost:45012', model: 'unknown' });
  });

  test('counts the answers of each CI, not its failures', async () => {
    let isDown = false;
    const lost = new ChoragusError('connection_lost', 'gone');
    const ask = (ci: string) => (isDown ? throwError(() => lost) : of(replyFrom(ci)));
    const { client } = fixture({ ask }, { cis: { ...cis, athena: 'tcp://localhost:45005' } });
    const counts = async (): Promise<unknown[]> => {
      const results = [await client.sendMessage('localhost', 45012, 'one'), await client.sendToAi('athena', 'two')];
      return results.map((result) => result.success && result.request_count);
    };
    expect(await counts()).toEqual([1, 1]);
    isDown = true;
    expect(await counts()).toEqual([false, false]);
    isDown = false;
    expect(await counts()).toEqual([2, 2]);
    expect(await client.sendToAll('three')).toMatchObject({
      apollo: { request_count: 3 },
      athena: { request_count: 3 },
    });
  });

  test.each([true, false])('reports whether the connection was reused: %s', async (reused) => {
    const { client } = fixture({ ask: (ci) => of(replyFrom(ci, { reused })) }, { cis });
    expect(await client.sendMessage('localhost', 45012, 'hello')).toMatchObject({ connection_reused: reused });
  });

  test('sends only the text without settings, and leaves the deadline to the pool', async () => {
    const { client, pool } = fixture({}, { cis });
    await client.sendMessage('localhost', 45012, 'hello');
    expect(pool.calls).toEqual([{ method: 'ask', ci: 'apollo', message: 'hello', options: {} }]);
  });

  test('passes on context, temperature, maxTokens, and the timeout in seconds', async () => {
    const { client, pool } = fixture({}, { cis });
    const options = { context: { room: 1 }, temperature: 0, maxTokens: 9, timeout: 1.1 };
    await client.sendMessage('localhost', 45012, 'hello', options);
    expect(pool.calls[0]?.message).toEqual({ content: 'hello', context: { room: 1 }, temperature: 0, maxTokens: 9 });
    expect(pool.calls[0]?.options).toEqual({ deadlineMs: 1_100 });
  });

  test('returns a failure in the form of the original', async () => {
    const { client } = fixture(failing(new ChoragusError('ci_error', 'out of memory', { delivery: 'answered' })), {
      cis,
    });
    expect(await client.sendMessage('localhost', 45012, 'hello')).toMatchObject({
      success: false,
      error: '[ci_error] out of memory',
    });
  });

  test.each([
    ['', 45012, 'host is "": use'],
    ['local host', 45012, 'host is "local host": use'],
    ['a/b', 45012, 'host is "a/b": use'],
    ['user@host', 45012, 'host is a string with an @: use'],
    ['[localhost]', 45012, 'host is "[localhost]": use'],
    ['localhost', 0, 'port is 0: use'],
    ['localhost', 65_536, 'port is 65536: use'],
    ['localhost', 1.5, 'port is 1.5: use'],
  ])('does not throw for the address %j %s', async (host, port, error) => {
    const { client } = fixture();
    const result = await client.sendMessage(host, port, 'hello');
    expect(result).toMatchObject({
      success: false,
      error: expect.stringContaining(`[invalid_config] sendMessage: ${error}`),
    });
  });

  test('does not throw if the pool cannot be made', async () => {
    const client = createTektonClient({
      pool: () => {
        throw new ChoragusError('invalid_config', 'a bad environment', { delivery: 'not_sent' });
      },
    });
    const refused = { success: false, error: '[invalid_config] a bad environment' };
    expect(await client.sendMessage('localhost', 45012, 'hello')).toMatchObject(refused);
    expect(await client.sendToAi('apollo', 'hello')).toMatchObject(refused);
    expect(await client.ping('localhost', 45012)).toBe(false);
    await expect(client.sendToAll('hello')).rejects.toThrow('a bad environment');
  });

  test('does not throw if the pool throws a value that is no error', async () => {
    const { client } = fixture({ ask: () => throwError(() => 'a string') }, { cis });
    expect(await client.sendMessage('localhost', 45012, 'hello')).toMatchObject({ success: false, error: 'a string' });
  });

  test('gets the pool at every call', async () => {
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

  test('names the CI as the caller does', async () => {
    const { client } = fixture({}, { cis });
    expect(await client.sendToAi('APOLLO', 'hello')).toMatchObject({ success: true, ai_id: 'APOLLO' });
  });
});

describe('ping', () => {
  test('is true if the CI answers with a pong, within 5 s by default', async () => {
    const { client, pool } = fixture({}, { cis });
    expect(await client.ping('localhost', 45012)).toBe(true);
    expect(await client.ping('localhost', 45012, { timeout: 0.5 })).toBe(true);
    expect(pool.calls).toEqual([
      { method: 'request', ci: 'apollo', message: { type: 'ping' }, options: { deadlineMs: 5_000 } },
      { method: 'request', ci: 'apollo', message: { type: 'ping' }, options: { deadlineMs: 500 } },
    ]);
  });

  test('is false after an error, or another answer', async () => {
    const lost = new ChoragusError('connection_lost', 'gone');
    expect(await fixture(failing(lost), { cis }).client.ping('localhost', 45012)).toBe(false);
    const chatty = fixture({ request: (ci) => of(replyFrom(ci)) }, { cis });
    expect(await chatty.client.ping('localhost', 45012)).toBe(false);
  });
});
