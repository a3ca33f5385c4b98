import { AsyncLocalStorage } from 'node:async_hooks';
import { firstValueFrom, type Subscription, toArray } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import type { ChoragusError, PoolOptions, RequestContext } from '../../../src/index.js';
import { RequestTrace } from '../../../src/observe/request-trace.js';
import { eventsOf, type RecordedEvent, requestEvents, useChannels } from '../../support/record-channels.js';
import { answers, type MemoryScript, useVirtualStage } from '../../support/virtual-stage.js';

const stage = useVirtualStage();
const channels = useChannels();

const fast: PoolOptions = { reconnectDelayMs: 10, connectTimeoutMs: 100, requestTimeoutMs: 1_000 };
const poolOf = (script?: MemoryScript, options: PoolOptions = {}) => {
  const apollo = stage.ci('apollo', script);
  return { apollo, pool: stage.pool({ ...fast, cis: { apollo: apollo.url }, ...options }) };
};

const echoes: MemoryScript = ({ type, request_id, content, stream }, peer) => {
  if (type === 'ping') return peer.send({ type: 'pong', request_id });
  if (stream !== true) return peer.send({ type: 'chat_response', request_id, content, model: 'a:b' });
  peer.send({ type: 'stream_start', request_id });
  peer.send({ type: 'stream_chunk', request_id, content: 'one ' });
  peer.send({ type: 'stream_chunk', request_id, content: 'two' });
  peer.send({ type: 'stream_end', request_id, usage: { input_tokens: 3, output_tokens: 5 } });
};

/** Answers pings only. */
const silent: MemoryScript = ({ type, request_id }, peer) => {
  if (type === 'ping') peer.send({ type: 'pong', request_id });
};

const last = (recorded: readonly RecordedEvent[]): RequestContext => (recorded.at(-1) as RecordedEvent).context;
const endingOf = ({ outcome, code, delivery, phase }: RequestContext) => ({ outcome, code, delivery, phase });

/** Swallows the result; the tests look at the events. */
const ignored = { error: () => {} };

describe('a request that is answered', () => {
  test('publishes its events in order, all with one object', async () => {
    const { pool } = poolOf(echoes);
    const recorded = channels.requests();
    const message = { content: 'hello' };
    const [reply] = await Promise.all([firstValueFrom(pool.ask('apollo', message)), stage.advance(50)]);
    expect(recorded.map(({ event }) => event)).toEqual(['start', 'end', 'written', 'asyncStart', 'asyncEnd']);
    expect(new Set(recorded.map(({ context }) => context)).size).toBe(1);
    const [begun, , written, , over] = recorded.map(({ past }) => past) as [
      RequestContext,
      RequestContext,
      RequestContext,
      RequestContext,
      RequestContext,
    ];
    expect(begun).toMatchObject({ pool, ci: 'apollo', url: 'memory://apollo', operation: 'ask', type: 'chat' });
    expect(begun.message).toBe(message);
    expect([begun.connection, begun.reused, begun.delivery, begun.outcome]).toEqual([
      undefined,
      undefined,
      'not_sent',
      undefined,
    ]);
    expect(written).toMatchObject({
      connection: 'apollo#1',
      reused: false,
      delivery: 'maybe_sent',
      outcome: undefined,
    });
    expect(over).toMatchObject({ outcome: 'answered', delivery: 'answered', code: undefined, timings: reply.timings });
    expect(over.reply).toBe(reply);
    expect(over.usage).toBeUndefined();
  });

  test('says whether its connection was reused', async () => {
    const { pool } = poolOf(echoes);
    const recorded = channels.requests(['asyncEnd']);
    for (const content of ['one', 'two']) {
      await Promise.all([firstValueFrom(pool.ask('apollo', content)), stage.advance(50)]);
    }
    expect(recorded.map(({ past }) => past.reused)).toEqual([false, true]);
  });

  test('a stream publishes its first chunk once, and ends with the whole reply and its tokens', async () => {
    const { pool } = poolOf(echoes);
    const recorded = channels.requests();
    const [chunks] = await Promise.all([
      firstValueFrom(pool.stream('apollo', 'hello').pipe(toArray())),
      stage.advance(50),
    ]);
    expect(chunks).toHaveLength(2);
    expect(recorded.map(({ event }) => event)).toEqual([
      'start',
      'end',
      'written',
      'firstChunk',
      'asyncStart',
      'asyncEnd',
    ]);
    expect(last(recorded)).toMatchObject({
      operation: 'stream',
      reply: { content: 'one two' },
      usage: { inputTokens: 3, outputTokens: 5, totalTokens: 8 },
    });
  });

  test("the end of a stream's request gives onEnd and the context equal replies", async () => {
    const { pool } = poolOf(echoes);
    const recorded = channels.requests(['asyncEnd']);
    let whole: unknown;
    const onEnd = (reply: unknown) => {
      whole = reply;
    };
    pool.stream('apollo', 'hello', { onEnd }).subscribe();
    await stage.advance(50);
    expect(whole).toEqual(last(recorded).reply);
  });

  test('a request of another type is named as such', async () => {
    const { pool } = poolOf(({ type, request_id }, peer) => peer.send({ type: `${type}_response`, request_id }));
    const recorded = channels.requests(['asyncEnd']);
    pool.request('apollo', { type: 'info' }).subscribe();
    await stage.advance(50);
    expect(last(recorded)).toMatchObject({ operation: 'request', type: 'info', message: { type: 'info' } });
  });

  test('a broadcast publishes one request for each CI, each with its own delivery', async () => {
    const cis = Object.fromEntries(
      Array.from({ length: 18 }, (_, index) => {
        const name = `ci-${index}`;
        if (index % 3 === 2) return [name, 'memory://nobody'];
        return [name, stage.ci(name, index % 3 === 0 ? echoes : silent).url];
      }),
    );
    const pool = stage.pool({ ...fast, cis });
    const recorded = channels.requests(['asyncEnd']);
    pool.broadcast('hello', { deadlineMs: 500 }).subscribe();
    await stage.advance(600, 50);
    const deliveries = recorded.map(({ past }) => [past.ci, past.delivery]);
    expect(Object.fromEntries(deliveries)).toEqual(
      Object.fromEntries(
        Object.keys(cis).map((name, index) => [name, ['answered', 'maybe_sent', 'not_sent'][index % 3]]),
      ),
    );
    expect(deliveries).toHaveLength(18);
  });
});

describe('a request that fails', () => {
  const failure = ['error', 'asyncStart', 'asyncEnd'];

  test('at once: the error comes before the call returns', async () => {
    const pool = stage.pool({ ...fast, reconnectDelayMs: 1_000, cis: { apollo: 'memory://nobody' } });
    pool.ask('apollo', 'first').subscribe(ignored);
    await stage.advance(20);
    const recorded = channels.requests();
    let error: unknown;
    pool.ask('apollo', 'second').subscribe({ error: (failed) => (error = failed) });
    expect(recorded.map(({ event }) => event)).toEqual(['start', ...failure, 'end']);
    expect(last(recorded).error).toBe(error);
    expect(endingOf(last(recorded))).toEqual({
      outcome: 'failed',
      code: 'unavailable',
      delivery: 'not_sent',
      phase: 'connect',
    });
  });

  const cases: readonly {
    readonly name: string;
    readonly script?: MemoryScript;
    readonly options?: PoolOptions;
    readonly how?: (pool: ReturnType<typeof poolOf>['pool']) => Subscription;
    readonly act?: (of: ReturnType<typeof poolOf>) => unknown;
    readonly events: readonly string[];
    readonly ending: Partial<RequestContext>;
  }[] = [
    {
      name: 'with the error of the CI',
      script: ({ request_id }, peer) => peer.send({ type: 'error', request_id, error: 'no' }),
      events: ['start', 'end', 'written', ...failure],
      ending: { code: 'ci_error', delivery: 'answered', phase: 'total' },
    },
    {
      name: 'at its deadline, sent',
      script: silent,
      events: ['start', 'end', 'written', ...failure],
      ending: { code: 'deadline_exceeded', delivery: 'maybe_sent', phase: 'total' },
    },
    {
      name: 'at its deadline, in a stream',
      script: ({ request_id }, peer) => peer.send({ type: 'stream_chunk', request_id, content: 'one' }),
      how: (pool) => pool.stream('apollo', 'hello').subscribe(ignored),
      events: ['start', 'end', 'written', 'firstChunk', ...failure],
      ending: { code: 'deadline_exceeded', delivery: 'maybe_sent', phase: 'idle' },
    },
    {
      name: 'before the first chunk',
      script: silent,
      how: (pool) => pool.stream('apollo', 'hello', { firstChunkTimeoutMs: 100 }).subscribe(ignored),
      events: ['start', 'end', 'written', ...failure],
      ending: { code: 'deadline_exceeded', delivery: 'maybe_sent', phase: 'first chunk' },
    },
    {
      name: 'while it is dialled',
      options: { connectTimeoutMs: 10_000 },
      how: (pool) => pool.ask('apollo', 'hello', { deadlineMs: 5 }).subscribe(ignored),
      act: ({ apollo }) => apollo.leave(),
      events: ['start', 'end', ...failure],
      ending: { delivery: 'not_sent', phase: 'connect' },
    },
    {
      name: 'with its connection',
      script: (_request, peer) => peer.close(),
      events: ['start', 'end', 'written', ...failure],
      ending: { code: 'connection_lost', delivery: 'maybe_sent', phase: 'total' },
    },
    {
      name: 'by its signal',
      script: silent,
      how: (pool) => {
        const controller = new AbortController();
        const { signal } = controller;
        const request = pool.ask('apollo', 'hello', { signal }).subscribe(ignored);
        stage.clock.setTimeout(() => controller.abort(), 30, 'background');
        return request;
      },
      events: ['start', 'end', 'written', ...failure],
      ending: { code: 'cancelled', delivery: 'maybe_sent', phase: 'total' },
    },
    {
      name: 'when the pool closes',
      script: silent,
      act: ({ pool }) => {
        stage.clock.setTimeout(() => void pool.close({ drainTimeoutMs: 0 }), 30, 'background');
      },
      events: ['start', 'end', 'written', ...failure],
      ending: { code: 'closed', delivery: 'maybe_sent', phase: 'total' },
    },
    {
      name: 'when its CI is removed',
      script: silent,
      act: ({ pool }) => {
        stage.clock.setTimeout(() => void pool.remove('apollo', { drainTimeoutMs: 0 }), 30, 'background');
      },
      events: ['start', 'end', 'written', ...failure],
      ending: { code: 'closed', delivery: 'maybe_sent', phase: 'total' },
    },
  ];

  test.each(cases)('$name', async ({ script, options, how, act, events, ending }) => {
    const of = poolOf(script, options);
    const recorded = channels.requests();
    (how ?? ((pool) => pool.ask('apollo', 'hello').subscribe(ignored)))(of.pool);
    act?.(of);
    await stage.advance(2_000, 10);
    expect(recorded.map(({ event }) => event)).toEqual(events);
    expect(endingOf(last(recorded))).toMatchObject({ outcome: 'failed', ...ending });
    const { error, timings } = last(recorded);
    expect((error as ChoragusError).timings).toBe(timings);
  });

  test('behind a full queue, and in the queue', async () => {
    const { pool } = poolOf(silent, { maxConnections: 1, maxWaiting: 1 });
    pool.ask('apollo', 'first').subscribe(ignored);
    await stage.advance(20);
    const recorded = channels.requests(['asyncEnd']);
    pool.ask('apollo', 'waits', { deadlineMs: 100 }).subscribe(ignored);
    pool.ask('apollo', 'is refused').subscribe(ignored);
    await stage.advance(200, 10);
    expect(recorded.map(({ past }) => [past.message, past.code, past.delivery, past.phase])).toEqual([
      ['is refused', 'overloaded', 'not_sent', 'queue'],
      ['waits', 'deadline_exceeded', 'not_sent', 'queue'],
    ]);
  });

  test('before it begins: it publishes nothing, and the pool does not count it', async () => {
    const { pool } = poolOf(answers);
    const recorded = channels.requests();
    const errors: string[] = [];
    const observer = { error: ({ code }: ChoragusError) => errors.push(code) };
    pool.ask('nobody', 'hello').subscribe(observer);
    pool.ask('apollo', '').subscribe(observer);
    pool.ask('apollo', 'hello', { signal: AbortSignal.abort() }).subscribe(observer);
    await pool.close();
    pool.ask('apollo', 'hello').subscribe(observer);
    expect(errors).toEqual(['unknown_ci', 'invalid_config', 'cancelled', 'closed']);
    expect(recorded).toEqual([]);
  });
});

describe('a request that is unsubscribed', () => {
  const cases = [
    { name: 'while it is dialled', ms: 0, ending: { delivery: 'not_sent', phase: 'connect' }, written: false },
    { name: 'after it was written', ms: 20, ending: { delivery: 'maybe_sent', phase: 'total' }, written: true },
  ] as const;

  test.each(cases)('$name', async ({ ms, ending, written }) => {
    const { pool } = poolOf(silent);
    const recorded = channels.requests();
    const request = pool.ask('apollo', 'hello').subscribe();
    if (ms > 0) await stage.advance(ms);
    request.unsubscribe();
    request.unsubscribe();
    await stage.advance(50);
    expect(recorded.map(({ event }) => event)).toEqual([
      'start',
      'end',
      ...(written ? ['written'] : []),
      'asyncStart',
      'asyncEnd',
    ]);
    expect(endingOf(last(recorded))).toEqual({ outcome: 'cancelled', code: 'cancelled', ...ending });
    expect(last(recorded).timings?.totalMs).toBeGreaterThanOrEqual(ms);
    expect(pool.snapshot().totals.metrics.cancelled).toBe(1);
  });

  test('while it waits for a slot, and right after it got one', async () => {
    const { pool } = poolOf(silent, { maxConnections: 1 });
    pool.ask('apollo', 'first').subscribe(ignored);
    await stage.advance(20);
    const recorded = channels.requests();
    const waits = pool.ask('apollo', 'second').subscribe();
    waits.unsubscribe();
    expect(eventsOf(recorded)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(endingOf(last(recorded))).toMatchObject({ delivery: 'not_sent', phase: 'queue' });
  });

  test('in the tick in which it got a slot: it was not sent', async () => {
    const { pool } = poolOf(answers);
    await Promise.all([firstValueFrom(pool.ask('apollo', 'first')), stage.advance(50)]);
    const recorded = channels.requests();
    pool.ask('apollo', 'second').subscribe().unsubscribe();
    await stage.advance(50);
    expect(eventsOf(recorded)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(last(recorded)).toMatchObject({ connection: 'apollo#1', reused: true, delivery: 'not_sent' });
  });

  test('in the middle of a stream', async () => {
    const { pool } = poolOf(({ request_id }, peer) => peer.send({ type: 'stream_chunk', request_id, content: 'one' }));
    const recorded = channels.requests();
    const request = pool.stream('apollo', 'hello').subscribe();
    await stage.advance(20);
    request.unsubscribe();
    expect(eventsOf(recorded)).toEqual(['start', 'end', 'written', 'firstChunk', 'asyncStart', 'asyncEnd']);
    expect(endingOf(last(recorded))).toMatchObject({ outcome: 'cancelled', delivery: 'maybe_sent', phase: 'idle' });
  });
});

describe('subscribers', () => {
  test('without any, a request builds no context', async () => {
    const { pool } = poolOf(echoes);
    const begun = vi.spyOn(RequestTrace.prototype, 'begun');
    await Promise.all([firstValueFrom(pool.ask('apollo', 'hello')), stage.advance(50)]);
    expect(begun).not.toHaveBeenCalled();
    channels.requests(['firstChunk']);
    await Promise.all([firstValueFrom(pool.ask('apollo', 'hello')), stage.advance(50)]);
    expect(begun).toHaveBeenCalledTimes(1);
  });

  test('one that comes after the start of a request gets none of its events', async () => {
    const { pool } = poolOf(silent);
    const request = pool.ask('apollo', 'hello').subscribe();
    const recorded = channels.requests();
    await stage.advance(20);
    request.unsubscribe();
    expect(recorded).toEqual([]);
  });

  test('one that leaves in the middle gets no more, and the request goes on', async () => {
    const { pool } = poolOf(echoes);
    const seen: string[] = [];
    const off = channels.on(requestEvents.written, () => {
      seen.push('written');
      off();
    });
    const [reply] = await Promise.all([firstValueFrom(pool.ask('apollo', 'hello')), stage.advance(50)]);
    expect([reply.content, seen]).toEqual(['hello', ['written']]);
  });

  test.each(Object.keys(requestEvents) as (keyof typeof requestEvents)[])(
    'one that subscribes to %s only gets it',
    async (event) => {
      const { pool } = poolOf(({ content, ...request }, peer) => {
        if (content !== 'fails') return echoes({ content, ...request }, peer);
        peer.send({ type: 'error', error: 'no', request_id: request.request_id });
      });
      const recorded = channels.requests([event]);
      pool.stream('apollo', 'hello').subscribe();
      pool.stream('apollo', 'fails').subscribe(ignored);
      await stage.advance(50);
      expect(recorded).toHaveLength(event === 'error' || event === 'firstChunk' ? 1 : 2);
    },
  );

  test("each event is published in the request's own async context", async () => {
    const { pool } = poolOf(echoes);
    const store = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    for (const event of Object.values(requestEvents)) channels.on(event, () => seen.push(store.getStore()));
    store.run('mine', () => pool.stream('apollo', 'hello').subscribe());
    store.run('other', () => pool.ask('apollo', 'hello').subscribe().unsubscribe());
    await stage.advance(50);
    expect(seen.sort()).toEqual([...Array(6).fill('mine'), ...Array(4).fill('other')]);
  });

  test('the events of an unsubscription are published in the context of the request, not of the caller', async () => {
    const { pool } = poolOf(silent);
    const store = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    channels.on(requestEvents.asyncEnd, () => seen.push(store.getStore()));
    const request = store.run('mine', () => pool.ask('apollo', 'hello').subscribe());
    await stage.advance(20);
    store.run('other', () => request.unsubscribe());
    expect(seen).toEqual(['mine']);
  });
});

describe('a subscriber that ends the request itself', () => {
  const kinds = ['abort', 'close', 'remove'] as const;
  const events = ['start', 'end', 'written', 'firstChunk', 'asyncStart', 'asyncEnd'] as const;

  test.each(kinds.flatMap((kind) => events.map((event) => ({ kind, event }))))(
    '$kind at $event: the request ends once, and is counted once',
    async ({ kind, event }) => {
      const { pool } = poolOf(echoes);
      const controller = new AbortController();
      const recorded = channels.requests();
      channels.on(requestEvents[event], () => {
        if (kind === 'abort') controller.abort();
        else if (kind === 'close') void pool.close({ drainTimeoutMs: 0 });
        else void pool.remove('apollo', { drainTimeoutMs: 0 }).catch(() => {});
      });
      const results: string[] = [];
      pool.stream('apollo', 'hello', { signal: controller.signal }).subscribe({
        next: () => results.push('next'),
        error: () => results.push('error'),
        complete: () => results.push('complete'),
      });
      await stage.advance(100, 10);
      expect(recorded.filter((each) => each.event === 'start')).toHaveLength(1);
      expect(recorded.filter((each) => each.event === 'asyncEnd')).toHaveLength(1);
      expect(results.filter((each) => each !== 'next')).toHaveLength(1);
      expect(results.at(-1)).not.toBe('next');
      const { succeeded, failed, cancelled } = pool.snapshot().totals.metrics;
      const ended = succeeded + cancelled + Object.values(failed).reduce((sum, count) => sum + count, 0);
      expect(ended).toBe(1);
      const { outcome } = last(recorded);
      expect(outcome).toBe(results.at(-1) === 'complete' ? 'answered' : 'failed');
    },
  );

  test.each(['written', 'firstChunk', 'asyncStart', 'asyncEnd'] as const)('unsubscribes at %s', async (event) => {
    const { pool } = poolOf(echoes);
    const recorded = channels.requests();
    let request: Subscription | undefined;
    channels.on(requestEvents[event], () => request?.unsubscribe());
    const results: unknown[] = [];
    request = pool.stream('apollo', 'hello').subscribe((chunk) => results.push(chunk));
    await stage.advance(100, 10);
    expect(recorded.filter((each) => each.event === 'asyncEnd')).toHaveLength(1);
    const isOver = event.startsWith('async');
    expect(results).toHaveLength(isOver ? 2 : 0);
    expect(last(recorded).outcome).toBe(isOver ? 'answered' : 'cancelled');
    const { succeeded, cancelled } = pool.snapshot().totals.metrics;
    expect([succeeded, cancelled]).toEqual(isOver ? [1, 0] : [0, 1]);
  });
});

describe('many requests', () => {
  test('each ends once, and the sums are those of the pool', async () => {
    let answered = 0;
    const { pool } = poolOf(
      ({ request_id, content, type, stream }, peer) => {
        if (type === 'ping') return peer.send({ type: 'pong', request_id });
        answered += 1;
        if (answered % 7 === 0) return;
        if (answered % 97 === 0) return peer.close();
        if (answered % 5 === 0) return peer.send({ type: 'error', error: 'no', request_id });
        echoes({ request_id, content, type, stream }, peer);
      },
      { maxWaiting: 8, requestTimeoutMs: 30 },
    );
    const recorded = channels.requests();
    let begun = 0;
    for (let round = 0; round < 40; round += 1) {
      for (let index = 0; index < 10; index += 1) {
        const request =
          index % 2 === 0 ? pool.ask('apollo', 'a').subscribe(ignored) : pool.stream('apollo', 'b').subscribe(ignored);
        begun += 1;
        if ((round + index) % 6 === 0) stage.clock.setTimeout(() => request.unsubscribe(), index, 'background');
        if ((round + index) % 11 === 0) request.unsubscribe();
      }
      await stage.advance(10, 5);
    }
    await stage.advance(500, 20);
    const of = (event: string) => recorded.filter((each) => each.event === event).map(({ context }) => context);
    expect(of('start')).toHaveLength(begun);
    expect(of('asyncEnd')).toHaveLength(begun);
    expect(new Set(of('asyncEnd'))).toEqual(new Set(of('start')));
    const ends = of('asyncEnd');
    expect(new Set(of('error'))).toEqual(new Set(ends.filter(({ outcome }) => outcome === 'failed')));
    const { metrics } = pool.snapshot().totals;
    const counted = (outcome: string) => ends.filter((context) => context.outcome === outcome);
    expect(counted('answered')).toHaveLength(metrics.succeeded);
    expect(counted('cancelled')).toHaveLength(metrics.cancelled);
    const codes: Record<string, number> = {};
    for (const { code } of counted('failed')) codes[String(code)] = (codes[String(code)] ?? 0) + 1;
    expect(codes).toEqual(metrics.failed);
    expect(of('written')).toHaveLength(metrics.requests);
    expect(of('written').filter(({ reused }) => reused)).toHaveLength(metrics.reuses);
    // None of the kinds is missing, or this would prove little.
    expect(Object.keys(codes)).toEqual(
      expect.arrayContaining(['ci_error', 'deadline_exceeded', 'overloaded', 'connection_lost']),
    );
    expect(metrics.succeeded * metrics.cancelled).toBeGreaterThan(0);
  });
});
