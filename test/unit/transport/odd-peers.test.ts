import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { createPool, type Pool, type PoolOptions } from '../../../src/index.js';
import { certificates } from '../../support/certificates.js';
import { oddLines, oddMessages } from '../../support/odd-lines.js';
import { raw } from '../../support/raw-lines.js';
import { RawCi, type RawRequest } from '../../support/raw-peer.js';
import { soon } from '../../support/soon.js';
import { until } from '../../support/stage.js';
import { failureOf } from '../../support/watch.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function pooled(url: string, options: Partial<PoolOptions> = {}): Pool {
  const pool = createPool({ cis: { apollo: { url, tls: { ca: certificates.ca } } }, logger: false, ...options });
  closing.push(() => pool.close({ drainTimeoutMs: 0 }));
  return pool;
}

async function rawCi(wire: 'tcp' | 'tls' | 'unix', onRequest?: (request: RawRequest) => void): Promise<RawCi> {
  const ci = await RawCi.listen(onRequest, { wire });
  closing.push(() => ci[Symbol.asyncDispose]());
  return ci;
}

/** Asks one question after the other. Returns the texts of the answers. */
async function asked(pool: Pool, contents: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  for (const content of contents)
    texts.push((await soon(firstValueFrom(pool.ask('apollo', content)), content)).content);
  return texts;
}

const reply = (content: string): string => `{"type":"chat_response","content":"${content}"}`;
const one = { maxConnections: 1 };
const trusted = { ...one, ordering: 'trusted' } as const;
/** With a proved order, probes and their answers lie between the odd bytes. */
const inBothOrders = <Row extends readonly unknown[]>(rows: readonly Row[]) =>
  (['trusted', 'proved'] as const).flatMap((ordering) => rows.map((row) => [ordering, ...row] as const));

/** No odd bytes were taken for an answer. With a trusted order, everything used one connection. */
async function expectInOrder(pool: Pool, ordering: 'trusted' | 'proved', connections: number): Promise<void> {
  await until(() => pool.snapshot().cis.apollo?.ordering === ordering);
  const { unsolicited, orderViolations } = pool.snapshot().totals.metrics;
  expect([unsolicited, orderViolations]).toEqual([0, 0]);
  if (ordering === 'trusted') expect(connections).toBe(1);
}

describe.each(['tcp', 'tls', 'unix'] as const)('a CI over %s', (wire) => {
  test.each(inBothOrders(oddLines))('with %s order, sends %s', async (ordering, _, text) => {
    // The first answer brings everything up to the second answer; the second brings the rest.
    const [upToB = '', rest = ''] = raw(text).split('B');
    const answers = [upToB.replace('A', reply('a')), `${reply('b')}${rest}`, `${reply('c')}\n`];
    const ci = await rawCi(wire, (request) => request.reply(answers[ci.lines.length - 1] as string));
    const pool = pooled(ci.url, { ...one, ordering });
    expect(await asked(pool, ['1', '2', '3'])).toEqual(['a', 'b', 'c']);
    await expectInOrder(pool, ordering, ci.connections.length);
  });

  const greetings = [
    ['a byte order mark', '\ufeff'],
    ['an empty line', '\n'],
    ['a byte order mark and blank lines', '\ufeff\r\n \n'],
  ] as const;

  test.each(inBothOrders(greetings))('with %s order, greets with %s', async (ordering, _, greeting) => {
    const ci = await rawCi(wire, (request) => request.reply(`${reply('a')}\n`));
    const pool = pooled(ci.url, { ...one, ordering });
    await pool.warm();
    ci.connections[0]?.send(raw(greeting));
    expect(await asked(pool, ['1', '2', '3'])).toEqual(['a', 'a', 'a']);
    await expectInOrder(pool, ordering, ci.connections.length);
  });

  test.each([
    ['without an end', ''],
    ['with half an end', '\r'],
    ['with spaces behind', ' \t'],
  ])('closes after a last line %s: it is an answer', async (_, end) => {
    const ci = await rawCi(wire, (request) => {
      request.reply(`${reply('last')}${end}`);
      request.connection.close();
    });
    expect(await asked(pooled(ci.url, one), ['1'])).toEqual(['last']);
  });

  test('closes after the last of several lines: all of them are answers', async () => {
    const ci = await rawCi(wire, (request) => {
      if (ci.lines.length < 3) return;
      ci.lines[0]?.reply(`${reply('1')}\n`);
      ci.lines[1]?.reply(`${reply('2')}\n`);
      request.reply(reply('3'));
      request.connection.close();
    });
    const pool = pooled(ci.url, { ...trusted, pipelining: 3 });
    const answers = ['1', '2', '3'].map((content) => firstValueFrom(pool.ask('apollo', content)));
    const contents = (await soon(Promise.all(answers), 'three answers')).map(({ content }) => content);
    expect(contents).toEqual(['1', '2', '3']);
  });

  test('closes after the last line of a stream', async () => {
    const ci = await rawCi(wire, (request) => {
      request.reply('{"type":"stream_chunk","content":"all"}\n{"type":"stream_end"}');
      request.connection.close();
    });
    const chunks = lastValueFrom(pooled(ci.url, one).stream('apollo', 'x').pipe(toArray()));
    expect((await soon(chunks, 'a stream')).map(({ content }) => content)).toEqual(['all']);
  });

  test.each([
    ['in the middle of a line', '{"type":"chat_response","content":"x"'],
    ['after a line that is no object', '"x"'],
  ])('closes %s: that is no answer', async (_, text) => {
    const ci = await rawCi(wire, (request) => {
      request.reply(text);
      request.connection.close();
    });
    const failure = await firstValueFrom(pooled(ci.url, one).ask('apollo', 'x')).catch(failureOf);
    expect(['connection_lost maybe_sent total', 'protocol_error maybe_sent total']).toContain(failure);
  });
});

describe('a CI over WebSocket', () => {
  /** Answers each message with the next of these, and a pool's probes correctly. */
  async function webSocketCi(answers: readonly (readonly string[])[], onAnswered: (ws: WebSocket) => void = () => {}) {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    let sockets = 0;
    let asked = 0;
    server.on('connection', (ws) => {
      sockets += 1;
      ws.on('message', (data) => {
        const probe = /^\{"type":"(ping|health|info)"\}$/.exec(String(data))?.[1];
        if (probe !== undefined) return ws.send(`{"type":"${probe === 'ping' ? 'pong' : `${probe}_response`}"}`);
        for (const message of answers[asked] ?? []) ws.send(message);
        asked += 1;
        onAnswered(ws);
      });
    });
    closing.push(() => {
      for (const ws of server.clients) ws.terminate();
      server.close();
    });
    return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets: () => sockets };
  }

  test.each(inBothOrders(oddLines))('with %s order, sends %s', async (ordering, _, text) => {
    const messages = oddMessages(text, reply('a'), reply('b'));
    const first = messages.findIndex((message) => message.includes(reply('a')));
    const ci = await webSocketCi([messages.slice(0, first + 1), messages.slice(first + 1), [reply('c')]]);
    const pool = pooled(ci.url, { ...one, ordering });
    expect(await asked(pool, ['1', '2', '3'])).toEqual(['a', 'b', 'c']);
    await expectInOrder(pool, ordering, ci.sockets());
  });

  test.each(['trusted', 'proved'] as const)('with %s order, sends an empty message', async (ordering) => {
    const ci = await webSocketCi([['', reply('a'), ''], ['', reply('b'), ''], [reply('c')]]);
    const pool = pooled(ci.url, { ...one, ordering });
    expect(await asked(pool, ['1', '2', '3'])).toEqual(['a', 'b', 'c']);
    await expectInOrder(pool, ordering, ci.sockets());
  });

  test('closes after its answer: the answer counts', async () => {
    const ci = await webSocketCi([[reply('last')]], (ws) => ws.close());
    expect(await asked(pooled(ci.url, one), ['1'])).toEqual(['last']);
  });
});
