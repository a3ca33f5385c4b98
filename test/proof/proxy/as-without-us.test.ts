import { describe, expect, test } from 'vitest';
import { RawClient } from '../../support/raw-client.js';
import { rawIdOf } from '../../support/raw-json.js';
import type { RawRequest } from '../../support/raw-peer.js';
import { soon } from '../../support/soon.js';
import { until } from '../../support/stage.js';
import { type RawProxy, type RawProxyOptions, useRawProxy } from './raw-proxy-rig.js';

const { open } = useRawProxy();

const CHAT = '{"type":"chat","content":"x"}\n';
const ANSWER = '{"type":"chat_response", "content":"\\u00e9"}\n';
const answering = (request: RawRequest): void => request.reply(ANSWER);
/** Dials again soon. */
const quick = { reconnectDelayMs: 20, maxReconnectDelayMs: 50, connectTimeoutMs: 500 };

/** What a client receives for one question: all bytes up to the first line or the end, or a refused connect. */
async function attempt(url: string): Promise<string> {
  let client: RawClient;
  try {
    client = await RawClient.to(url);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code as string;
  }
  client.send(CHAT);
  await soon(client.got(1), 'an answer, or an end');
  client.close();
  return client.text;
}

/** Tries repeatedly until a client gets this; all others must get one of `meanwhile`. */
async function untilSeen(url: string, what: string, meanwhile: readonly string[]): Promise<void> {
  const giveUpMs = performance.now() + 8_000;
  for (;;) {
    const seen = await attempt(url);
    if (seen === what) return;
    expect(meanwhile).toContain(seen);
    if (performance.now() > giveUpMs) throw new Error(`never seen: ${what}, and last: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Connects without a question, until the other end closes one of the connections within a moment. Returns the bytes it sent. */
async function closedUnasked(url: string): Promise<string> {
  for (let tries = 0; tries < 40; tries += 1) {
    const client = await RawClient.to(url);
    const isClosed = await soon(client.ended, 'the end', 200).then(
      () => true,
      () => false,
    );
    client.close();
    if (isClosed) return client.text;
  }
  throw new Error('a connection to a CI that is down stays open');
}

describe('a CI that is down', () => {
  test('refuses connects until it is up again', async () => {
    const { ci, url } = await open({ onRequest: answering, pool: quick });
    await untilSeen(url, ANSWER, []);
    for (let round = 0; round < 2; round += 1) {
      await ci.leave();
      // A client that connects while the listener closes gets a reset.
      await untilSeen(url, 'ECONNREFUSED', ['', 'ECONNRESET']);
      for (let again = 0; again < 3; again += 1) expect(await attempt(url)).toBe('ECONNREFUSED');
      await ci.comeBack();
      await untilSeen(url, ANSWER, ['', 'ECONNREFUSED']);
    }
  });

  test('from the start: the proxy still starts, and refuses clients until it is up', async () => {
    const rig = await open({ onRequest: answering, pool: quick, ciIsUp: false });
    await untilSeen(rig.url, 'ECONNREFUSED', ['', 'ECONNRESET']);
    await rig.ci.comeBack();
    await untilSeen(rig.url, ANSWER, ['', 'ECONNREFUSED']);
  });

  test("with whenDown: 'close', closes each connection at once, before any question", async () => {
    const { ci, url } = await open({ onRequest: answering, pool: quick, proxy: { whenDown: 'close' } });
    await untilSeen(url, ANSWER, []);
    await ci.leave();
    await untilSeen(url, '', []);
    expect(await closedUnasked(url)).toBe('');
    await ci.comeBack();
    await untilSeen(url, ANSWER, ['']);
  });

  test('closes on a connected client, without a byte', async () => {
    const { ci, client } = await open({ onRequest: answering, pool: quick });
    const one = await client();
    one.send(CHAT);
    await soon(one.got(1), 'an answer');
    await ci.leave();
    if (one.end === 'open') one.send(CHAT);
    expect(await soon(one.ended, 'the end')).toBe(ANSWER);
  });

  test.each(['maybe', 1, true, null])('rejects whenDown: %j', async (whenDown) => {
    const opening = open({ proxy: { whenDown: whenDown as never } });
    await expect(opening).rejects.toMatchObject({
      code: 'invalid_config',
      message: expect.stringMatching(/whenDown.*refuse.*close/),
    });
  });
});

/** How a request fails, and what the client may see of it: nothing, or the CI's own bytes. */
interface Failing extends RawProxyOptions {
  readonly code: string;
  readonly delivery: string;
  /** Runs once the request has reached the CI. */
  act?(rig: RawProxy, request: RawRequest): unknown;
  readonly said?: string;
}

const chunk = '{"type":"stream_chunk","content":"one"}\n';
const wrong = '%! this is no JSON\n';
const long = `{"type":"chat_response","content":"${'x'.repeat(1_000)}"}\n`;
const failures: Readonly<Record<string, Failing>> = {
  'a deadline': { pool: { requestTimeoutMs: 60 }, code: 'deadline_exceeded', delivery: 'maybe_sent' },
  'a reset by the CI': { act: (_, one) => one.connection.reset(), code: 'connection_lost', delivery: 'maybe_sent' },
  'a close by the CI': { act: (_, one) => one.connection.close(), code: 'connection_lost', delivery: 'maybe_sent' },
  'an answer that is no JSON': {
    act: (_, one) => one.reply(wrong),
    said: wrong,
    code: 'protocol_error',
    delivery: '',
  },
  'an answer that is no object': {
    act: (_, one) => one.reply('[1]\n'),
    said: '[1]\n',
    code: 'protocol_error',
    delivery: '',
  },
  'an answer that is too long': {
    pool: { maxReplyBytes: 256 },
    act: (_, one) => one.reply(long),
    code: 'reply_too_large',
    delivery: 'maybe_sent',
  },
  'a CI that is removed': {
    act: ({ pool }) => void pool.remove('apollo', { drainTimeoutMs: 0 }),
    code: 'closed',
    delivery: 'maybe_sent',
  },
  'the end of the pool': {
    act: ({ pool }) => void pool.close({ drainTimeoutMs: 0 }),
    code: 'closed',
    delivery: 'maybe_sent',
  },
};

/** Sends a request, makes it fail, and returns the client. */
async function failed({ act, ...options }: Failing, line: string): Promise<RawClient> {
  const rig = await open({ ...options, pool: { ...quick, ...options.pool } });
  const client = await rig.client();
  client.send(line);
  const request = await soon(rig.ci.next(), 'a request');
  await act?.(rig, request);
  return client;
}

describe('a failure of the proxy: the connection closes without a line', () => {
  const asks = [
    CHAT,
    '{"type":"chat","content":"x","request_id":7}\n',
    '{"type":"chat","content":"x","choragus":true}\n',
  ];

  test.each(Object.entries(failures))('%s', async (_, failing) => {
    for (const line of asks) {
      const client = await failed(failing, line);
      expect(['', failing.said]).toContain(await soon(client.ended, `the end after ${line}`));
      client.close();
    }
  });

  test.each([
    ['a deadline', failures['a deadline'] as Failing],
    ['a reset by the CI', failures['a reset by the CI'] as Failing],
  ])("%s in the middle of a stream: after the CI's own bytes", async (_, failing) => {
    const rig = await open({ pool: { ...quick, ...failing.pool } });
    const stream = await rig.client();
    stream.send('{"type":"chat","content":"x","stream":true}\n');
    const request = await soon(rig.ci.next(), 'a request');
    request.reply(chunk, 'more');
    await soon(stream.got(1), 'the first piece');
    await failing.act?.(rig, request);
    expect(await soon(stream.ended, 'the end')).toBe(chunk);
  });

  test('overload: only the request over the limit', async () => {
    const { ci, pool, client } = await open({ pool: { maxConnections: 1, maxWaiting: 1 } });
    const [first, second, third] = [await client(), await client(), await client()];
    first.send(CHAT);
    const request = await soon(ci.next(), 'the first');
    second.send(CHAT);
    await until(() => pool.snapshot().totals.waiting === 1);
    third.send(CHAT);
    expect(await soon(third.ended, 'the end of the third')).toBe('');
    request.reply(ANSWER);
    (await soon(ci.next(), 'the second')).reply(ANSWER);
    expect([await first.got(1), await second.got(1)]).toEqual([[ANSWER.trim()], [ANSWER.trim()]]);
  });

  test('the end of a drain', async () => {
    const { ci, proxy, client } = await open();
    const one = await client();
    one.send(CHAT);
    await soon(ci.next(), 'a request');
    await proxy.close({ drainTimeoutMs: 20 });
    expect(await soon(one.ended, 'the end')).toBe('');
  });

  test.each([
    ['the proxy', { proxy: { maxLineBytes: 1_000 } }],
    ['the pool', { pool: { maxRequestBytes: 1_000 } }],
  ])('a line too long for %s', async (_, options) => {
    const { ci, client } = await open({ onRequest: answering, ...options });
    const one = await client();
    one.send(`${CHAT}{"type":"chat","content":"${'x'.repeat(2_000)}"}\n`);
    expect(['', ANSWER]).toContain(await soon(one.ended, 'the end'));
    expect(ci.lines.length).toBeLessThanOrEqual(1);
  });

  test.each(['nonsense', '[1,2]', '"chat"', '{"type":"chat",'])(
    "%s: the client gets only the CI's own answer",
    async (line) => {
      const said = '{"type":"error","error":"Invalid JSON", "by":"the CI"}\n';
      const { client } = await open({ onRequest: (request) => request.reply(said) });
      const one = await client();
      one.finish(`${line}\n`);
      expect(['', said]).toContain(await soon(one.ended, 'the end'));
    },
  );
});

test.each([
  '{"type" : "error","ai_id":"a", "error":"no \\u00e9", "code":12345678901234567890}\n',
  '{"error":"x","message":"y","type":"error"}\r\n',
])('passes an error of the CI on unchanged: %j', async (said) => {
  const { ci, client } = await open({ onRequest: (request) => request.reply(said) });
  for (const line of [CHAT, '{"type":"chat","content":"x","request_id":7,"choragus":true}\n']) {
    const one = await client();
    one.send(line + line);
    await soon(one.got(2), 'two errors');
    expect([one.text, one.end]).toEqual([said + said, 'open']);
  }
  expect(ci.lines.length).toBe(4);
});

describe('a client that sends `"choragus": true` with an id', () => {
  const id = '12345678901234567890';
  const ask = (more = '') => `{"type":"chat","content":"x","choragus":true,"request_id":${id}${more}}\n`;

  test.each(Object.entries(failures))('gets an error for %s, with code and delivery', async (_, failing) => {
    const client = await failed(failing, ask());
    const [line] = await soon(client.got(1), 'an error frame');
    // Bytes from the CI may pass before it.
    if (`${line}\n` === failing.said) return;
    const frame = JSON.parse(line as string);
    expect(frame).toMatchObject({ type: 'error', error: expect.any(String), code: failing.code });
    if (failing.delivery === '') expect(['answered', 'maybe_sent']).toContain(frame.delivery);
    else expect(frame.delivery).toBe(failing.delivery);
    expect(rawIdOf(line as string)).toBe(id);
  });

  test('gets the error of a stream as `stream_error`', async () => {
    const client = await failed(failures['a reset by the CI'] as Failing, ask(',"stream":true'));
    const [line] = await soon(client.got(1), 'an error frame');
    expect(JSON.parse(line as string)).toMatchObject({
      type: 'stream_error',
      code: 'connection_lost',
      delivery: 'maybe_sent',
    });
    expect(rawIdOf(line as string)).toBe(id);
  });

  test('gets an error for a CI that is down, and stays connected', async () => {
    const { ci, client } = await open({ onRequest: answering, pool: quick });
    const one = await client();
    one.send(ask());
    expect(await soon(one.got(1), 'an answer')).toEqual([ANSWER.trim()]);
    await ci.leave();
    one.send(ask());
    const frame = JSON.parse((await soon(one.got(2), 'an error frame'))[1] as string);
    expect(frame).toMatchObject({ type: 'error', code: expect.stringMatching(/^(?:unavailable|connection_lost)$/) });
    expect(['not_sent', 'maybe_sent']).toContain(frame.delivery);
    expect(one.end).toBe('open');
  });
});
