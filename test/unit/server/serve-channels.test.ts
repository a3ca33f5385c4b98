import { AsyncLocalStorage } from 'node:async_hooks';
import { firstValueFrom, interval, lastValueFrom, map, take, toArray } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import type { CiHandler, RequestContext, ServeContext } from '../../../src/index.js';
import { useChannels } from '../../support/record-channels.js';
import { useStage } from '../../support/stage.js';

const stage = useStage();
const channels = useChannels();

const events = ['start', 'end', 'error', 'asyncStart', 'asyncEnd'] as const;
const carrier = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };

function record() {
  const recorded: { readonly event: (typeof events)[number]; readonly context: ServeContext }[] = [];
  for (const event of events) {
    channels.on(`tracing:choragus:serve:${event}`, (message) => {
      recorded.push({ event, context: message as ServeContext });
    });
  }
  return recorded;
}

async function serve(handler: CiHandler) {
  const ci = await stage.serve({ id: 'apollo', handler });
  const pool = stage.pool({ cis: { apollo: { url: ci.url, traceContext: true } } });
  return { ci, pool, ask: () => firstValueFrom(pool.ask('apollo', 'hello')) };
}

describe('the channels of served requests', () => {
  test('publish the start and the end of an answer, with one object and the carrier of the request', async () => {
    const { ask } = await serve(async ({ content }) => content);
    const recorded = record();
    channels.on('tracing:choragus:request:start', (message) => {
      (message as RequestContext).carrier = carrier;
    });
    await ask();
    expect(recorded.map(({ event }) => event)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(new Set(recorded.map(({ context }) => context)).size).toBe(1);
    expect(recorded[0]?.context).toMatchObject({
      ci: 'apollo',
      type: 'chat',
      isStream: false,
      carrier,
      request: { content: 'hello' },
      outcome: 'answered',
    });
  });

  test('a carrier that is not valid is not passed on', async () => {
    const { pool } = await serve(() => 'fine');
    const recorded = record();
    await firstValueFrom(pool.ask('apollo', { content: 'hello', _meta: { traceparent: 'x\n' } }));
    expect(recorded[0]?.context.carrier).toBeUndefined();
  });

  test('publish the exception of a handler', async () => {
    const failure = new Error('no');
    const { ask } = await serve(() => {
      throw failure;
    });
    const recorded = record();
    await expect(ask()).rejects.toMatchObject({ code: 'ci_error' });
    // A handler that throws at once ends before its call returns.
    expect(recorded.map(({ event }) => event)).toEqual(['start', 'error', 'asyncStart', 'asyncEnd', 'end']);
    expect(recorded[0]?.context).toMatchObject({ outcome: 'failed', error: failure });
  });

  test('publish that the client left, once', async () => {
    const { pool, ci } = await serve(() => new Promise(() => {}));
    const recorded = record();
    pool.ask('apollo', 'hello').subscribe({ error: () => {} });
    await vi.waitFor(() => expect(recorded).not.toEqual([]));
    await pool.close({ drainTimeoutMs: 0 });
    await vi.waitFor(() => expect(ci.connections).toBe(0));
    expect(recorded.map(({ event }) => event)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
    expect(recorded[0]?.context.outcome).toBe('cancelled');
  });

  test('publish nothing for pings and other requests that the server answers itself', async () => {
    const { pool } = await serve(() => 'fine');
    const recorded = record();
    for (const type of ['ping', 'health', 'info']) await firstValueFrom(pool.request('apollo', { type }));
    expect(recorded).toEqual([]);
  });
});

describe('the run function of a subscriber', () => {
  const store = new AsyncLocalStorage<string>();
  const runIn = (run: NonNullable<ServeContext['run']>): void => {
    channels.on('tracing:choragus:serve:start', (message) => {
      (message as ServeContext).run = run;
    });
  };
  const seen = (): string => store.getStore() ?? 'nothing';
  const handlers: Readonly<Record<string, CiHandler>> = {
    'a function': () => seen(),
    'a promise': async () => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return seen();
    },
    'an Observable': () =>
      interval(1).pipe(
        take(2),
        map(() => seen()),
      ),
    'a generator': async function* () {
      yield seen();
      await new Promise((resolve) => setImmediate(resolve));
      yield seen();
    },
  };

  test.each(Object.keys(handlers))('%s runs in its async context', async (name) => {
    const { pool } = await serve(handlers[name] as CiHandler);
    runIn((handle) => store.run('mine', handle));
    const pieces = await lastValueFrom(pool.stream('apollo', 'hello').pipe(toArray()));
    expect(new Set(pieces.map(({ content }) => content))).toEqual(new Set(['mine']));
  });

  const faulty: Readonly<Record<string, NonNullable<ServeContext['run']>>> = {
    'throws before the call': () => {
      throw new Error('no');
    },
    'throws after the call': (handle) => {
      handle();
      throw new Error('no');
    },
    'does not call': () => {},
    'calls later': (handle) => void setTimeout(handle, 1),
    'calls twice': (handle) => {
      handle();
      handle();
    },
  };

  test.each(Object.keys(faulty))('one that %s costs no client its answer', async (name) => {
    let calls = 0;
    const { ask } = await serve(() => {
      calls += 1;
      return 'fine';
    });
    const recorded = record();
    runIn(faulty[name] as NonNullable<ServeContext['run']>);
    expect((await ask()).content).toBe('fine');
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(calls).toBe(1);
    expect(recorded.filter(({ event }) => event === 'asyncEnd')).toHaveLength(1);
  });
});
