import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import {
  type ChoragusError,
  createPool,
  type Ordering,
  type Pool,
  type PoolOptions,
  type Reply,
} from '../../../src/index.js';
import { rawIdOf } from '../../support/raw-json.js';
import { RawCi } from '../../support/raw-peer.js';
import { soon } from '../../support/soon.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A CI that a test answers: each request's line, with its answer function. */
interface HandCi {
  readonly url: string;
  readonly connections: () => number;
  requests(count: number): Promise<readonly { readonly line: string; reply(line: string): void }[]>;
}

async function tcpCi(echoes: boolean): Promise<HandCi> {
  const ci = await RawCi.listen(undefined, { echoes });
  closing.push(() => ci[Symbol.asyncDispose]());
  return {
    url: ci.url,
    connections: () => ci.connections.length,
    requests: async (count) =>
      (await ci.requests(count)).map((one) => ({ line: one.line, reply: (line) => one.reply(`${line}\n`) })),
  };
}

async function webSocketCi(): Promise<HandCi> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const all: { line: string; reply(line: string): void }[] = [];
  let connections = 0;
  server.on('connection', (ws) => {
    connections += 1;
    ws.on('message', (data) => {
      all.push({ line: String(data), reply: (line) => ws.send(line) });
      server.emit('request');
    });
  });
  closing.push(() => {
    for (const ws of server.clients) ws.terminate();
    server.close();
  });
  const requests: HandCi['requests'] = async (count) => {
    while (all.length < count) await once(server, 'request');
    return all;
  };
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, connections: () => connections, requests };
}

function pooled(url: string, options: Partial<PoolOptions> = {}): Pool {
  const pool = createPool({ cis: { apollo: url }, logger: false, maxConnections: 1, ...options });
  closing.push(() => pool.close({ drainTimeoutMs: 0 }));
  return pool;
}

/** Lines with one token that no JSON reader accepts; `,ID` marks the place of an id. Their texts are secret. */
const lines: readonly (readonly [token: string, line: string])[] = [
  ['NaN', '{"type":"chat_response","content":"NaN secret","score":NaN,ID}'],
  ['Infinity', '{ID, "type": "chat_response", "content": "a \\"secret\\" of Infinity", "a": [1, {"b": Infinity}]}'],
  ['-Infinity', '{"type":"chat_response","secret":[-Infinity,NaN],"content":"x",ID}'],
];

/** Returns a line with this id, or without one. */
function withId(line: string, id: string | undefined): string {
  return id === undefined ? line.replace(/,ID|ID,/, '') : line.replace('ID', `"request_id":${id}`);
}

/** The error names the token and its position, counted from 0 or from 1, and nothing of the text. */
function expectTold({ code, message, plainReason }: ChoragusError, token: string, line: string): void {
  expect(code).toBe('protocol_error');
  const at = line.search(new RegExp(`(?<=[:[ ])${token}(?=[,\\]}])`));
  for (const text of [message, plainReason]) {
    expect(text).toContain(token);
    expect(text).toMatch(new RegExp(`(?<!\\d)(?:${at}|${at + 1})(?!\\d)`));
    expect(text).not.toContain('secret');
  }
}

const COUNT = 50;

const cis: readonly (readonly [what: string, ordering: Ordering, make: () => Promise<HandCi>])[] = [
  ['that echoes ids', 'byId', () => tcpCi(true)],
  ['without ids', 'proved', () => tcpCi(false)],
  ['without ids, whose order is trusted', 'trusted', () => tcpCi(false)],
  ['that echoes ids, over WebSocket', 'byId', webSocketCi],
];

describe.each(cis)('a CI %s', (_, ordering, make) => {
  const isEchoing = ordering === 'byId';

  test.each(lines)('an answer with %s fails its own request, and no other', async (token, template) => {
    const ci = await make();
    const trust: Partial<PoolOptions> = ordering === 'trusted' ? { ordering } : {};
    const pool = pooled(ci.url, isEchoing ? {} : { pipelining: COUNT, ...trust });
    const answer = ({ line }: { readonly line: string }): string => {
      const id = isEchoing ? `,"request_id":${rawIdOf(line)}` : '';
      return `{"type":"chat_response","content":"to ${JSON.parse(line).content}"${id}}`;
    };
    // Once its CI is known, a connection carries many at a time.
    let before = 0;
    for (let isKnown = false; !isKnown; before += 1) {
      const reply = firstValueFrom(pool.ask('apollo', 'first'));
      const request = (await soon(ci.requests(before + 1), 'a request')).at(-1) as {
        line: string;
        reply(line: string): void;
      };
      request.reply(answer(request));
      isKnown = (await soon(reply, 'an answer')).reused;
    }
    expect(pool.snapshot().cis.apollo?.ordering).toBe(ordering);
    const connections = ci.connections();

    const asked = Array.from({ length: COUNT }, (_, index) =>
      firstValueFrom(pool.ask('apollo', `${index}`)).catch((error: ChoragusError) => error),
    );
    const requests = (await soon(ci.requests(before + COUNT), 'all requests')).slice(before);
    const bad = requests.find(({ line }) => JSON.parse(line).content === '20') as (typeof requests)[number];
    const badLine = withId(template, isEchoing ? rawIdOf(bad.line) : undefined);
    for (const request of requests) request.reply(request === bad ? badLine : answer(request));

    const outcomes = await soon(Promise.all(asked), 'all outcomes');
    expectTold(outcomes[20] as ChoragusError, token, badLine);
    expect((outcomes[20] as ChoragusError).delivery).toBe('answered');
    const texts = outcomes.map((outcome) => (outcome as Reply).content).filter((text) => text !== undefined);
    expect(texts).toEqual(
      Array.from({ length: COUNT }, (_, index) => `to ${index}`).filter((text) => text !== 'to 20'),
    );
    const { totals, cis: statuses } = pool.snapshot();
    expect([ci.connections(), totals.metrics.connects, totals.metrics.retired]).toEqual([connections, connections, 0]);
    expect(statuses.apollo?.lastError?.message).not.toContain('secret');

    const next = firstValueFrom(pool.ask('apollo', 'next'));
    const last = (await soon(ci.requests(before + COUNT + 1), 'one more request')).at(-1) as (typeof requests)[number];
    last.reply(answer(last));
    expect((await soon(next, 'one more answer')).content).toBe('to next');
    expect(ci.connections()).toBe(connections);
  });
});

test('a chunk with NaN fails its stream, and no other', async () => {
  const ci = await tcpCi(true);
  const pool = pooled(ci.url);
  const first = firstValueFrom(pool.ask('apollo', 'first'));
  const [warm] = await soon(ci.requests(1), 'a request');
  warm?.reply(`{"type":"chat_response","content":"x","request_id":${rawIdOf(warm.line)}}`);
  await soon(first, 'the first answer');

  const streams = ['0', '1'].map((content) =>
    lastValueFrom(pool.stream('apollo', content).pipe(toArray())).catch((error: ChoragusError) => error),
  );
  const [one, other] = (await soon(ci.requests(3), 'two streams')).slice(1);
  const idOf = ({ line }: { readonly line: string }) => `"request_id":${rawIdOf(line)}`;
  for (const each of [one, other]) each?.reply(`{"type":"stream_chunk","content":"secret",${idOf(each)}}`);
  const line = `{"type":"stream_chunk","content":"secret","metadata":{"p":NaN},${idOf(one as { line: string })}}`;
  one?.reply(line);
  other?.reply(`{"type":"stream_end",${idOf(other)}}`);

  const [failure, chunks] = await soon(Promise.all(streams), 'both outcomes');
  expectTold(failure as ChoragusError, 'NaN', line);
  expect((failure as ChoragusError).partial).toBe('secret');
  expect(chunks).toHaveLength(1);
  expect(ci.connections()).toBe(1);
});

test('the words NaN and Infinity within texts are ordinary text', async () => {
  const ci = await tcpCi(false);
  const pool = pooled(ci.url);
  const asked = firstValueFrom(pool.ask('apollo', 'x'));
  const [request] = await soon(ci.requests(1), 'a request');
  request?.reply('{"type":"chat_response","content":"\\": NaN, -Infinity","NaN":"Infinity"}');
  expect((await soon(asked, 'an answer')).content).toBe('": NaN, -Infinity');
});
