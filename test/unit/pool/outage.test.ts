import { Observable } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Channel, ConnectionState, Transport } from '../../../src/contract/index.js';
import { watchableOf } from '../../../src/observe/watchable.js';
import { Outage } from '../../../src/pool/outage.js';
import { answers, useVirtualStage } from '../../support/virtual-stage.js';

type Wish = 'wanted' | 'unwanted';
/** One change: the connection, its new state, whether one is wanted; and the outage's start afterwards. The time is its number, from 1. */
type Step = readonly [connection: number, to: ConnectionState | 'crashed', wish: Wish, since: number | undefined];

const stories: readonly (readonly [string, readonly Step[]])[] = [
  [
    'it never connected: down from the first failed attempt',
    [
      [1, 'connecting', 'wanted', undefined],
      [1, 'reconnecting', 'wanted', 2],
      [1, 'connecting', 'wanted', 2],
      [1, 'reconnecting', 'wanted', 2],
      [1, 'connecting', 'wanted', 2],
      [1, 'healthy', 'wanted', undefined],
    ],
  ],
  [
    'a link is lost while it is wanted',
    [
      [1, 'connecting', 'wanted', undefined],
      [1, 'healthy', 'unwanted', undefined],
      [1, 'degraded', 'unwanted', undefined],
      [1, 'reconnecting', 'unwanted', 4],
      [1, 'connecting', 'unwanted', 4],
    ],
  ],
  [
    'the backoff ends and nobody wants a link: idle, and a later failure begins anew',
    [
      [1, 'connecting', 'wanted', undefined],
      [1, 'reconnecting', 'wanted', 2],
      [1, 'idle', 'unwanted', undefined],
      [1, 'connecting', 'wanted', undefined],
      [1, 'reconnecting', 'wanted', 5],
    ],
  ],
  [
    'closed because it was unused: merely idle',
    [
      [1, 'connecting', 'wanted', undefined],
      [1, 'healthy', 'wanted', undefined],
      [1, 'idle', 'unwanted', undefined],
    ],
  ],
  [
    'kept up: the link ends, and the dial that follows fails: down since the link ended',
    [
      [1, 'connecting', 'wanted', undefined],
      [1, 'healthy', 'wanted', undefined],
      [1, 'idle', 'wanted', undefined],
      [1, 'connecting', 'wanted', undefined],
      [1, 'reconnecting', 'wanted', 3],
    ],
  ],
  [
    'one of two is lost: not down; then the other',
    [
      [1, 'healthy', 'wanted', undefined],
      [2, 'healthy', 'wanted', undefined],
      [1, 'reconnecting', 'wanted', undefined],
      [1, 'connecting', 'wanted', undefined],
      [2, 'reconnecting', 'wanted', 5],
      [1, 'reconnecting', 'wanted', 5],
      [2, 'healthy', 'wanted', undefined],
    ],
  ],
  [
    'the last one retires while the other cannot be dialled: down since it takes no more requests',
    [
      [1, 'healthy', 'wanted', undefined],
      [2, 'connecting', 'wanted', undefined],
      [1, 'retiring', 'wanted', undefined],
      [2, 'reconnecting', 'wanted', 3],
      [1, 'closed', 'wanted', 3],
    ],
  ],
  [
    'it crashes, and is opened again',
    [
      [1, 'healthy', 'wanted', undefined],
      [1, 'crashed', 'unwanted', 2],
      [2, 'connecting', 'wanted', 2],
      [2, 'healthy', 'wanted', undefined],
    ],
  ],
  [
    'the pool is closed while it is down',
    [
      [1, 'reconnecting', 'wanted', 1],
      [1, 'closed', 'unwanted', undefined],
    ],
  ],
];

test.each(stories)('%s', (_, steps) => {
  const outage = new Outage();
  const connections = new Map<number, { state: ConnectionState }>();
  steps.forEach(([connection, what, wish, since], index) => {
    const to = what === 'crashed' ? 'closed' : what;
    const from = connections.get(connection)?.state ?? 'idle';
    if (to === 'closed') connections.delete(connection);
    else connections.set(connection, { state: to });
    const isFailure = what === 'crashed' || to === 'reconnecting';
    outage.changed({ from, states: [...connections.values()], isWanted: wish === 'wanted', isFailure, at: index + 1 });
    expect(outage.since, `after step ${index + 1}`).toBe(since);
  });
});

describe('a CI of a pool', () => {
  const stage = useVirtualStage();
  const quick = { connectTimeoutMs: 10, reconnectDelayMs: 10, maxReconnectDelayMs: 20 };

  test('is down since it lost its link, exactly, also after hundreds of attempts', async () => {
    const ci = stage.ci('apollo', answers);
    const pool = stage.pool({ cis: { apollo: ci.url }, ...quick });
    const load = () => watchableOf(pool).load('apollo');
    void pool.warm();
    await stage.advance(1);
    expect(load()?.downSince).toBeUndefined();
    const lost: number[] = [];
    pool.states$.subscribe(({ from, at }) => {
      if (from === 'healthy') lost.push(at);
    });
    ci.leave();
    ci.peers[0]?.close();
    await stage.advance(6_000, 10);
    expect(pool.snapshot().cis.apollo?.attempt).toBeGreaterThan(100);
    expect(load()?.downSince).toBe(lost[0]);
    expect(lost).toHaveLength(1);
  });

  test('is down since its first failed attempt, if it never connected; and not if it is only idle', async () => {
    const ci = stage.ci('apollo', answers);
    ci.leave();
    const pool = stage.pool({ cis: { apollo: ci.url, idle: ci.url }, ...quick });
    const failed: number[] = [];
    pool.states$.subscribe(({ to, at }) => {
      if (to === 'reconnecting') failed.push(at);
    });
    void pool.warm(['apollo']);
    await stage.advance(2_000, 10);
    expect(failed.length).toBeGreaterThan(40);
    expect(watchableOf(pool).load('apollo')?.downSince).toBe(failed[0]);
    expect(watchableOf(pool).load('idle')?.downSince).toBeUndefined();
  });

  test('stays down while it is quarantined, and after that until it is linked', async () => {
    const counts = { dials: 0 };
    const broken: Transport = {
      prepare: () => () =>
        new Observable<Channel>(() => {
          counts.dials += 1;
          throw new TypeError('a bug in the transport');
        }),
    };
    const pool = stage.pool({ cis: { apollo: 'broken://x' }, transports: { broken }, maxRestarts: 2 });
    const failed: number[] = [];
    pool.states$.subscribe(({ reason, at }) => {
      if (reason === 'crashed') failed.push(at);
    });
    void pool.warm();
    await stage.advance(1_000, 100);
    expect(pool.snapshot().cis.apollo?.state).toBe('quarantined');
    const since = watchableOf(pool).load('apollo')?.downSince;
    expect(since).toBe(failed[0]);
    watchableOf(pool).intervene({ do: 'lift-quarantine', ci: 'apollo' });
    await stage.advance(1_000, 100);
    expect(counts.dials).toBeGreaterThan(3);
    expect(watchableOf(pool).load('apollo')?.downSince).toBe(since);
  });
});
