import { Observable } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ChoragusError, type Chunk, type Pool, type Reply, type RequestOptions } from '../../../src/index.js';
import { faults, type Script } from '../../../src/testing/index.js';
import { until, useStage } from '../../support/stage.js';
import { watch } from '../../support/watch.js';

const stage = useStage();

/** A pool of two healthy CIs: bad input to `apollo` must not affect `apollo` or `athena`. */
async function pairOf(script: Script = faults.replies()) {
  const [apollo, athena] = [await stage.scripted(script), await stage.scripted(faults.replies())];
  const cis = { apollo: apollo.url, athena: athena.url };
  const pool = stage.pool({ cis, maxRequestBytes: 1_000, maxReplyBytes: 2_000, reconnectDelayMs: 1 });
  const beside = watch(pool.ask('athena', 'at the same time'));
  return { apollo, pool, beside };
}

async function expectUnharmed(pool: Pool): Promise<void> {
  const asked = ['apollo', 'athena'].map((ci) => watch(pool.ask(ci, 'still there?', { waitForReady: true })));
  expect(await Promise.all(asked.map(({ ended }) => ended))).toEqual(['reply', 'reply']);
}

type Make = (pool: Pool) => Observable<Reply | Chunk>;
const ask =
  (message: unknown, options?: unknown): Make =>
  (pool) =>
    pool.ask('apollo', message as string, options as RequestOptions);
const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

describe('an invalid request is never sent', () => {
  const invalid = 'invalid_config not_sent undefined';
  test.each<[string, string, Make]>([
    ['an unknown CI', 'unknown_ci not_sent undefined', (pool) => pool.ask('hermes', 'hello')],
    ['a CI named __proto__', 'unknown_ci not_sent undefined', (pool) => pool.ask('__proto__', 'hello')],
    ['a CI name that is no text', invalid, (pool) => pool.ask(undefined as unknown as string, 'x')],
    ['a stream of an unknown CI', 'unknown_ci not_sent undefined', (pool) => pool.stream('hermes', 'hello')],
    ['an empty message', invalid, ask('')],
    ['an empty message to stream', invalid, (pool) => pool.stream('apollo', '')],
    ['no message', invalid, ask(undefined)],
    ['null', invalid, ask(null)],
    ['a number', invalid, ask(42)],
    ['a list', invalid, ask(['hello'])],
    ['a function', invalid, ask(() => 'hello')],
    ['an object without content', invalid, ask({ text: 'hello' })],
    ['an object with empty content', invalid, ask({ content: '' })],
    ['an object whose content is a number', invalid, ask({ content: 7 })],
    ['a cyclic message', invalid, ask({ content: 'hello', context: cyclic })],
    ['a message with a bigint', invalid, ask({ content: 'hello', context: { big: 1n } })],
    ['a message with a toJSON', invalid, ask({ content: 'hello', toJSON: () => 'hello' })],
    ['a request without a type', invalid, (pool) => pool.request('apollo', {} as { type: string })],
    ['a request for a stream', invalid, (pool) => pool.request('apollo', { type: 'chat', stream: true })],
    ['a message over maxRequestBytes', 'request_too_large not_sent undefined', ask('x'.repeat(1_000))],
    ['one that is too long in bytes only', 'request_too_large not_sent undefined', ask('世'.repeat(400))],
    ['a deadline of 0', invalid, ask('hello', { deadlineMs: 0 })],
    ['a deadline that is no number', invalid, ask('hello', { deadlineMs: Number.NaN })],
    ['an infinite deadline', invalid, ask('hello', { deadlineMs: Number.POSITIVE_INFINITY })],
    ['an unknown priority', invalid, ask('hello', { priority: 'urgent' })],
    ['an object that is no signal', invalid, ask('hello', { signal: { aborted: false } })],
    ['an unknown option', invalid, ask('hello', { timeout: 5 })],
    ['null as options', invalid, ask('hello', null)],
  ])('%s', async (_, expected, make) => {
    const { apollo, pool, beside } = await pairOf();
    const request = watch(make(pool));
    expect([request.outcome, request.ends]).toEqual([expected, 1]);
    expect(await beside.ended).toBe('reply');
    expect(request.error).toBeInstanceOf(ChoragusError);
    await expectUnharmed(pool);
    expect(apollo.received.map(({ message }) => message.content)).toEqual(['still there?']);
  });
});

describe('an unusual message arrives unchanged', () => {
  test.each([
    ['a line end', 'one\ntwo\r\nthree'],
    ['a lone surrogate', 'cut \ud83c here'],
    ['the name of a prototype', '__proto__'],
    ['a zero, and line ends of Unicode', 'a\0b\u2028c\u2029d\u0085e'],
    ['a text that looks like the protocol', '"}\n{"type":"ping"}'],
    ['pictures', '🎭'.repeat(50)],
    ['exactly the maximum number of bytes', 'x'.repeat(1_000 - 48 - '{"type":"chat","content":""'.length)],
  ])('%s', async (_, content) => {
    const { apollo, pool } = await pairOf();
    const request = watch(pool.ask('apollo', content));
    expect(await request.ended).toBe('reply');
    expect(request.values[0]?.content).toBe(content);
    expect(apollo.received.map(({ message }) => message.content)).toEqual([content]);
    expect(Buffer.byteLength(apollo.received[0]?.line ?? '')).toBeLessThan(1_000);
    await expectUnharmed(pool);
  });

  test('a field named __proto__', async () => {
    const { apollo, pool } = await pairOf();
    const message = JSON.parse('{"content":"hello","__proto__":{"polluted":true},"context":{"__proto__":{"x":1}}}');
    expect(await watch(pool.ask('apollo', message)).ended).toBe('reply');
    expect(apollo.received[0]?.line).toContain('"__proto__":{"polluted":true},"context":{"__proto__":{"x":1}}');
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('its own id, type and stream flag have no effect', async () => {
    const { apollo, pool } = await pairOf();
    const asked = watch(pool.ask('apollo', { content: 'hello', request_id: 'mine', type: 'ping', stream: true }));
    expect(await asked.ended).toBe('reply');
    expect(apollo.received[0]?.message).toMatchObject({ type: 'chat' });
    expect(apollo.received[0]?.message.request_id).not.toBe('mine');
    expect(apollo.received[0]?.message.stream).toBeUndefined();
  });
});

describe('an invalid reply', () => {
  test.each<[string, string, Script]>([
    ['no JSON', 'protocol_error maybe_sent total', faults.garbage()],
    ['no object', 'protocol_error maybe_sent total', faults.notAnObject()],
    ['null', 'protocol_error maybe_sent total', (request) => request.replyText('null\n')],
    ['of the wrong type, with an id', 'protocol_error answered total', faults.wrongType()],
    ['of the wrong type, without one', 'protocol_error maybe_sent total', faults.wrongType({ echo: false })],
    ['of no type, and without a text', 'protocol_error answered total', (request) => request.reply({ content: 1 })],
    ['without content, with an id', 'protocol_error answered total', faults.withoutContent()],
    ['without content, without an id', 'protocol_error answered total', faults.withoutContent({ echo: false })],
    ['a chunk', 'protocol_error answered total', (request) => request.chunk('one')],
    ['over the limit', 'reply_too_large maybe_sent total', faults.oversize(2_001)],
    ['without an end', 'reply_too_large maybe_sent total', (request) => request.replyText('x'.repeat(2_500))],
    ['cut off', 'connection_lost maybe_sent total', faults.cutOff()],
    ['cut off by a reset', 'connection_lost maybe_sent total', faults.resets()],
    ['an error', 'ci_error answered total', (request) => request.error('no')],
    ['an error without a reason', 'ci_error answered total', (request) => request.reply({ type: 'error' })],
    ['an error without an id', 'ci_error answered total', (request) => request.error('no', { echo: false })],
  ])('%s', async (_, expected, script) => {
    const { apollo, pool, beside } = await pairOf(script);
    const request = watch(pool.ask('apollo', 'hello'));
    expect(await request.ended).toBe(expected);
    expect(await beside.ended).toBe('reply');
    expect([request.ends, request.values]).toEqual([1, []]);
    apollo.onRequest(faults.replies());
    await expectUnharmed(pool);
    expect(apollo.received.filter(({ message }) => message.content === 'hello').length).toBe(1);
  });

  test('of exactly the maximum size is accepted', async () => {
    const { pool } = await pairOf(faults.oversize(2_000));
    expect(await watch(pool.ask('apollo', 'hello')).ended).toBe('reply');
  });
});

describe('an invalid address', () => {
  test.each([
    ['a port out of range', 'tcp://localhost:65536', 'its port 65536 is out of range: use 1 to 65535'],
    ['port 0', 'tcp://localhost:0', 'its port 0 is out of range: use 1 to 65535'],
    ['a port below 0', 'tcp://localhost:-1', 'its url must be tcp://host:port'],
    ['no port', 'tcp://localhost', 'its url must be tcp://host:port'],
    ['an unknown scheme', 'gopher://localhost:70', 'its url must begin with one of tcp:, tls:, unix:, ws:, wss:'],
    ['a scheme that every object has', 'constructor://localhost:70', 'its url must begin with one of'],
    ['no scheme', 'localhost:45012', 'its url must begin with one of'],
    ['nothing', '', 'its url must begin with one of'],
    ['a path', 'tcp://localhost:45012/chat', 'its url must be tcp://host:port'],
    ['a relative socket path', 'unix:run/ci.sock', 'its url must be unix: and an absolute path'],
    ['credentials, which are not shown', 'tcp://user:secret@localhost:1', 'its url must be tcp://host:port'],
  ])('%s', (_, url, reason) => {
    const details = { code: 'invalid_config', delivery: 'not_sent', message: expect.stringContaining(reason) };
    const pool = stage.pool({});
    for (const make of [() => stage.pool({ cis: { apollo: url } }), () => pool.add('apollo', url)]) {
      expect(make).toThrow(expect.objectContaining(details));
      expect(make).toThrow(expect.objectContaining({ message: expect.not.stringContaining('secret') }));
    }
    expect(pool.cis).toEqual([]);
  });

  test.each(['__proto__', '', 'two words', 'a\nb', 'x'.repeat(129)])('nor is the name %j accepted', (name) => {
    const pool = stage.pool({});
    expect(() => pool.add(name, 'tcp://localhost:1')).toThrow('[invalid_config]');
  });
});

describe('a name that every object has', () => {
  const names = ['constructor', 'toString', 'hasOwnProperty'];

  test.each(names)('"%s" is a name like any other', async (name) => {
    const ci = await stage.scripted(faults.replies());
    const pool = stage.pool({ cis: { [name]: ci.url } });
    expect(await watch(pool.ask(name, 'hello')).ended).toBe('reply');
    expect(pool.snapshot().cis[name]?.state).toBe('healthy');
  });

  test.each(names)('"%s" is quarantined like any other when its transport crashes repeatedly', async (name) => {
    let dials = 0;
    const crash = new Observable<never>(() => {
      dials += 1;
      throw new TypeError('a bug in a transport');
    });
    const transports = { broken: { prepare: () => () => crash } };
    const pool = stage.pool({ cis: { [name]: 'broken:' }, transports, maxRestarts: 2, reconnectDelayMs: 1 });
    void pool.warm();
    await until(() => dials > 8 || pool.snapshot().cis[name]?.state === 'quarantined');
    expect(pool.snapshot().cis[name]?.state).toBe('quarantined');
  });
});

describe('a pool that is closed', () => {
  test('is closed once, for any number of calls', async () => {
    const { pool } = await pairOf();
    const [first, second] = [pool.close(), pool.close({ drainTimeoutMs: 1 })];
    expect(await second).toEqual(await first);
    expect(await pool.close()).toEqual(await first);
  });

  test('accepts nothing any more', async () => {
    const { apollo, pool } = await pairOf();
    const closing = pool.close();
    for (const when of ['closing', 'closed']) {
      const requests = [
        pool.ask('apollo', when),
        pool.stream('apollo', when),
        pool.request('apollo', { type: 'info' }),
      ];
      const ends = await Promise.all(
        requests.map((request) => watch<Reply | Chunk>(request as Observable<Reply>).ended),
      );
      expect(ends).toEqual(Array(3).fill('closed not_sent undefined'));
      expect(() => pool.add('hermes', 'tcp://localhost:1')).toThrow('[closed]');
      await expect(pool.warm()).rejects.toThrow('[closed]');
      await closing;
    }
    expect(apollo.received).toEqual([]);
  });
});
