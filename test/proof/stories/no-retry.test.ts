import { concat, defer, lastValueFrom, merge, type Observable, repeat, retry, share, shareReplay, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { ChoragusError, Reply } from '../../../src/index.js';
import { faults, type ScriptedCi } from '../../../src/testing/index.js';
import { NOBODY, until, useStage } from '../../support/stage.js';
import { watch } from '../../support/watch.js';

const stage = useStage();
const contentsOf = (ci: ScriptedCi) => ci.received.map(({ message }) => message.content);

describe('a request reaches the wire at most once', () => {
  test.each([
    ['answered with an error', faults.replies, 'ci_error'],
    ['cut off', faults.cutOff, 'connection_lost'],
    ['answered with garbage', faults.garbage, 'protocol_error'],
  ])('with retry(3) after %s', async (_, fault, code) => {
    const ci = await stage.scripted(code === 'ci_error' ? (request) => request.error('no') : fault());
    const pool = stage.pool({ cis: { apollo: ci.url }, reconnectDelayMs: 1 });
    const asked = watch(pool.ask('apollo', 'hello').pipe(retry(3)));
    expect(await asked.ended).toBe('already_sent maybe_sent undefined');
    expect(asked.values).toEqual([]);
    ci.onRequest(faults.replies());
    expect(await watch(pool.ask('apollo', 'next', { waitForReady: true })).ended).toBe('reply');
    expect(contentsOf(ci)).toEqual(['hello', 'next']);
  });

  test('with retry(3) after a timeout', async () => {
    const ci = await stage.scripted(faults.hangs());
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const codes: string[] = [];
    const count = (error: ChoragusError) => {
      codes.push(error.code);
      throw error;
    };
    const asked = watch(pool.ask('apollo', 'hello', { deadlineMs: 60 }).pipe(retry({ count: 3, delay: count })));
    expect(await asked.ended).toBe('deadline_exceeded maybe_sent total');
    const again = watch(pool.stream('apollo', 'stream', { firstChunkTimeoutMs: 60 }).pipe(retry(3)));
    expect(await again.ended).toBe('already_sent maybe_sent undefined');
    expect([contentsOf(ci), codes]).toEqual([['hello', 'stream'], ['deadline_exceeded']]);
  });

  test('with repeat() after an answer', async () => {
    const ci = await stage.scripted(faults.replies());
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const asked = watch(pool.ask('apollo', 'hello').pipe(repeat(3)));
    expect(await asked.ended).toBe('already_sent maybe_sent undefined');
    expect(asked.values.map(({ content }) => content)).toEqual(['hello']);
    expect(contentsOf(ci)).toEqual(['hello']);
  });

  test.each<[string, (request: Observable<Reply>) => Observable<Reply>]>([
    ['beside the first', (request) => merge(request, request)],
    ['after the first', (request) => concat(request, request)],
  ])('a second subscription %s', async (_, twice) => {
    const ci = await stage.scripted(faults.replies());
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const asked = watch(twice(pool.ask('apollo', 'hello')));
    expect(await asked.ended).toBe('already_sent maybe_sent undefined');
    expect(await watch(pool.ask('apollo', 'next')).ended).toBe('reply');
    expect(contentsOf(ci).filter((content) => content === 'hello').length).toBeLessThanOrEqual(1);
  });

  test('a second subscription does not affect the first', async () => {
    const ci = await stage.scripted(faults.replies());
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const request = pool.ask('apollo', 'hello');
    const [first, second] = [watch(request), watch(request)];
    expect(second.outcome).toBe('already_sent maybe_sent undefined');
    expect(await first.ended).toBe('reply');
    expect(contentsOf(ci)).toEqual(['hello']);
  });

  test('a request cancelled after it was sent is not sent again', async () => {
    const ci = await stage.scripted(faults.hangs());
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const request = pool.ask('apollo', 'hello');
    const first = watch(request);
    await ci.nextRequest();
    first.subscription.unsubscribe();
    expect(watch(request).outcome).toBe('already_sent maybe_sent undefined');
  });

  test('a shared request is sent once', async () => {
    const ci = await stage.scripted(faults.replies());
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const shared = pool.ask('apollo', 'hello').pipe(share());
    const replayed = pool.ask('apollo', 'replayed').pipe(shareReplay(1));
    const asked = [shared, shared, replayed, replayed].map((request) => watch(request));
    await Promise.all(asked.map(({ ended }) => ended));
    asked.push(watch(replayed));
    expect(asked.map(({ outcome }) => outcome)).toEqual(Array(5).fill('reply'));
    expect(contentsOf(ci).sort()).toEqual(['hello', 'replayed']);
  });

  test('a broadcast, too: the second subscription reports for each CI that it was sent', async () => {
    const cis = [await stage.scripted(faults.replies()), await stage.scripted(faults.replies())];
    const pool = stage.pool({ cis: { apollo: cis[0]?.url ?? '', athena: cis[1]?.url ?? '' } });
    const broadcast = pool.broadcast('hello');
    const first = await lastValueFrom(broadcast.pipe(toArray()));
    const second = await lastValueFrom(broadcast.pipe(toArray()));
    expect(first.map(({ ok }) => ok)).toEqual([true, true]);
    expect(second.map((outcome) => !outcome.ok && outcome.error.code)).toEqual(['already_sent', 'already_sent']);
    expect(cis.flatMap(contentsOf)).toEqual(['hello', 'hello']);
  });
});

describe('a request that was certainly not sent may be retried', () => {
  test('after a CI has come back', async () => {
    const path = await stage.unixPath();
    const pool = stage.pool({ cis: { apollo: `unix:${path}` }, reconnectDelayMs: 1 });
    const request = pool.ask('apollo', 'hello');
    expect(await watch(request).ended).toBe('unavailable not_sent connect');
    const ci = await stage.scripted(faults.replies(), { listen: { path } });
    await until(() => pool.snapshot().cis.apollo?.state === 'idle');
    const again = watch(request);
    expect(await again.ended).toBe('reply');
    expect(again.values[0]?.content).toBe('hello');
    expect(watch(request).error?.code).toBe('already_sent');
    expect(contentsOf(ci)).toEqual(['hello']);
  });

  test('by retry(), as often as configured', async () => {
    const pool = stage.pool({ cis: { apollo: NOBODY }, reconnectDelayMs: 1 });
    let tries = 0;
    const request = pool.ask('apollo', 'hello');
    const tried = defer(() => {
      tries += 1;
      return request;
    });
    expect(await watch(tried.pipe(retry(3))).ended).toBe('unavailable not_sent connect');
    expect(tries).toBe(4);
  });

  test('after it was cancelled while it waited', async () => {
    const ci = await stage.scripted(faults.replies());
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const request = pool.ask('apollo', 'hello');
    watch(request).subscription.unsubscribe();
    const again = watch(request);
    expect(await again.ended).toBe('reply');
    expect(contentsOf(ci)).toEqual(['hello']);
  });
});
