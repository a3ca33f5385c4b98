import net from 'node:net';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  type ChoragusError,
  createPool,
  ollamaTransport,
  openAiTransport,
  type Pool,
  type PoolOptions,
} from '../../../src/index.js';
import { watchableOf } from '../../../src/observe/watchable.js';
import { type Dialect, dialects, pieceOf } from '../../support/model-dialects.js';
import { until } from '../../support/stage.js';
import { ClosingModel, closings, type SocketManners } from './closing-model.js';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  vi.restoreAllMocks();
});

/** A server, a pool that uses it, and each state that a connection of the pool enters. */
interface Rig {
  readonly server: ClosingModel;
  readonly pool: Pool;
  readonly states: string[];
}

async function rig(dialect: Dialect, manners: SocketManners, options: PoolOptions = {}): Promise<Rig> {
  const server = await ClosingModel.listen(dialect, manners);
  const pool = createPool({ cis: { muse: dialect.url(server.port) }, logger: false, ...options });
  closing.push(
    () => server[Symbol.asyncDispose](),
    () => pool.close({ drainTimeoutMs: 0 }),
  );
  const states: string[] = [];
  pool.states$.subscribe(({ to }) => states.push(to));
  return { server, pool, states };
}

const ask = (pool: Pool): Promise<string> => firstValueFrom(pool.ask('muse', 'hello')).then(({ content }) => content);
const failureOf = (pool: Pool): Promise<ChoragusError> =>
  ask(pool).then(
    () => expect.fail('it was answered'),
    (error) => error,
  );
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
const idleClosesOf = (pool: Pool): number => pool.snapshot().totals.metrics.idleCloses;

/** Expects that the pool noticed nothing: each request was sent once and answered, and no connection failed. */
function expectCalm({ server, pool, states }: Rig, asks: number): void {
  expect(states).toEqual(expect.not.arrayContaining(['reconnecting']));
  expect(states).toEqual(expect.not.arrayContaining(['degraded']));
  const { lastError, metrics } = pool.snapshot().cis.muse ?? {};
  expect([lastError, metrics?.failed, metrics?.reconnects]).toEqual([undefined, {}, {}]);
  expect([metrics?.requests, metrics?.succeeded]).toEqual([asks, asks]);
  expect(watchableOf(pool).incidents).toEqual([]);
  expect([server.posts, server.count('HEAD')]).toEqual([asks, 0]);
  expect(server.count('GET')).toBeLessThanOrEqual(1);
}

/** Asks one question after the other, then several at once. Returns the number of requests. */
async function askAll(pool: Pool, pauseMs?: number): Promise<number> {
  for (let n = 0; n < 10; n += 1) {
    expect(await ask(pool)).toBe('all is well');
    if (pauseMs !== undefined) await pause(pauseMs);
  }
  await Promise.all(Array.from({ length: 10 }, () => ask(pool)));
  return 20;
}

const wires = Object.entries(dialects);
const announcements = {
  'an answer without an announcement': undefined,
  'Connection: close': () => ['connection: close'],
  'Keep-Alive: timeout=5': () => ['connection: keep-alive', 'keep-alive: timeout=5'],
} as const;
/** In ms. 0: in the tick of the answer. */
const delays = [0, 1, 5, 20, 100];

describe.each(wires)('%s: a server that closes its socket after each answer', (_name, dialect) => {
  describe.each(Object.entries(announcements))('after %s', (_announcement, headers) => {
    describe.each(Object.entries(closings))('by %s', (_how, close) => {
      test.each(delays)('after %i ms: all requests are answered, and none counts as a failure', async (delayMs) => {
        const afterAnswer: SocketManners['afterAnswer'] = ({ socket }) =>
          delayMs === 0 ? close(socket) : void setTimeout(() => close(socket), delayMs).unref();
        const one = await rig(dialect, { headers, afterAnswer });
        const asks = await askAll(one.pool);
        await until(() => idleClosesOf(one.pool) > 0);
        expectCalm(one, asks);
      });
    });
  });

  test.each(delays)('after %i ms, with a request at that very moment: all requests are answered', async (delayMs) => {
    const afterAnswer: SocketManners['afterAnswer'] = ({ socket }) => void setTimeout(() => socket.end(), delayMs);
    const one = await rig(dialect, { afterAnswer });
    const asks = await askAll(one.pool, delayMs);
    await until(() => idleClosesOf(one.pool) > 0);
    expectCalm(one, asks);
  });
});

describe.each(wires)('%s', (_name, dialect) => {
  test('a server that keeps a socket for 20 ms, with a request every 20 ms, answers all', async () => {
    const afterAnswer: SocketManners['afterAnswer'] = ({ socket }) => void setTimeout(() => socket.end(), 20);
    const one = await rig(dialect, { afterAnswer }, { maxConnections: 1 });
    for (let n = 0; n < 50; n += 1) {
      expect(await ask(one.pool)).toBe('all is well');
      await pause(20);
    }
    expect(idleClosesOf(one.pool)).toBeGreaterThan(0);
    expectCalm(one, 50);
  });

  test.each([
    ['announced', (answers: number) => (answers === 5 ? ['connection: close'] : [])],
    ['unannounced', undefined],
  ] as const)('a server that closes a socket after five answers, %s, answers all', async (_announced, headers) => {
    let fifths = 0;
    const afterAnswer: SocketManners['afterAnswer'] = ({ socket, answers }) => {
      if (answers < 5) return;
      fifths += 1;
      socket.end();
    };
    const one = await rig(dialect, { headers, afterAnswer }, { maxConnections: 1 });
    let asks = 0;
    // Sockets are reused one answer at a time: it takes hundreds of requests until the first of them has had five.
    for (; fifths < 3 && asks < 20_000; asks += 1) expect(await ask(one.pool)).toBe('all is well');
    expect(fifths).toBe(3);
    await until(() => idleClosesOf(one.pool) > 0);
    expectCalm(one, asks);
  });

  test.each(Object.entries(closings))(
    'a server that closes between requests, by %s, gets further requests without a failure',
    async (_how, close) => {
      const one = await rig(dialect, {});
      for (let n = 0; n < 5; n += 1) {
        await ask(one.pool);
        await until(() => one.pool.snapshot().totals.inFlight === 0);
        for (const socket of one.server.open) close(socket);
      }
      await until(() => idleClosesOf(one.pool) > 0);
      expectCalm(one, 5);
    },
  );

  test('a server that resets in the middle of an answer fails only that request', async () => {
    const inPlaceOf: SocketManners['inPlaceOf'] = ({ socket, before }) => {
      if (before !== 2) return false;
      const piece = pieceOf(dialect, 'all is');
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n${piece}`);
      setImmediate(() => socket.resetAndDestroy());
      return true;
    };
    const { server, pool, states } = await rig(dialect, { inPlaceOf });
    const outcomes = [];
    for (let n = 0; n < 5; n += 1) {
      outcomes.push(await ask(pool).catch(({ code, delivery }) => `${code} ${delivery}`));
    }
    const good = 'all is well';
    expect(outcomes).toEqual([good, good, 'connection_lost maybe_sent', good, good]);
    expect(states).toEqual(['connecting', 'healthy']);
    expect([server.posts, server.count('GET'), server.count('HEAD')]).toEqual([5, 1, 0]);
  });

  test('of several requests in flight, only the one with the reset socket fails', async () => {
    const inPlaceOf: SocketManners['inPlaceOf'] = ({ socket, before }) => {
      if (before === 1) socket.resetAndDestroy();
      return before === 1;
    };
    const { pool, states } = await rig(dialect, { inPlaceOf });
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => ask(pool).catch((error) => error.code)));
    expect(outcomes.filter((outcome) => outcome === 'all is well')).toHaveLength(11);
    expect(outcomes).toContain('connection_lost');
    expect(await ask(pool)).toBe('all is well');
    expect(states).toEqual(expect.not.arrayContaining(['reconnecting']));
  });

  test('a request without a listener was not sent, and the server never sees it', async () => {
    const { server, pool } = await rig(dialect, {}, { reconnectDelayMs: 20, maxReconnectDelayMs: 20 });
    await ask(pool);
    const { port } = server;
    await server[Symbol.asyncDispose]();
    expect(await failureOf(pool)).toMatchObject({ code: 'unavailable', delivery: 'not_sent', ci: 'muse' });
    expect([server.posts, pool.snapshot().totals.metrics.requests]).toEqual([1, 1]);
    const again = await ClosingModel.listen(dialect, {}, port);
    closing.push(() => again[Symbol.asyncDispose]());
    const reply = await firstValueFrom(pool.ask('muse', 'hello', { waitForReady: true }));
    expect([reply.content, again.posts]).toEqual(['all is well', 1]);
  });
});

describe.each(wires)('%s: a server that never closes a socket', (_name, dialect) => {
  test('does not count as closing one when a connection of the pool closes beside others', async () => {
    const transports = {
      'openai+http': openAiTransport({ probe: 'connect' }),
      ollama: ollamaTransport({ probe: 'connect' }),
    };
    const one = await rig(dialect, {}, { maxConnections: 2, transports });
    // The first socket of the first connection is retired, and watched from then on.
    for (let n = 0; n < 2; n += 1) await ask(one.pool);
    await Promise.all([ask(one.pool), ask(one.pool)]);
    expect(one.pool.snapshot().totals.connections).toBe(2);
    expect(watchableOf(one.pool).intervene({ do: 'retire', connection: 'muse#1' })).toBe(true);
    await until(() => one.states.includes('closed'));
    // Every closed socket has been noticed by then.
    for (let n = 0; n < 3; n += 1) await ask(one.pool);
    expect(idleClosesOf(one.pool)).toBe(0);
    expectCalm(one, 7);
  });
});

describe.each(wires)('%s: sockets open at once', (_name, dialect) => {
  const lingering: SocketManners['inPlaceOf'] = ({ socket }) => {
    // Everything is sent, and the body never ends.
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n${pieceOf(dialect, 'all is well')}${dialect.end}`);
    return true;
  };

  test.each([
    ['a server that keeps all of them', {}],
    ['a server whose bodies never end', { inPlaceOf: lingering }],
  ] as const)('%s: at most twice maxConnections, and 8 under watch', async (_what, manners) => {
    const sockets: net.Socket[] = [];
    let most = 0;
    const { connect } = net;
    vi.spyOn(net, 'connect').mockImplementation((...args: unknown[]) => {
      const socket = Reflect.apply(connect, net, args) as net.Socket;
      sockets.push(socket);
      most = Math.max(most, sockets.filter(({ destroyed }) => !destroyed).length);
      return socket;
    });
    const { server, pool } = await rig(dialect, manners, { maxConnections: 3 });
    for (let round = 0; round < 12; round += 1) {
      await Promise.all(Array.from({ length: 12 }, () => ask(pool)));
      // Some rounds meet sockets that are under watch already, and some reuse them.
      if (round % 3 === 2) await pause(100);
      await lastValueFrom(pool.stream('muse', 'hello').pipe(toArray()));
    }
    expect(most).toBeGreaterThan(3);
    expect(most).toBeLessThanOrEqual(2 * 3 + 8);
    await pool.close();
    expect(sockets.filter(({ destroyed }) => !destroyed)).toEqual([]);
    await until(() => server.open.size === 0);
  });
});
