import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { InspectionEvent } from 'xstate';
import type { Exchange } from '../../../src/contract/index.js';
import { createPool, type Pool, type Transport } from '../../../src/index.js';
import { type Watchable, watchableOf } from '../../../src/observe/watchable.js';
import { answers, changesOf, useVirtualStage } from '../../support/virtual-stage.js';
import { recordingLogger } from '../observe/recording-logger.js';

const stage = useVirtualStage();

/** A pool with one warm CI that answers. */
async function warmPool(options: Parameters<typeof createPool>[0] = {}) {
  const ci = stage.ci('apollo', answers);
  const pool = stage.pool({ cis: { apollo: ci.url }, ...options });
  void pool.warm();
  await stage.advance(1);
  return { ci, pool, watch: watchableOf(pool) };
}

async function asked(pool: Pool, content: string): Promise<unknown> {
  const reply = firstValueFrom(pool.ask('apollo', content)).then(
    (done) => done.content,
    (error) => error.code,
  );
  await stage.advance(1);
  return reply;
}

const statesOf = (watch: Watchable) =>
  watch.status('apollo')?.connections.map(({ connection, state }) => `${connection} ${state}`);

describe('the history', () => {
  test('keeps the last 32 state changes of a connection, oldest first, with or without a watcher', async () => {
    const { ci, pool } = await warmPool({ reconnectDelayMs: 100, maxReconnectDelayMs: 200 });
    const told = changesOf(pool);
    for (let round = 0; round < 20; round += 1) {
      ci.peers.at(-1)?.close();
      await stage.advance(1_000, 50);
    }
    const history = pool.snapshot().cis.apollo?.connections[0]?.history ?? [];
    expect(history).toHaveLength(32);
    expect(history).toEqual(told.slice(-32).map(({ ci: _, connection: __, ...past }) => past));
    expect(JSON.parse(JSON.stringify(pool.snapshot())).cis.apollo.connections[0].history).toEqual(history);
  });

  test('shows the current backoff', async () => {
    const { ci, pool } = await warmPool({ reconnectDelayMs: 1_000 });
    const told = changesOf(pool);
    ci.leave();
    ci.peers[0]?.close();
    await stage.advance(1);
    const connection = pool.snapshot().cis.apollo?.connections[0];
    expect(told[0]?.delayMs).toBeGreaterThan(0);
    expect([connection?.state, connection?.delayMs]).toEqual(['reconnecting', told[0]?.delayMs]);
  });
});

describe('a tap', () => {
  test('replays the current actors and their state, then reports what follows', async () => {
    const { pool, watch } = await warmPool();
    const events: InspectionEvent[] = [];
    const end = watch.tap('apollo#1', (event) => events.push(event));
    const idOf = (event: InspectionEvent) => (event.actorRef as { readonly id?: string }).id;
    expect(events.filter(({ type }) => type === '@xstate.actor').map(idOf)).toEqual(['apollo#1', 'link', 'heartbeat']);
    const present = events.find((event) => event.type === '@xstate.snapshot');
    expect(present?.type === '@xstate.snapshot' && 'value' in present.snapshot && present.snapshot.value).toEqual({
      linked: 'healthy',
    });
    const before = events.length;
    watch.intervene({ do: 'retire', connection: 'apollo#1' });
    await stage.advance(1);
    expect(events.slice(before).some((event) => event.type === '@xstate.event' && event.event.type === 'retire')).toBe(
      true,
    );
    end?.();
    const after = events.length;
    await asked(pool, 'hello');
    expect(events).toHaveLength(after);
  });

  test('ends on request, and a second tap stays', async () => {
    const { ci, watch } = await warmPool();
    const told = [0, 0];
    const ends = [0, 1].map((index) =>
      watch.tap('apollo#1', () => {
        told[index] = (told[index] ?? 0) + 1;
      }),
    );
    ends[0]?.();
    const [first, second] = [...told];
    ci.peers[0]?.close();
    await stage.advance(1);
    expect(told[0]).toBe(first);
    expect(told[1]).toBeGreaterThan(second as number);
  });

  test('returns undefined for an unknown connection', async () => {
    const { watch } = await warmPool();
    expect(watch.tap('apollo#2', () => {})).toBeUndefined();
  });

  test('an observer that throws harms no actor', async () => {
    const logger = recordingLogger();
    const { pool, watch } = await warmPool({ logger });
    watch.tap('apollo#1', () => {
      throw new RangeError('a bug');
    });
    expect(await asked(pool, 'hello')).toBe('hello');
    expect(logger.lines.filter((line) => JSON.stringify(line).includes('observer throws'))).toHaveLength(1);
  });

  test("works on the pool's own actor", async () => {
    const { pool, watch } = await warmPool();
    const types: string[] = [];
    watch.tapPool((event) => {
      if (event.type === '@xstate.event') types.push(event.event.type);
    });
    await pool.remove('apollo');
    expect(types).toEqual(['ci.remove', 'ci.removed']);
    await pool.close();
    expect(types.slice(2)).toEqual(['drain', 'drained', 'connections.closed']);
  });
});

describe('a tap of the requests', () => {
  /** Records what the tap reports about the requests of one connection. */
  const tapped = (watch: Watchable) => {
    const told: Exchange[] = [];
    const end = watch.tapExchanges('apollo#1', (exchange) => told.push(exchange));
    return { told, end };
  };

  test('reports each request that ends: its sizes, times and result', async () => {
    const { ci, pool, watch } = await warmPool();
    const { told, end } = tapped(watch);
    await asked(pool, 'hello');
    expect(told).toEqual([
      {
        type: 'chat',
        replyMode: 'whole',
        ended: 'answered',
        sent: '{"type":"chat","content":"hello"}'.length,
        received: 5,
        chunks: 0,
        timings: expect.objectContaining({ queuedMs: 0, connectMs: 0 }),
      },
    ]);
    const stream = pool.stream('apollo', 'abc').subscribe({ error: () => {} });
    await stage.advance(1);
    stream.unsubscribe();
    pool.ask('apollo', 'lost').subscribe({ error: () => {} });
    ci.peers[0]?.close();
    await stage.advance(1);
    expect(told.map(({ replyMode, ended }) => `${replyMode} ${ended}`).at(-1)).toBe('whole connection_lost');
    end?.();
    await asked(pool, 'again');
    expect(told.filter(({ received }) => received === 5)).toHaveLength(1);
  });

  test('reports how much of a stream came before it was cancelled', async () => {
    const ci = stage.ci('apollo', ({ request_id }, peer) => {
      peer.send({ type: 'stream_chunk', content: 'abc', request_id });
      peer.send({ type: 'stream_chunk', content: 'de', request_id });
    });
    const pool = stage.pool({ cis: { apollo: ci.url } });
    void pool.warm();
    await stage.advance(1);
    const { told } = tapped(watchableOf(pool));
    const subscription = pool.stream('apollo', 'count').subscribe();
    await stage.advance(1);
    subscription.unsubscribe();
    expect(told).toMatchObject([{ replyMode: 'stream', ended: 'cancelled', received: 5, chunks: 2 }]);
  });

  test('an observer that throws harms no request, and a second one still gets everything', async () => {
    const { pool, watch } = await warmPool();
    watch.tapExchanges('apollo#1', () => {
      throw new RangeError('a bug');
    });
    const { told } = tapped(watch);
    expect(await asked(pool, 'hello')).toBe('hello');
    expect(told).toHaveLength(1);
  });

  test('returns undefined for an unknown connection', async () => {
    const { watch } = await warmPool();
    expect(watch.tapExchanges('apollo#2', () => {})).toBeUndefined();
  });
});

describe('interventions', () => {
  test('reconnect: closes the link, fails its requests, and dials without a backoff', async () => {
    const ci = stage.ci('apollo', () => {});
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const watch = watchableOf(pool);
    const pending = asked(pool, 'hello');
    await stage.advance(1);
    expect(watch.intervene({ do: 'reconnect', connection: 'apollo#1' })).toBe(true);
    expect(await pending).toBe('connection_lost');
    await stage.advance(1);
    expect(statesOf(watch)).toEqual(['apollo#2 healthy']);
  });

  test('reconnect skips a backoff', async () => {
    const { ci, watch } = await warmPool({ reconnectDelayMs: 60_000 });
    ci.peers[0]?.close();
    await stage.advance(1);
    expect(statesOf(watch)).toEqual(['apollo#1 reconnecting']);
    expect(watch.intervene({ do: 'reconnect', connection: 'apollo#1' })).toBe(true);
    await stage.advance(1);
    expect(statesOf(watch)).toEqual(['apollo#2 healthy']);
  });

  test('retire: finishes the requests in flight', async () => {
    const { watch } = await warmPool();
    expect(watch.intervene({ do: 'retire', connection: 'apollo#1' })).toBe(true);
    await stage.advance(1);
    expect(statesOf(watch)).toEqual(['apollo#2 healthy']);
  });

  test('ping: sends a heartbeat', async () => {
    const { ci, watch } = await warmPool();
    expect(watch.intervene({ do: 'ping', connection: 'apollo#1' })).toBe(true);
    await stage.advance(1);
    expect(ci.received.map(({ type }) => type)).toEqual(['ping']);
  });

  test('drain: removes the CI', async () => {
    const { pool, watch } = await warmPool();
    expect(watch.intervene({ do: 'drain', ci: 'apollo' })).toBe(true);
    await stage.advance(1);
    expect(pool.cis).toEqual([]);
    expect(watch.status('apollo')).toBeUndefined();
  });

  test('lifts a quarantine: the CI takes requests again, with a clean record', async () => {
    let isBroken = true;
    const ci = stage.ci('apollo', answers);
    const { wire } = stage;
    const mended: Transport = {
      prepare: (target) => {
        const dial = wire.prepare(target);
        return (sink) => {
          if (isBroken) throw new TypeError('a bug in the transport');
          return dial(sink);
        };
      },
    };
    const pool = stage.pool({ cis: { apollo: ci.url }, transports: { memory: mended }, maxRestarts: 0 });
    const watch = watchableOf(pool);
    expect(watch.intervene({ do: 'lift-quarantine', ci: 'apollo' })).toBe(false);
    expect(await asked(pool, 'hello')).toBe('unavailable');
    expect(watch.status('apollo')?.state).toBe('quarantined');
    isBroken = false;
    expect(watch.intervene({ do: 'lift-quarantine', ci: 'apollo' })).toBe(true);
    expect(await asked(pool, 'again')).toBe('again');
    expect(watch.incidents.map(({ kind }) => kind)).toEqual(['crashed', 'quarantined', 'lifted']);
  });

  test.each([
    { do: 'reconnect', connection: 'nobody#1' },
    { do: 'retire', connection: 'nobody#1' },
    { do: 'ping', connection: 'nobody#1' },
    { do: 'drain', ci: 'nobody' },
    { do: 'lift-quarantine', ci: 'apollo' },
  ] as const)('$do returns false if its target does not exist', async (what) => {
    const { watch } = await warmPool();
    expect(watch.intervene(what)).toBe(false);
  });

  test('are logged', async () => {
    const logger = recordingLogger();
    const { watch } = await warmPool({ logger });
    watch.intervene({ do: 'ping', connection: 'apollo#1' });
    expect(JSON.stringify(logger.lines.at(-1))).toContain('intervention by hand');
    expect(JSON.stringify(logger.lines.at(-1))).toContain('apollo#1');
  });
});

test('rejects an object that is no pool of ours', () => {
  const refused = { code: 'invalid_config', message: expect.stringContaining('pool is an object: use a pool') };
  expect(() => watchableOf({} as Pool)).toThrow(expect.objectContaining(refused));
  expect(watchableOf(createPool({ logger: false })).cis).toEqual([]);
});
