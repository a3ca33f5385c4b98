import { describe, expect, test } from 'vitest';
import { CapturedOutput } from '../../support/captured-output.js';
import { useCommand } from '../../support/command-rig.js';
import { FastClock } from '../../support/fast-clock.js';
import { Gate } from '../../support/gate.js';
import type { RawClient } from '../../support/raw-client.js';
import { RawCi, type RawRequest } from '../../support/raw-peer.js';
import { soon } from '../../support/soon.js';
import { until } from '../../support/stage.js';
import { connected, inTurns, useRawProxy } from './raw-proxy-rig.js';

const { open, onEnd } = useRawProxy();
const { run } = useCommand();

const CLIENTS = 80;
/** A tenth of the real times of a CI and of its clients: 2 s, 30 s. */
const SERVICE_MS = 200;
const PATIENCE_MS = 3_000;
/** How many connections a proxy opens to one CI by default, and how many it keeps. */
const MAX_CONNECTIONS = 64;
const KEPT_CONNECTIONS = 4;

/** Answers without ids, one line of a connection after the other, each after the same work. */
const serving = (work: () => Promise<unknown>) =>
  inTurns(async (request: RawRequest) => {
    await work();
    request.reply(`{"type":"chat_response","content":"to ${JSON.parse(request.line).content}"}\n`);
  });
const forMs = (ms: number) => () => new Promise((resolve) => setTimeout(resolve, ms));

/** A CI that answers only once this many ask at the same time, each over its own connection, because it answers one at a time. */
function servingOnce(count: number) {
  const gate = new Gate();
  let begun = 0;
  return serving(() => {
    begun += 1;
    if (begun === count) gate.open();
    return gate.opened;
  });
}

/** All ask at once, each over its own connection. Returns the answers received. */
async function askAll(connect: () => Promise<RawClient>, clients = CLIENTS): Promise<unknown[]> {
  const ask = async (_: unknown, index: number) => {
    const client = await connect();
    client.send(`{"type":"chat","content":"${index}"}\n`);
    const [line] = await soon(client.got(1), `an answer to ${index}, or an end`, 2 * PATIENCE_MS);
    client.close();
    return line === undefined ? undefined : JSON.parse(line).content;
  };
  const answers = await Promise.all(Array.from({ length: clients }, ask));
  return answers.filter((answer) => answer !== undefined);
}

const allAnswers = Array.from({ length: CLIENTS }, (_, index) => `to ${index}`);

describe(`${CLIENTS} clients at once, with a CI that answers one at a time on each connection`, () => {
  const limits = [
    ['by default', {}],
    ['with maxConnections: 64', { maxConnections: MAX_CONNECTIONS }],
  ] as const;

  test.each(limits)('all get an answer in time, %s', async (_, options) => {
    const pool = { requestTimeoutMs: PATIENCE_MS, ...options };
    const { client } = await open({ onRequest: serving(forMs(SERVICE_MS)), pool });
    expect(await askAll(client)).toEqual(allAnswers);
  });

  test.each(limits)('are served over 64 connections at once, %s', async (_, pool) => {
    const { ci, client } = await open({ onRequest: servingOnce(MAX_CONNECTIONS), pool });
    expect(await askAll(client)).toEqual(allAnswers);
    expect(ci.mostOpen).toBeGreaterThanOrEqual(MAX_CONNECTIONS);
    // Twice as many, while some retire.
    expect(ci.mostOpen).toBeLessThanOrEqual(2 * MAX_CONNECTIONS);
  });

  test('are served by the command `choragus proxy` in the same way', async () => {
    await using ci = await RawCi.listen(servingOnce(MAX_CONNECTIONS));
    let url = '';
    const stdout = new CapturedOutput('pipe', undefined, (text) => {
      url ||= /clients connect to (\S+)/.exec(text)?.[1] ?? '';
    });
    const stopping = new AbortController();
    const ended = run(['proxy', '--ci', `apollo=${ci.url}`, '--listen', 'apollo=0'], {
      stdout,
      signal: stopping.signal,
    });
    onEnd(async () => {
      stopping.abort('SIGTERM');
      await ended;
    });
    await until(() => url !== '');
    expect(await askAll(() => connected(url))).toEqual(allAnswers);
  });

  test('opens no more connections than are in use at once', async () => {
    const { ci, client } = await open({ onRequest: serving(forMs(1)), pool: { maxConnections: MAX_CONNECTIONS } });
    for (let index = 0; index < 20; index += 1) await askAll(client, 2);
    expect(ci.mostOpen).toBeLessThanOrEqual(2 + KEPT_CONNECTIONS);
  });

  test('keeps at most four connections after 30 s without a request, and they work', async () => {
    const times = 50;
    const lastMs = new Map<object, number>();
    const idleMs: number[] = [];
    const answer = servingOnce(MAX_CONNECTIONS);
    const onRequest = (request: RawRequest) => {
      const { socket } = request.connection;
      if (!lastMs.has(socket))
        socket.once('close', () => idleMs.push(performance.now() - (lastMs.get(socket) as number)));
      lastMs.set(socket, performance.now());
      answer(request);
    };
    const patient = { requestTimeoutMs: 10_000_000, connectTimeoutMs: 1_000_000, healthIntervalMs: 100_000_000 };
    // Connections on which the pool learns about the CI would close sooner.
    const pool = {
      clock: new FastClock(times),
      maxConnections: MAX_CONNECTIONS,
      ordering: 'trusted' as const,
      ...patient,
    };
    const { ci, client } = await open({ onRequest, pool });
    expect(await askAll(client)).toEqual(allAnswers);
    expect(ci.mostOpen).toBeGreaterThanOrEqual(MAX_CONNECTIONS);
    await until(() => ci.open <= KEPT_CONNECTIONS);
    // A timer may fire late, and never early.
    expect(Math.min(...idleMs) * times).toBeGreaterThan(20_000);
    const before = ci.connections.length;
    expect(await askAll(client, 1)).toEqual(['to 0']);
    if (ci.open > 0) expect(ci.connections.length - before).toBeLessThanOrEqual(1);
  });
});

describe('a request that waits for a slot', () => {
  test('waits at most `requestTimeoutMs`: then its client is closed, without a line', async () => {
    const requestTimeoutMs = 500;
    const pool = { maxConnections: 1, requestTimeoutMs };
    const { ci, client } = await open({ onRequest: serving(forMs(SERVICE_MS)), pool });
    const beganMs = performance.now();
    const seen = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => {
        const one = await client();
        one.send(`{"type":"chat","content":"${index}"}\n`);
        await soon(one.got(1), 'an answer, or an end');
        return one.text;
      }),
    );
    expect(performance.now() - beganMs).toBeLessThan(requestTimeoutMs + 2_000);
    const answered = seen.filter((text) => text !== '');
    expect(answered.length).toBeGreaterThan(0);
    expect(answered.length).toBeLessThan(10);
    for (const text of answered) expect(ci.sent).toContain(text);
  });

  test('is not sent once its client is gone', async () => {
    const { ci, client, pool } = await open({ pool: { maxConnections: 1 } });
    const [first, second, third] = [await client(), await client(), await client()];
    first.send('{"type":"chat","content":"first"}\n');
    const request = await soon(ci.next(), 'the first');
    second.send('{"type":"chat","content":"second"}\n');
    await until(() => pool.snapshot().totals.waiting === 1);
    second.socket.resetAndDestroy();
    await until(() => pool.snapshot().totals.waiting === 0);
    third.send('{"type":"chat","content":"third"}\n');
    request.reply('{"type":"chat_response","content":"1"}\n');
    expect((await soon(ci.next(), 'the third')).line).toContain('third');
  });
});
