import { AsyncLocalStorage } from 'node:async_hooks';
import { from, type Observable } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { type CiHandler, createPool, type Frame, type Pool, serveCi, type Transport } from '../../../src/index.js';
import { memoryTransport } from '../../../src/testing/index.js';
import { dialects, pieceOf } from '../../support/model-dialects.js';
import { type ModelChat, ModelServer } from '../../support/model-server.js';
import { until } from '../../support/stage.js';

/** Requests in flight at once. */
const MANY = 1_000;

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const store = new AsyncLocalStorage<string>();

/** The calls to a subscriber, each with the store that it saw. */
type Call = readonly [callback: 'next' | 'onEnd' | 'error' | 'complete', saw: string | undefined];

interface Calls {
  readonly calls: Call[];
  readonly ended: Promise<string>;
}

/** Subscribes in this store, or in none, and records each call. `ended` settles with `complete`, or with the error's code. */
function subscribeIn(id: string | undefined, made: (note: (call: 'onEnd') => void) => Observable<unknown>): Calls {
  const calls: Call[] = [];
  const note = (callback: Call[0]): void => void calls.push([callback, store.getStore()]);
  const ended = new Promise<string>((resolve) => {
    const subscribe = (): void => {
      made(note).subscribe({
        next: () => note('next'),
        error: ({ code }) => {
          note('error');
          resolve(code);
        },
        complete: () => {
          note('complete');
          resolve('complete');
        },
      });
    };
    if (id === undefined) store.exit(subscribe);
    else store.run(id, subscribe);
  });
  return { calls, ended };
}

/** Expects these callbacks, each in the store of its own subscriber. */
const expectCalls = ({ calls }: Calls, id: string | undefined, callbacks: readonly Call[0][]): void => {
  expect(calls).toEqual(callbacks.map((callback) => [callback, id]));
};

/** A CI of a wire: it answers `fail` with an error, `hang` and `stay` never, everything else with two pieces. */
interface Served {
  readonly url: string;
  readonly transports?: Record<string, Transport>;
  /** Number of `stay` requests so far. */
  staying(): number;
  /** Breaks all connections. */
  cut(): unknown;
}

async function lineCi(webSocket: boolean): Promise<Served> {
  let staying = 0;
  const handler: CiHandler = ({ content }) => {
    if (content === 'fail') throw new Error('no');
    if (content !== 'hang' && content !== 'stay') return from(['one ', 'two']);
    if (content === 'stay') staying += 1;
    return new Promise<string>(() => {});
  };
  const ci = await serveCi({ id: 'apollo', handler, listen: { webSocket } });
  closing.push(() => ci.close());
  return { url: ci.url, staying: () => staying, cut: () => ci.close() };
}

async function modelCi(wire: 'ollama' | 'openai'): Promise<Served> {
  const dialect = dialects[wire];
  const models = await ModelServer.listen();
  closing.push(() => models[Symbol.asyncDispose]());
  let staying = 0;
  models.onChat = ({ body, response }: ModelChat) => {
    const [{ content } = { content: '' }] = body.messages as { content: string }[];
    if (content === 'stay') staying += 1;
    else if (content === 'hang') return;
    else if (content === 'fail') response.writeHead(400).end(dialect.error('no'));
    else response.end(`${pieceOf(dialect, 'one ')}${pieceOf(dialect, 'two')}${dialect.end}`);
  };
  return { url: dialect.url(models.port), staying: () => staying, cut: () => models[Symbol.asyncDispose]() };
}

async function memoryCi(): Promise<Served> {
  const memory = memoryTransport();
  const peers: { fail(): void }[] = [];
  let staying = 0;
  memory.listen('apollo', (peer) => {
    peers.push(peer);
    peer.onRequest(({ type, content, request_id, stream }: Frame) => {
      const send = (...frames: Frame[]) => frames.forEach((frame) => void peer.send({ ...frame, request_id }));
      if (type === 'ping') send({ type: 'pong' });
      else if (content === 'stay') staying += 1;
      else if (content === 'hang') return;
      else if (content === 'fail') send({ type: 'error', error: 'no' });
      else if (stream !== true) send({ type: 'chat_response', content: 'one two' });
      else {
        const pieces = ['one ', 'two'].map((piece, chunk_index) => ({
          type: 'stream_chunk',
          content: piece,
          chunk_index,
        }));
        send({ type: 'stream_start' }, ...pieces, { type: 'stream_end' });
      }
    });
  });
  const cut = (): void => {
    for (const peer of peers) peer.fail();
  };
  return { url: 'memory://apollo', transports: { memory }, staying: () => staying, cut };
}

const wires: Record<string, () => Promise<Served>> = {
  tcp: () => lineCi(false),
  ws: () => lineCi(true),
  ollama: () => modelCi('ollama'),
  openai: () => modelCi('openai'),
  memory: memoryCi,
};

/** The pool is dialled in a store of its own, which no subscriber may see. */
async function dialled({ url, transports }: Served): Promise<Pool> {
  const options = { maxWaiting: 2 * MANY, requestTimeoutMs: 25_000, logger: false, transports } as const;
  const pool = createPool({ cis: { apollo: url, athena: url }, ...options });
  closing.push(() => pool.close({ drainTimeoutMs: 0 }));
  const first = subscribeIn('dialler', () => pool.ask('apollo', 'hello'));
  expect(await first.ended).toBe('complete');
  await store.run('dialler', () => pool.warm());
  return pool;
}

/** Each odd request has its own store, each even one none. */
const ids = Array.from({ length: MANY }, (_, n) => (n % 2 === 0 ? undefined : `request ${n}`));

describe.each(Object.entries(wires))('%s: a callback runs in the async context of its subscriber', (_name, serve) => {
  test('asked and streamed, 1,000 at once: next, onEnd, complete', async () => {
    const pool = await dialled(await serve());
    const all = ids.map((id, n) => {
      if (n % 4 < 2)
        return { id, expected: ['next', 'complete'] as const, seen: subscribeIn(id, () => pool.ask('apollo', 'x')) };
      const seen = subscribeIn(id, (note) => pool.stream('apollo', 'x', { onEnd: () => note('onEnd') }));
      return { id, expected: ['next', 'next', 'onEnd', 'complete'] as const, seen };
    });
    for (const { id, expected, seen } of all) {
      expect(await seen.ended).toBe('complete');
      expectCalls(seen, id, expected);
    }
  });

  test('errors of the CI, 1,000 at once', async () => {
    const pool = await dialled(await serve());
    const all = ids.map((id, n) => {
      const ask = () => (n % 4 < 2 ? pool.ask('apollo', 'fail') : pool.stream('apollo', 'fail'));
      return { id, seen: subscribeIn(id, ask) };
    });
    for (const { id, seen } of all) {
      expect(await seen.ended).toBe('ci_error');
      expectCalls(seen, id, ['error']);
    }
  });

  test('deadlines, aborts and a lost connection, 1,000 at once', async () => {
    const served = await serve();
    const pool = await dialled(served);
    const abort = new AbortController();
    const optionsOf = [{ deadlineMs: 30 }, { signal: abort.signal }, {}];
    const codes = [['deadline_exceeded'], ['cancelled'], ['connection_lost', 'unavailable']];
    const all = ids.map((id, n) => {
      const kind = Math.floor(n / 2) % 3;
      const content = kind === 2 ? 'stay' : 'hang';
      return { id, kind, seen: subscribeIn(id, () => pool.ask('apollo', content, optionsOf[kind])) };
    });
    for (const { seen } of all.filter(({ kind }) => kind === 0)) await seen.ended;
    store.run('aborter', () => abort.abort());
    await until(() => served.staying() > 0);
    await store.run('cutter', () => served.cut());
    for (const { id, kind, seen } of all) {
      expect(codes[kind]).toContain(await seen.ended);
      expectCalls(seen, id, ['error']);
    }
    const lost = await Promise.all(all.map(({ seen }) => seen.ended));
    expect(lost).toContain('connection_lost');
  });

  test('broadcasts, whole and streamed', async () => {
    const pool = await dialled(await serve());
    const options = { deadlineMs: 20_000, connectTimeoutMs: 20_000 };
    const all = ids.slice(0, 100).map((id, n) => {
      const isStream = n % 4 < 2;
      const seen = subscribeIn(id, () => pool.broadcast('x', { ...options, stream: isStream }));
      // One outcome from each of two CIs, and two chunks in a stream.
      return { id, seen, nexts: isStream ? 6 : 2 };
    });
    for (const { id, seen, nexts } of all) {
      expect(await seen.ended).toBe('complete');
      expectCalls(seen, id, [...Array.from({ length: nexts }, () => 'next' as const), 'complete']);
    }
  });

  test('a request that fails at once, and one that is rejected because the pool is closed', async () => {
    const pool = await dialled(await serve());
    const unknown = subscribeIn('mine', () => pool.ask('nobody', 'x'));
    expect(await unknown.ended).toBe('unknown_ci');
    expectCalls(unknown, 'mine', ['error']);
    const cut = subscribeIn('mine', () => pool.ask('apollo', 'hang'));
    await until(() => pool.snapshot().totals.inFlight === 1);
    await store.run('closer', () => pool.close({ drainTimeoutMs: 0 }));
    expect(['closed', 'connection_lost']).toContain(await cut.ended);
    expectCalls(cut, 'mine', ['error']);
  });
});
