import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PoolFeed } from '../../../../src/inspector/feed/pool-feed.js';
import type { Recorded, Summary } from '../../../../src/inspector/feed/records.js';
import { fakeWatchable, statusOf, terms } from './fake-watchable.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A watcher of a feed, from its first state on. */
function watching(feed: PoolFeed) {
  const told: Recorded[] = [];
  const leave = feed.subscribe((record) => told.push(record));
  const rows = [...feed.state()].flatMap((record) => (record.t === 'cis' ? record.rows : []));
  const summaries = () => told.filter((record): record is Summary => record.t === 'summary');
  return {
    told,
    leave,
    rows,
    summaries,
    /** Returns the CIs in each round. */
    rounds: () => summaries().map(({ rows }) => rows.map(({ ci }) => ci)),
  };
}

const round = () => vi.advanceTimersByTimeAsync(1_050);

describe('a round', () => {
  test('sends what changed since the first state, and nothing else', async () => {
    const { watchable, cis } = fakeWatchable('apollo', 'athena');
    const one = watching(new PoolFeed(watchable, terms));
    await round();
    cis.set('athena', statusOf('athena', { inFlight: 1 }));
    await round();
    await round();
    expect(one.rounds()).toEqual([[], ['athena'], []]);
    expect(one.summaries()[1]).toMatchObject({ inFlight: 1, states: { healthy: 2, closed: 0 } });
  });

  test('sends only differences, and all of a new CI', async () => {
    const { watchable, cis } = fakeWatchable('apollo');
    const one = watching(new PoolFeed(watchable, terms));
    await round();
    cis.set('apollo', statusOf('apollo', { inFlight: 2, waiting: 1 }));
    cis.set('athena', statusOf('athena'));
    await round();
    const [apollo, athena] = one.summaries()[1]?.rows ?? [];
    expect(apollo).toEqual({ ci: 'apollo', seq: 0, inFlight: 2, waiting: 1 });
    const absent = { downSince: null, unansweredSince: null, recent: null, lastError: null };
    expect(athena).toEqual({ ...one.rows[0], ...absent, ci: 'athena', connections: athena?.connections });
    expect(athena?.connections).toHaveLength(1);
  });

  test('sends a new CI, even if another watcher has already got it', async () => {
    const { watchable, cis } = fakeWatchable('apollo');
    const feed = new PoolFeed(watchable, terms);
    const one = watching(feed);
    await round();
    cis.set('athena', statusOf('athena'));
    expect(watching(feed).rows.map(({ ci }) => ci)).toEqual(['apollo', 'athena']);
    await round();
    expect(one.rounds()).toEqual([[], ['athena']]);
  });

  test('sends a CI whose row is equal again, if another watcher has got a different one', async () => {
    const { watchable, cis } = fakeWatchable('apollo');
    const feed = new PoolFeed(watchable, terms);
    const one = watching(feed);
    await round();
    cis.set('apollo', statusOf('apollo', { inFlight: 1 }));
    expect(watching(feed).rows[0]?.inFlight).toBe(1);
    cis.set('apollo', statusOf('apollo'));
    await round();
    await round();
    expect(one.rounds()).toEqual([[], ['apollo'], []]);
    expect(one.summaries()[1]?.rows[0]?.inFlight).toBe(0);
  });

  test('sends the removal of a CI that only another watcher has got', async () => {
    const { watchable, cis } = fakeWatchable('apollo');
    const feed = new PoolFeed(watchable, terms);
    watching(feed);
    await round();
    cis.set('athena', statusOf('athena'));
    const other = watching(feed);
    cis.delete('athena');
    await round();
    expect(other.told.filter(({ t }) => t === 'gone')).toMatchObject([{ ci: 'athena' }]);
  });

  test('sends a CI that was added right after the first state', async () => {
    const { watchable, cis } = fakeWatchable('apollo');
    const feed = new PoolFeed(watchable, terms);
    const one = watching(feed);
    cis.set('athena', statusOf('athena'));
    // A script that requests a snapshot.
    expect([...feed.state()]).toHaveLength(2);
    await round();
    expect(one.rounds()).toEqual([['athena']]);
  });

  test('sends the removal of a CI once', async () => {
    const { watchable, cis } = fakeWatchable('apollo', 'athena');
    const one = watching(new PoolFeed(watchable, terms));
    await round();
    cis.delete('apollo');
    await round();
    await round();
    expect(one.told.filter(({ t }) => t === 'gone')).toMatchObject([{ ci: 'apollo' }]);
  });

  test('counts finished requests per second', async () => {
    const { watchable, cis } = fakeWatchable('apollo');
    const one = watching(new PoolFeed(watchable, terms));
    await round();
    const { metrics } = statusOf('apollo');
    cis.set('apollo', statusOf('apollo', { metrics: { ...metrics, requests: 100, succeeded: 60, cancelled: 40 } }));
    await round();
    await round();
    expect(one.summaries()[0]?.perSecond).toBe(0);
    expect(one.summaries()[1]?.perSecond).toBeGreaterThanOrEqual(95);
    expect(one.summaries()[2]?.perSecond).toBe(0);
  });

  test('looks at 50 of many CIs at most in one turn', () => {
    const { watchable } = fakeWatchable(...Array.from({ length: 120 }, (_, index) => `ci-${index}`));
    const one = watching(new PoolFeed(watchable, terms));
    const looks = vi.spyOn(watchable, 'status');
    const turns = Array.from({ length: 3 }, () => {
      vi.advanceTimersToNextTimer();
      return looks.mock.calls.length;
    });
    expect(turns).toEqual([50, 100, 120]);
    expect(one.rounds()).toEqual([[]]);
  });
});

describe('when the last watcher leaves', () => {
  test('no subscription, tap or timer is left', async () => {
    const { watchable, isWatched } = fakeWatchable('apollo');
    const feed = new PoolFeed(watchable, terms);
    expect([isWatched(), vi.getTimerCount()]).toEqual([false, 0]);
    const [one, other] = [watching(feed), watching(feed)];
    expect(feed.trace('apollo#1', 'on')).toBe(undefined);
    await round();
    one.leave();
    one.leave();
    expect(isWatched()).toBe(true);
    other.leave();
    expect([isWatched(), vi.getTimerCount()]).toEqual([false, 0]);
  });

  test('a later watcher starts from the beginning', async () => {
    const { watchable, cis } = fakeWatchable('apollo');
    const feed = new PoolFeed(watchable, terms);
    const one = watching(feed);
    await round();
    one.leave();
    cis.set('apollo', statusOf('apollo', { inFlight: 1 }));
    const again = watching(feed);
    await round();
    expect(again.rows[0]?.inFlight).toBe(1);
    expect(again.rounds()).toEqual([[]]);
  });
});
