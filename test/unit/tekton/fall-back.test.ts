import { defer, of, Subject, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Outcome, Reply } from '../../../src/contract/index.js';
import { ChoragusError, type Code, codes, type Delivery } from '../../../src/errors/index.js';
import { maxDirectConnections } from '../../../src/tekton/direct.js';
import { failing, replyFrom } from './fake-pool.js';
import { fixture } from './fixture.js';

const cis = { apollo: 'tcp://localhost:45012' };
const deliveries: readonly Delivery[] = ['not_sent', 'maybe_sent', 'answered'];
const every = codes.flatMap((code) => deliveries.map((delivery) => [code, delivery] as const));
const mayFallBack = (code: Code, delivery: Delivery): boolean =>
  delivery === 'not_sent' && ['unavailable', 'overloaded', 'closed'].includes(code);
const unavailable = new ChoragusError('unavailable', 'down', { delivery: 'not_sent' });

describe('a direct connection', () => {
  test.each(every)('is tried after %s, %s only if nothing can have been sent', async (code, delivery) => {
    const error = new ChoragusError(code, 'failed', { delivery });
    const { client, directs, pool } = fixture(failing(error), { cis });
    const results = [
      await client.sendMessage('localhost', 45012, 'hello'),
      await client.sendToAi('apollo', 'hello'),
      (await client.sendToAll('hello')).apollo,
    ];
    const isAlive = await client.ping('localhost', 45012);
    const isAllowed = mayFallBack(code, delivery);
    for (const result of results) {
      if (isAllowed) expect(result).toMatchObject({ success: true, connection_reused: false });
      else expect(result).toMatchObject({ success: false, error: `[${code}] failed` });
    }
    expect(isAlive).toBe(isAllowed);
    expect(directs).toHaveLength(isAllowed ? 4 : 0);
    expect(pool.calls).toHaveLength(4);
  });

  test("is a pool of one connection with the client's options, and is closed at once", async () => {
    const directOptions = { connectTimeoutMs: 700, cis: { athena: 'tcp://localhost:45005' }, maxConnections: 9 };
    const { client, directs } = fixture(failing(unavailable), { cis, directOptions });
    await client.sendToAi('apollo', 'hello');
    expect(directs.map(({ options }) => options)).toEqual([
      { connectTimeoutMs: 700, cis: { apollo: 'tcp://localhost:45012' }, maxConnections: 1, logger: false },
    ]);
    expect(directs[0]?.pool.closes).toEqual([{ drainTimeoutMs: 0 }]);
  });

  test('gets the time that the pool left', async () => {
    const { client, directs, clock } = fixture(
      {
        ask: () =>
          defer(() => {
            clock.ms += 1_900;
            return throwError(() => unavailable);
          }),
      },
      { cis },
    );
    const result = await client.sendMessage('localhost', 45012, 'hello', { timeout: 2 });
    expect(directs[0]?.pool.calls[0]?.options).toEqual({ deadlineMs: 100 });
    expect(result).toMatchObject({ elapsed_time: 1.9 });
  });

  test.each([
    [{}, 29_000],
    [{ requestTimeoutMs: 5_000 }, 4_000],
  ])('has the rest of the default timeout of %j if no timeout is given', async (directOptions, deadlineMs) => {
    const { client, directs, clock } = fixture(
      {
        ask: () =>
          defer(() => {
            clock.ms += 1_000;
            return throwError(() => unavailable);
          }),
      },
      { cis, directOptions },
    );
    await client.sendToAi('apollo', 'hello');
    expect(directs[0]?.pool.calls[0]?.options).toEqual({ deadlineMs });
  });

  test('is not tried when no time is left', async () => {
    const { client, directs, clock } = fixture(
      {
        ask: () =>
          defer(() => {
            clock.ms += 2_000;
            return throwError(() => unavailable);
          }),
      },
      { cis },
    );
    const result = await client.sendToAi('apollo', 'hello', { timeout: 2 });
    expect(result).toMatchObject({ success: false, error: '[unavailable] down' });
    expect(directs).toEqual([]);
  });

  test('returns its own failure, and is closed after it, too', async () => {
    const cut = new ChoragusError('connection_lost', 'cut');
    const { client, directs } = fixture(failing(unavailable), { cis, direct: failing(cut) });
    expect(await client.sendToAi('apollo', 'hello')).toMatchObject({ success: false, error: '[connection_lost] cut' });
    expect(directs[0]?.pool.closes).toHaveLength(1);
  });

  test('is tried only once', async () => {
    const { client, directs } = fixture(failing(unavailable), { cis, direct: failing(unavailable) });
    expect(await client.sendToAi('apollo', 'hello')).toMatchObject({ success: false, error: '[unavailable] down' });
    expect(directs).toHaveLength(1);
  });

  test('never counts as reused, even if it says so itself', async () => {
    const direct = { ask: (ci: string) => of(replyFrom(ci, { reused: true })) };
    const { client } = fixture(failing(unavailable), { cis, direct });
    expect(await client.sendToAi('apollo', 'hello')).toMatchObject({ success: true, connection_reused: false });
  });

  test('is not tried for a CI with TLS, because only the pool has its settings', async () => {
    const { client, directs } = fixture(failing(unavailable), { cis: { athena: 'tls://athena:45005' } });
    expect(await client.sendToAi('athena', 'hello')).toMatchObject({ success: false, error: '[unavailable] down' });
    expect(await client.sendMessage('athena', 45005, 'hello')).toMatchObject({
      success: false,
      error: '[unavailable] down',
    });
    expect(directs).toEqual([]);
  });

  test('is not tried for a name unknown to the pool', async () => {
    const { client, directs } = fixture(failing(unavailable), { cis });
    expect(await client.sendToAi('zeus', 'hello')).toMatchObject({ error: expect.stringContaining('[unknown_ci]') });
    expect(directs).toEqual([]);
  });

  test('goes to the address if the pool is closed and takes no new CI', async () => {
    const { client, pool, directs } = fixture();
    await pool.close();
    expect(await client.sendMessage('localhost', 45099, 'hello')).toMatchObject({ success: true });
    expect(directs[0]?.options.cis).toEqual({ 'localhost:45099': 'tcp://localhost:45099' });
  });

  test('goes to the last address that the pool had for the CI', async () => {
    const closed = new ChoragusError('closed', 'closed', { delivery: 'not_sent' });
    const { client, pool, directs } = fixture(failing(closed), { cis });
    await client.sendToAi('apollo', 'while it runs');
    await pool.close();
    expect(await client.sendToAi('apollo', 'hello')).toMatchObject({ success: true });
    expect(directs[1]?.options.cis).toEqual(cis);
  });

  test('is limited in number, and released after each use', async () => {
    const gate = new Subject<Reply>();
    const { client, directs } = fixture(failing(unavailable), { cis, direct: { ask: () => gate } });
    const held = Array.from({ length: maxDirectConnections }, () => client.sendToAi('apollo', 'hello'));
    expect(await client.sendToAi('apollo', 'one too many')).toMatchObject({
      success: false,
      error: '[unavailable] down',
    });
    expect(directs).toHaveLength(maxDirectConnections);
    gate.next(replyFrom('apollo'));
    gate.complete();
    for (const result of await Promise.all(held)) expect(result).toMatchObject({ success: true });
    expect(directs.every(({ pool }) => pool.closes.length === 1)).toBe(true);
  });

  test('is closed if its pool throws instead of answering', async () => {
    const thrower = {
      ask: () => {
        throw new TypeError('a bug');
      },
    };
    const { client, directs } = fixture(failing(unavailable), { cis, direct: thrower });
    expect(await client.sendToAi('apollo', 'hello')).toMatchObject({ success: false, error: 'a bug' });
    expect(directs[0]?.pool.closes).toHaveLength(1);
  });
});

describe('sendToAll', () => {
  const three = { apollo: 'tcp://a:1', athena: 'tcp://b:2', hermes: 'tcp://c:3' };

  test('returns the result of each CI by name, within 2 s by default', async () => {
    const lost = new ChoragusError('deadline_exceeded', 'too late');
    const { client, pool } = fixture(
      {
        broadcast: () =>
          of<Outcome[]>(
            { ci: 'hermes', ok: true, reply: replyFrom('hermes') },
            { ci: 'apollo', ok: false, error: lost },
            { ci: 'athena', ok: true, reply: replyFrom('athena', { reused: false }) },
          ),
      },
      { cis: three },
    );
    expect(await client.sendToAll('hello')).toEqual({
      hermes: expect.objectContaining({ success: true, ai_id: 'hermes', connection_reused: true }),
      apollo: { success: false, error: '[deadline_exceeded] too late', ai_id: 'apollo', elapsed_time: 0 },
      athena: expect.objectContaining({ success: true, connection_reused: false }),
    });
    await client.sendToAll('hello', { timeout: 0.5, temperature: 1 });
    expect(pool.calls.map(({ message, options }) => ({ message, options }))).toEqual([
      { message: 'hello', options: { to: Object.keys(three), deadlineMs: 2_000 } },
      { message: { content: 'hello', temperature: 1 }, options: { to: Object.keys(three), deadlineMs: 500 } },
    ]);
  });

  test('gives the direct connection of a CI the remaining time', async () => {
    const { client, directs, clock } = fixture(
      {
        broadcast: () =>
          defer(() => {
            clock.ms += 1_800;
            return of({ ci: 'apollo', ok: false, error: unavailable } as const);
          }),
      },
      { cis },
    );
    await client.sendToAll('hello');
    expect(directs[0]?.pool.calls[0]?.options).toEqual({ deadlineMs: 200 });
  });

  test('does not send to the CIs added by address', async () => {
    const { client } = fixture({}, { cis: three });
    await client.sendMessage('elsewhere', 9, 'hello');
    expect(Object.keys(await client.sendToAll('hello'))).toEqual(Object.keys(three));
  });

  test('reports a bad timeout, or a broken broadcast, for every CI', async () => {
    const { client } = fixture({ broadcast: () => throwError(() => new TypeError('a bug')) }, { cis: three });
    const broken = await client.sendToAll('hello');
    expect(broken).toEqual(
      Object.fromEntries(
        Object.keys(three).map((ci) => [ci, { success: false, error: 'a bug', ai_id: ci, elapsed_time: 0 }]),
      ),
    );
    const refused = await client.sendToAll('hello', { timeout: -1 });
    expect(Object.values(refused).every(({ success }) => !success)).toBe(true);
  });

  test('is empty for a pool without CIs', async () => {
    expect(await fixture().client.sendToAll('hello')).toEqual({});
  });
});
