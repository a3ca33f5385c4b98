import { firstValueFrom, lastValueFrom } from 'rxjs';
import { describe, expect, test, vi } from 'vitest';
import type { Pool } from '../../../src/index.js';
import { WATCHABLE, type Watchable } from '../../../src/observe/watchable.js';
import { prometheusText } from '../../../src/prometheus/index.js';
import { readSamples } from '../../support/read-samples.js';
import { answers, type MemoryScript, useVirtualStage } from '../../support/virtual-stage.js';

const stage = useVirtualStage();
const read = async (pool: Pool, options?: Parameters<typeof prometheusText>[1]) =>
  readSamples(await prometheusText(pool, options));
const insideOf = (pool: Pool): Watchable => (pool as unknown as { readonly [WATCHABLE]: Watchable })[WATCHABLE];
const never: MemoryScript = ({ type, request_id }, peer) => {
  if (type === 'ping') peer.send({ type: 'pong', request_id });
};
const fails: MemoryScript = ({ request_id }, peer) => peer.send({ type: 'error', error: 'no', request_id });
/** Answers with tokens, whole or as a stream of two chunks. */
const counts: MemoryScript = ({ stream, request_id }, peer) => {
  const usage = { input_tokens: 3, output_tokens: 4 };
  if (stream !== true) return peer.send({ type: 'chat_response', content: 'hi', usage, request_id });
  peer.send({ type: 'stream_chunk', content: 'h', request_id });
  peer.send({ type: 'stream_chunk', content: 'i', request_id });
  peer.send({ type: 'stream_end', usage, request_id });
};

describe('the text of a pool', () => {
  test('counts what the pool counts, to the last request', async () => {
    const apollo = stage.ci('apollo', counts);
    const hermes = stage.ci('hermes', fails);
    const mute = stage.ci('mute', never);
    const pool = stage.pool({ cis: { apollo: apollo.url, hermes: hermes.url, mute: mute.url }, requestTimeoutMs: 500 });
    for (let i = 0; i < 5; i += 1) await firstValueFrom(pool.ask('apollo', 'hello'));
    await lastValueFrom(pool.stream('apollo', 'hello'));
    for (let i = 0; i < 2; i += 1) await firstValueFrom(pool.ask('hermes', 'hello')).catch(() => {});
    const late = firstValueFrom(pool.ask('mute', 'hello')).catch(() => {});
    const cancelled = pool.ask('mute', 'hello').subscribe();
    await stage.advance(10);
    cancelled.unsubscribe();
    await stage.advance(600, 100);
    await late;
    const waiting = pool.ask('mute', 'hello').subscribe({ error: () => {} });
    await stage.advance(1);

    const { value, sum } = await read(pool);
    const { cis, totals } = pool.snapshot();
    for (const [ci, { metrics, inFlight, waiting: queued }] of Object.entries(cis)) {
      expect(value('choragus_requests_total', { ci, outcome: 'succeeded' })).toBe(metrics.succeeded);
      expect(value('choragus_requests_total', { ci, outcome: 'cancelled' })).toBe(metrics.cancelled);
      const failed = Object.values(metrics.failed).reduce((all, count) => all + count, 0);
      expect(value('choragus_requests_total', { ci, outcome: 'failed' })).toBe(failed);
      expect(sum('choragus_failures_total', { ci })).toBe(failed);
      for (const [code, count] of Object.entries(metrics.failed)) {
        expect(sum('choragus_failures_total', { ci, code })).toBe(count);
      }
      expect(value('choragus_request_duration_seconds_count', { ci })).toBe(metrics.succeeded);
      expect(value('choragus_written_requests_total', { ci })).toBe(metrics.requests);
      expect(value('choragus_reused_requests_total', { ci })).toBe(metrics.reuses);
      expect([value('choragus_in_flight', { ci }), value('choragus_waiting', { ci })]).toEqual([inFlight, queued]);
    }
    expect(value('choragus_requests_total', { ci: 'apollo', outcome: 'succeeded' })).toBe(6);
    expect(value('choragus_failures_total', { ci: 'hermes', code: 'ci_error', delivery: 'answered' })).toBe(2);
    expect(value('choragus_failures_total', { ci: 'mute', code: 'deadline_exceeded', delivery: 'maybe_sent' })).toBe(1);
    expect(sum('choragus_in_flight') + sum('choragus_waiting')).toBe(1);
    expect(value('choragus_tokens_total', { ci: 'apollo', direction: 'input' })).toBe(18);
    expect(value('choragus_tokens_total', { ci: 'apollo', direction: 'output' })).toBe(24);
    expect(value('choragus_first_chunk_seconds_count')).toBe(1);
    expect(value('choragus_queue_duration_seconds_count')).toBe(totals.metrics.succeeded);
    expect(value('choragus_connect_duration_seconds_count')).toBe(totals.metrics.connects);
    expect(value('choragus_connects_total')).toBe(totals.metrics.connects);
    expect(Math.round((value('choragus_connect_seconds_saved_total') as number) * 1_000)).toBe(
      totals.metrics.connectMsSaved,
    );
    expect(value('choragus_request_timeout_seconds', { ci: 'mute' })).toBe(0.5);
    expect(value('choragus_build_info', { version: '0.1.0' })).toBe(1);
    waiting.unsubscribe();
  });

  test('has the time from the subscription, so also the wait for a slot', async () => {
    const apollo = stage.ci('apollo', ({ request_id }, peer) => {
      stage.clock.setTimeout(() => peer.send({ type: 'chat_response', content: 'hi', request_id }), 40, 'background');
    });
    const pool = stage.pool({ cis: { apollo: apollo.url }, maxConnections: 1, maxInFlight: 1 });
    const first = firstValueFrom(pool.ask('apollo', 'one'));
    await stage.advance(1);
    const second = firstValueFrom(pool.ask('apollo', 'two'));
    await stage.advance(200, 10);
    const [one, two] = await Promise.all([first, second]);
    const { value } = await read(pool);
    const total = (one.timings.totalMs + two.timings.totalMs) / 1_000;
    expect(value('choragus_request_duration_seconds_sum', { ci: 'apollo' })).toBeCloseTo(total, 6);
    expect(two.timings.queuedMs).toBeGreaterThan(0);
    expect(value('choragus_request_duration_seconds_bucket', { ci: 'apollo', le: '0.032768' })).toBe(0);
    expect(value('choragus_request_duration_seconds_bucket', { ci: 'apollo', le: '0.131072' })).toBe(2);
  });

  test('shows a CI as down from the first failed dial until it is back; one that nobody asked is up', async () => {
    const apollo = stage.ci('apollo', answers);
    const pool = stage.pool({ cis: { apollo: apollo.url }, reconnectDelayMs: 100, maxReconnectDelayMs: 100 });
    const up = async () => (await read(pool)).value('choragus_ci_up', { ci: 'apollo' });
    expect(await up()).toBe(1);
    apollo.leave();
    await pool.warm();
    expect(await up()).toBe(0);
    expect((await read(pool)).value('choragus_connections', { ci: 'apollo', state: 'reconnecting' })).toBe(1);
    apollo.comeBack();
    await stage.advance(500, 50);
    expect(await up()).toBe(1);
    expect((await read(pool)).value('choragus_connections', { ci: 'apollo', state: 'healthy' })).toBe(1);
  });

  test('can be read of a pool without CIs, and of one that is closed', async () => {
    const pool = stage.pool({});
    expect((await read(pool)).sum('choragus_requests_total')).toBe(0);
    await pool.close();
    expect((await read(pool, { openMetrics: true })).value('choragus_connects_total')).toBe(0);
  });

  test('names a full queue from 0 on, so that the first refusal is an increase', async () => {
    const mute = stage.ci('mute', never);
    const pool = stage.pool({ cis: { mute: mute.url }, maxConnections: 1, maxInFlight: 1, maxWaiting: 1 });
    const overloaded = async () =>
      (await read(pool)).value('choragus_failures_total', { ci: 'mute', code: 'overloaded', delivery: 'not_sent' });
    expect(await overloaded()).toBe(0);
    const asked = Array.from({ length: 4 }, () => pool.ask('mute', 'hello').subscribe({ error: () => {} }));
    await stage.advance(5);
    expect(await overloaded()).toBeGreaterThan(0);
    expect(await overloaded()).toBe(pool.snapshot().cis.mute?.metrics.failed.overloaded);
    for (const one of asked) one.unsubscribe();
  });
});

describe('readings at the same time', () => {
  const CIS = 3_000;
  const many = () => {
    const apollo = stage.ci('apollo', answers);
    return Object.fromEntries(Array.from({ length: CIS }, (_, index) => [`ci-${index}`, apollo.url]));
  };

  test('let the event loop turn in between, and are shared: two for any number of scrapes', async () => {
    const pool = stage.pool({ cis: many() });
    const loads = vi.spyOn(insideOf(pool), 'loads');
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    turn();
    const texts = await Promise.all(
      Array.from({ length: 10 }, (_, index) => prometheusText(pool, { maxCis: 20, openMetrics: index % 2 === 1 })),
    );
    isOver = true;
    expect(loads).toHaveBeenCalledTimes(2);
    expect(turns).toBeGreaterThan(5);
    for (const text of texts) expect(text.split('\n').length).toBeGreaterThan(20 * 30);
    // Another one begins afresh.
    await prometheusText(pool, { maxCis: 20 });
    expect(loads).toHaveBeenCalledTimes(3);
  });

  test('each include the requests that ended before', async () => {
    const pool = stage.pool({ cis: many() });
    await firstValueFrom(pool.ask('ci-0', 'hello'));
    const first = read(pool, { maxCis: 20 });
    // The first reading has passed ci-0 by now.
    await new Promise((resolve) => setImmediate(resolve));
    await firstValueFrom(pool.ask('ci-0', 'hello'));
    const second = read(pool, { maxCis: 20 });
    const of = async (reading: ReturnType<typeof read>) =>
      (await reading).value('choragus_requests_total', { ci: 'ci-0', outcome: 'succeeded' });
    expect([await of(first), await of(second)]).toEqual([1, 2]);
  });
});
