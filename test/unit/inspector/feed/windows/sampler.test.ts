import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PoolFeed } from '../../../../../src/inspector/feed/pool-feed.js';
import type { CiRow, Recorded, Summary } from '../../../../../src/inspector/feed/records.js';
import { Sampler } from '../../../../../src/inspector/feed/windows/sampler.js';
import { type FakeLoad, fakeWatchable, terms } from '../fake-watchable.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Lets the service run for this time. */
const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);

function sampled(...names: string[]) {
  const fake = fakeWatchable(...names);
  const sampler = new Sampler(fake.watchable);
  const load = (ci: string) => fake.loads.get(ci) as FakeLoad;
  return { ...fake, sampler, load };
}

describe('the windows of a CI', () => {
  test('count what ended in each, with its percentiles, from the start of the sampler on', async () => {
    const { sampler, load } = sampled('apollo');
    load('apollo').succeed(1_000, 1_000);
    sampler.start();
    await pass(1);
    load('apollo').succeed(10, 10, 100);
    load('apollo').fail(2);
    await pass(4.1);
    const first = { seconds: 5, succeeded: 3, failed: 2 };
    expect(sampler.recent('apollo')).toMatchObject({ s30: first, m1: first, m5: first, h1: first });
    expect(sampler.recent('apollo')?.s30.p50).toBeCloseTo(10, 0);
    expect(sampler.recent('apollo')?.s30.p99 ?? 0).toBeGreaterThan(90);

    await pass(55);
    const later = sampler.recent('apollo');
    expect(later?.s30).toEqual({ seconds: 30, succeeded: 0, failed: 0, p50: 0, p99: 0 });
    expect(later).toMatchObject({ m1: { seconds: 60, succeeded: 3 }, m5: { seconds: 60 }, h1: { failed: 2 } });
    await pass(60 * 60);
    expect(sampler.recent('apollo')).toBeUndefined();
    sampler.stop();
  });

  test('are absent for a CI without requests, and cost it nothing', async () => {
    const { sampler, load } = sampled(...Array.from({ length: 10_000 }, (_, i) => `ci${i}`));
    sampler.start();
    await pass(30);
    expect(sampler.size).toBe(0);
    load('ci7').fail();
    await pass(5);
    expect([sampler.size, sampler.recent('ci8'), sampler.recent('ci7')?.h1.seconds]).toEqual([1, undefined, 35]);
    sampler.stop();
  });

  test('of a CI that was added later begin then, and another CI of the same name starts afresh', async () => {
    const { sampler, load, add, remove } = sampled('apollo');
    sampler.start();
    await pass(60);
    load('apollo').fail(7);
    await pass(6);
    expect(sampler.recent('apollo')?.h1.failed).toBe(7);
    remove('apollo');
    expect(sampler.recent('apollo')).toBeUndefined();
    add('apollo').fail(1);
    add('athena').fail(2);
    expect(sampler.recent('apollo')).toBeUndefined();
    await pass(4);
    expect(sampler.recent('apollo')?.h1).toMatchObject({ seconds: 4, failed: 1 });
    expect(sampler.recent('athena')?.h1).toMatchObject({ seconds: 4, failed: 2 });
    // The pool's count includes the removed one.
    expect(sampler.recentOfPool()?.h1).toMatchObject({ seconds: 70, failed: 10 });
    remove('athena');
    await pass(5);
    expect(sampler.size).toBe(1);
    sampler.stop();
  });

  test('do not depend on the wall clock', async () => {
    const { sampler, load } = sampled('apollo');
    sampler.start();
    await pass(20);
    vi.setSystemTime(Date.now() - 86_400_000);
    load('apollo').fail();
    await pass(5);
    expect(sampler.recent('apollo')?.s30).toMatchObject({ seconds: 25, failed: 1 });
    sampler.stop();
  });

  test('are the same object until a count changes, or the covered time grows by a tenth', async () => {
    const { sampler, load } = sampled('apollo');
    sampler.start();
    load('apollo').succeed(1);
    await pass(400);
    const objects = new Set<unknown>();
    for (let second = 0; second < 300; second += 1) {
      await pass(1);
      objects.add(sampler.recent('apollo'));
    }
    // From 400 s to 700 s, and once more when it leaves the window of 5 minutes.
    expect(objects.size).toBeLessThanOrEqual(8);
    const before = sampler.recent('apollo');
    load('apollo').succeed(1);
    await pass(5);
    expect(sampler.recent('apollo')).not.toBe(before);
    sampler.stop();
  });

  test('are sent with the rows and the summary, without being sent again each second', async () => {
    const { watchable, load } = sampled('apollo', 'athena');
    const feed = new PoolFeed(watchable, terms);
    feed.start();
    await pass(5);
    const told: Recorded[] = [];
    const leave = feed.subscribe((record) => told.push(record));
    expect([...feed.state()].flatMap((record) => (record.t === 'cis' ? record.rows : []))).toHaveLength(2);
    load('apollo').fail(3);
    await pass(30);
    const summaries = told.filter((record): record is Summary => record.t === 'summary');
    const rows = summaries.flatMap(({ rows }) => rows).filter(({ recent }) => recent !== undefined) as CiRow[];
    expect(rows.map(({ ci }) => ci)).toEqual(rows.map(() => 'apollo'));
    expect(rows[0]?.recent?.s30.failed).toBe(3);
    expect(rows.length).toBeLessThanOrEqual(6);
    expect(summaries.at(-1)?.recent?.m1.failed).toBe(3);
    leave();
    feed.close();
  });
});

describe('the sampler', () => {
  test.each(['is stopped', 'finds the pool closed'] as const)('leaves no timer once it %s', async (how) => {
    const { sampler, close } = sampled('apollo');
    sampler.start();
    await pass(7);
    if (how === 'is stopped') sampler.stop();
    else close();
    await pass(5);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('counts everything once, also if the event loop is blocked for a minute', async () => {
    const { sampler, load } = sampled('apollo');
    sampler.start();
    await pass(5);
    load('apollo').fail(4);
    vi.setSystemTime(Date.now());
    // The timer fires late.
    const blocked = vi.spyOn(performance, 'now');
    const real = performance.now();
    blocked.mockImplementation(() => real + 60_000);
    await pass(5);
    expect(sampler.recent('apollo')).toMatchObject({ s30: { failed: 4 }, h1: { failed: 4, seconds: 65 } });
    sampler.stop();
  });
});

describe('a CI that answers nothing', () => {
  test.each([
    { what: 'a request in flight and no answer', inFlight: 1, each: () => {}, found: true },
    { what: 'nothing in flight', inFlight: 0, each: () => {}, found: false },
    { what: 'answers', inFlight: 1, each: (load: FakeLoad) => load.succeed(1), found: false },
    { what: 'failures', inFlight: 1, each: (load: FakeLoad) => load.fail(), found: false },
    {
      what: 'unsubscribed requests',
      inFlight: 1,
      each: (load: FakeLoad) => (load.metrics.cancelled += 1),
      found: false,
    },
    { what: 'chunks of a stream', inFlight: 1, each: (load: FakeLoad) => (load.metrics.chunks += 1), found: false },
  ])('$what: unanswered $found', async ({ inFlight, each, found }) => {
    const { sampler, load } = sampled('apollo');
    sampler.start();
    await pass(2);
    const askedAt = Date.now();
    load('apollo').inFlight = inFlight;
    for (let second = 0; second < 60; second += 1) {
      each(load('apollo'));
      await pass(1);
    }
    const since = sampler.unansweredSince('apollo');
    expect(since !== undefined).toBe(found);
    if (since !== undefined) {
      expect(since - askedAt).toBeGreaterThanOrEqual(0);
      expect(since - askedAt).toBeLessThanOrEqual(5_000);
    }
    load('apollo').succeed(1);
    await pass(5);
    expect(sampler.unansweredSince('apollo')).toBeUndefined();
    sampler.stop();
  });
});
