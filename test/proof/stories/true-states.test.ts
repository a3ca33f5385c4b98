import { Observable } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Channel, Transport } from '../../../src/index.js';
import { WATCHABLE, type Watchable } from '../../../src/observe/watchable.js';
import { ManualClock } from '../../../src/testing/index.js';
import { answers, changesOf, settled, useVirtualStage } from '../../support/virtual-stage.js';
import { watch } from '../../support/watch.js';

/** A transport with a bug: its dial throws an error that is no ChoragusError. */
const buggy: Transport = {
  prepare: () => () =>
    new Observable<Channel>(() => {
      throw new TypeError('a bug in the transport');
    }),
};

const watchableOf = (pool: object): Watchable => (pool as { [WATCHABLE]: Watchable })[WATCHABLE];

describe('the states of a pool are true', () => {
  const stage = useVirtualStage();

  test('a quarantine is not lifted while the pool drains: nothing is dialled', async () => {
    const ci = stage.ci('apollo', () => {});
    let dials = 0;
    const counted: Transport = {
      prepare: () => () =>
        new Observable<Channel>(() => {
          dials += 1;
          throw new TypeError('a bug in the transport');
        }),
    };
    const pool = stage.pool({
      cis: { apollo: ci.url, broken: 'counted://x' },
      transports: { memory: stage.wire, counted },
      maxRestarts: 0,
    });
    void pool.warm(['broken']);
    await settled();
    expect(pool.snapshot().cis.broken?.state).toBe('quarantined');
    watch(pool.ask('apollo', 'hello'));
    await settled();
    const closing = pool.close({ drainTimeoutMs: 1_000 });
    expect(pool.state).toBe('draining');

    const before = dials;
    expect(watchableOf(pool).intervene({ do: 'lift-quarantine', ci: 'broken' })).toBe(false);
    await stage.advance(500, 100);
    expect([dials, pool.snapshot().cis.broken?.state]).toEqual([before, 'quarantined']);
    await stage.advance(1_000, 100);
    await closing;
  });

  test.each(['once its requests are over', 'when the time to drain is over'] as const)(
    'a pool is closed when the last link is closed, and is closing before that: %s',
    async (when) => {
      const isHeld = when === 'when the time to drain is over';
      const ci = stage.ci('crowd', (request, peer) => {
        if (!isHeld || request.type === 'ping') answers(request, peer);
      });
      const names = Array.from({ length: 300 }, (_, i) => `ci${i}`);
      const pool = stage.pool({ cis: Object.fromEntries(names.map((name) => [name, ci.url])) });
      const warming = pool.warm();
      await settled();
      await warming;
      watch(pool.ask('ci0', 'hello'));
      await settled();
      // Each close takes time, so the links close in many turns of the event loop.
      const seen = new Set<string>();
      pool.states$.subscribe(({ to }) => {
        if (to !== 'closed') return;
        seen.add(pool.state);
        stage.clock.advance(1);
      });
      const closing = pool.close({ drainTimeoutMs: 50 });
      const stateOf = (): string => pool.state;
      while (stateOf() !== 'closed') {
        await new Promise((resolve) => setImmediate(resolve));
        stage.clock.advance(1);
        if (stateOf() === 'closed') expect(pool.snapshot().totals.connections).toBe(0);
      }
      expect(await closing).toMatchObject(isHeld ? { cut: 1 } : { cut: 0 });
      expect([...seen]).toEqual(['closing']);
    },
  );

  test('a connection whose own actor crashes is reported as closed, like any other', async () => {
    class BuggyClock extends ManualClock {
      isBroken = false;
      override setTimeout(...args: Parameters<ManualClock['setTimeout']>): ReturnType<ManualClock['setTimeout']> {
        // The timer of the machine, which limits the dial.
        if (this.isBroken && args[1] === 2_000) throw new TypeError('a bug in the clock');
        return super.setTimeout(...args);
      }
    }
    const clock = new BuggyClock();
    const ci = stage.ci('apollo', answers);
    const pool = stage.pool({ cis: { apollo: ci.url }, clock, maxRestarts: 0 });
    const changes = changesOf(pool);
    clock.isBroken = true;
    const warming = pool.warm(['apollo']).catch(() => {});
    clock.isBroken = false;
    await settled();
    const crashed = changes.filter(({ reason }) => reason === 'crashed');
    expect(crashed).toMatchObject([{ ci: 'apollo', connection: 'apollo#1', to: 'closed' }]);
    expect(pool.snapshot().cis.apollo?.connections.map(({ connection }) => connection)).not.toContain('apollo#1');
    void warming;
    const closing = pool.close();
    clock.advance(1);
    await closing;
  });

  test('a CI whose only connection retires with a request is retiring, not idle', async () => {
    const held: (() => void)[] = [];
    const ci = stage.ci('apollo', ({ content, request_id }, peer) => {
      held.push(() => peer.send({ type: 'chat_response', content, request_id }));
    });
    const pool = stage.pool({ cis: { apollo: ci.url } });
    const changes = changesOf(pool);
    const asked = watch(pool.ask('apollo', 'hello'));
    await settled();
    expect(watchableOf(pool).intervene({ do: 'retire', connection: 'apollo#1' })).toBe(true);

    const { state, inFlight, connections, metrics } = pool.snapshot().cis.apollo ?? {};
    expect([state, inFlight, connections]).toMatchObject(['retiring', 1, [{ state: 'retiring', inFlight: 1 }]]);
    expect([pool.snapshot().totals.states.retiring, metrics?.retired]).toEqual([1, 1]);
    expect(changes.at(-1)).toMatchObject({ from: 'healthy', to: 'retiring', reason: 'retired' });
    held[0]?.();
    await settled();
    expect([asked.outcome, pool.snapshot().cis.apollo?.state]).toEqual(['reply', 'idle']);
    expect(changes.at(-1)).toMatchObject({ from: 'retiring', to: 'closed', reason: 'retired' });
  });

  test('a crash without a new connection counts as no restart', async () => {
    const pool = stage.pool({ cis: { broken: 'buggy://x' }, transports: { memory: stage.wire, buggy } });
    const asked = watch(pool.ask('broken', 'hello'));
    await settled();
    expect(asked.outcome).toBe('unavailable not_sent connect');
    expect(watchableOf(pool).incidents.map(({ kind }) => kind)).toEqual(['crashed']);
    expect(pool.snapshot().cis.broken?.connections).toMatchObject([{ connection: 'broken#1', state: 'reconnecting' }]);
  });
});
