import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { PoolFeed } from '../../../../src/inspector/feed/pool-feed.js';
import type { Recorded, TraceRecord } from '../../../../src/inspector/feed/records.js';
import { fakeWatchable, terms } from './fake-watchable.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const names = Array.from({ length: 21 }, (_, index) => `ci-${index}`);

function watched() {
  const fake = fakeWatchable(...names);
  const feed = new PoolFeed(fake.watchable, terms);
  const told: Recorded[] = [];
  feed.subscribe((record) => told.push(record));
  const ended = () => told.flatMap((record) => (record.t === 'trace-ended' ? [[record.root, record.why]] : []));
  const traces = () => told.filter((record): record is TraceRecord => record.t === 'trace');
  return { ...fake, feed, ended, traces };
}

test('traces nothing without a watcher', () => {
  const { watchable, taps } = fakeWatchable('apollo');
  expect(new PoolFeed(watchable, terms).trace('apollo#1', 'on')).toBe('nobody watches');
  expect(taps.size).toBe(0);
});

test('allows 20 connections at once; an ended trace makes room', () => {
  const { feed, taps } = watched();
  const begin = (name: string) => feed.trace(`${name}#1`, 'on');
  expect(names.map(begin)).toEqual([...Array.from({ length: 20 }, () => undefined), 'too many']);
  expect(begin('ci-0')).toBe(undefined);
  expect(taps.size).toBe(20);
  feed.trace('ci-0#1', 'off');
  expect(begin('ci-20')).toBe(undefined);
});

test('ends by itself after 5 minutes, and reports that', () => {
  const { feed, taps, ended } = watched();
  feed.trace('ci-0#1', 'on');
  vi.advanceTimersByTime(299_000);
  expect([taps.size, ended()]).toEqual([1, []]);
  vi.advanceTimersByTime(1_000);
  expect([taps.size, ended()]).toEqual([0, [['ci-0#1', 'time is over']]]);
});

test('ends with its connection, and on request', () => {
  const { feed, taps, states$, ended } = watched();
  feed.trace('ci-0#1', 'on');
  feed.trace('ci-1#1', 'on');
  states$.next({ ci: 'ci-0', connection: 'ci-0#1', from: 'healthy', to: 'closed' } as never);
  feed.trace('ci-1#1', 'off');
  feed.trace('ci-1#1', 'off');
  expect(taps.size).toBe(0);
  expect(ended()).toEqual([
    ['ci-0#1', 'the connection is gone'],
    ['ci-1#1', 'asked for'],
  ]);
});

test('shows the type and the cause of an event, and no other field', () => {
  const { feed, taps, traces } = watched();
  feed.trace('ci-0#1', 'on');
  const event = {
    type: 'link.lost',
    reason: 'reset',
    record: 'x',
    demand: 3,
    content: 'a secret',
    error: new Error('a secret'),
  };
  taps.get('ci-0#1')?.({
    type: '@xstate.event',
    actorRef: { id: 'ci-0#1' },
    sourceRef: { id: 'link' },
    event,
    rootId: 'x:0',
  } as never);
  taps.get('ci-0#1')?.({
    type: '@xstate.snapshot',
    actorRef: { id: 'ci-0#1' },
    event,
    snapshot: { value: { linked: 'healthy' }, context: { content: 'a secret' } },
  } as never);
  const head = { t: 'trace', root: 'ci-0#1', at: expect.any(Number), to: 'ci-0#1', type: 'link.lost' };
  expect(traces()).toEqual([
    { ...head, seq: 1, kind: 'event', from: 'link', cause: { reason: 'reset', record: 'x', demand: 3 } },
    { ...head, seq: 2, kind: 'state', value: { linked: 'healthy' } },
  ]);
});

describe('the requests of a traced connection', () => {
  const exchange = {
    type: 'chat',
    replyMode: 'whole',
    ended: 'answered',
    sent: 40,
    received: 7,
    chunks: 0,
    timings: { queuedMs: 0, connectMs: 0, serviceMs: 2, totalMs: 2 },
  } as const;

  test('are shown by their sizes and times', () => {
    const { feed, exchanges, traces } = watched();
    feed.trace('ci-0#1', 'on');
    exchanges.get('ci-0#1')?.(exchange);
    const { type, ...sizes } = exchange;
    expect(traces()).toEqual([
      {
        t: 'trace',
        at: expect.any(Number),
        seq: 1,
        root: 'ci-0#1',
        kind: 'exchange',
        from: 'requests',
        to: 'ci-0#1',
        type,
        exchange: sizes,
      },
    ]);
    feed.trace('ci-0#1', 'off');
    expect(exchanges.size).toBe(0);
  });

  test('are limited to a hundred a second; the rest is only counted', () => {
    const { feed, exchanges, traces } = watched();
    feed.trace('ci-0#1', 'on');
    const tell = (times: number) => {
      for (let count = 0; count < times; count += 1) exchanges.get('ci-0#1')?.(exchange);
    };
    vi.advanceTimersToNextFrame();
    tell(50_000);
    expect(traces()).toHaveLength(100);
    vi.advanceTimersByTime(1_000);
    tell(2);
    expect(traces()).toHaveLength(102);
    expect(traces().map(({ skipped }) => skipped ?? 0)).toEqual([...Array(100).fill(0), 49_900, 0]);
  });

  test('are left out if they are not wanted', () => {
    const { watchable, exchanges } = fakeWatchable('apollo');
    const feed = new PoolFeed(watchable, { ...terms, requests: 'nothing' });
    feed.subscribe(() => {});
    feed.trace('apollo#1', 'on');
    expect(exchanges.size).toBe(0);
  });
});
