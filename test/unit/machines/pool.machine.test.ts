import { describe, expect, test } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { type PoolEmitted, type PoolEvent, poolMachine } from '../../../machines/index.js';
import { statesOf, transitionsOf } from '../../support/walk-machine.js';
import { begin, type Step, step, type XstateEvent } from './step.js';

const input = { maxRestarts: 2, restartWindowMs: 1_000 };
const drainOver: XstateEvent = { type: 'xstate.after.drainTimeout.pool.draining' };
const drain: PoolEvent = { type: 'drain', timeoutMs: 5_000 };
const drained: PoolEvent = { type: 'drained' };

function crash(at: number, ci = 'apollo'): PoolEvent {
  return { type: 'connection.crashed', ci, at };
}

function removed(ci = 'apollo'): PoolEvent {
  return { type: 'ci.remove', ci };
}

const readmit: PoolEvent = { type: 'ci.readmit', ci: 'apollo' };
const gone: PoolEvent = { type: 'ci.removed', ci: 'apollo' };
const closed: PoolEvent = { type: 'connections.closed' };

function keepUp(how: 'warm' | 'carried', ...cis: string[]): PoolEvent {
  return { type: 'cis.keep_up', cis, how };
}

function run(...events: readonly (PoolEvent | XstateEvent)[]): Step<typeof poolMachine> & {
  readonly all: readonly PoolEmitted[];
} {
  return runWith(input, ...events);
}

function runWith(
  own: typeof input,
  ...events: readonly (PoolEvent | XstateEvent)[]
): Step<typeof poolMachine> & { readonly all: readonly PoolEmitted[] } {
  const all: PoolEmitted[] = [];
  let at: Step<typeof poolMachine> = begin(poolMachine, own);
  for (const event of events) {
    at = step(poolMachine, at.snapshot, event);
    all.push(...at.emitted);
  }
  return { ...at, all };
}

const restarted: PoolEmitted = { type: 'ci.restarting', ci: 'apollo' };
const entered = (state: 'running' | 'draining' | 'closing' | 'closed'): PoolEmitted => ({
  type: 'pool.entered',
  state,
});
const quarantined: PoolEmitted = { type: 'ci.quarantined', ci: 'apollo' };

describe('pool', () => {
  test('begins running, with a clean record', () => {
    const { snapshot, emitted } = run();
    expect(snapshot.value).toBe('running');
    expect(snapshot.context).toEqual({
      ...input,
      crashes: {},
      quarantined: {},
      keptUp: {},
      removing: {},
      drainTimeoutMs: 0,
    });
    expect(emitted).toEqual([entered('running')]);
  });

  describe.each([
    ['running', [], { drain: 'draining' }],
    ['draining', [drain], { drained: 'closing', 'drain timeout': 'closing' }],
    ['closing', [drain, drained], { closed: 'closed' }],
    ['closed', [drain, drained, closed], {}],
  ] as const)('%s', (state, path, leads: Readonly<Record<string, string>>) => {
    test.each([
      ['crash', crash(0)],
      ['keep up', keepUp('warm', 'apollo')],
      ['readmit', readmit],
      ['remove', removed()],
      ['removed', gone],
      ['drain', drain],
      ['drained', drained],
      ['drain timeout', drainOver],
      ['closed', closed],
    ])('%s', (name, event) => {
      const { snapshot } = run(...path);
      expect(snapshot.value).toBe(state);
      const next = step(poolMachine, snapshot, event);
      const target = leads[name];
      expect(next.snapshot.value).toBe(target ?? state);
      if (state !== 'running') expect(next.emitted).toEqual(target === undefined ? [] : [entered(target as 'closed')]);
    });
  });

  test('these events take every transition of the machine', () => {
    const full = [crash(0), crash(0), crash(0)];
    const situations = [[], full.slice(0, 2), full, [drain], [drain, drained]];
    const taken = new Set<unknown>();
    for (const situation of situations) {
      for (const event of [crash(0), keepUp('warm'), readmit, removed(), gone, drain, drained, drainOver, closed]) {
        const { snapshot } = run(...situation);
        for (const found of poolMachine.getTransitionData(snapshot as never, event as never)) taken.add(found);
      }
    }
    const missing = statesOf(poolMachine)
      .flatMap(transitionsOf)
      .filter((transition) => !taken.has(transition))
      .map((transition) => `${transition.source.id}: ${transition.eventType}`);
    expect(missing).toEqual([]);
  });

  test('a drain ignores crashes', () => {
    expect(run(drain, crash(0)).snapshot.context.crashes).toEqual({});
  });

  test('closed is final: the machine is done', () => {
    expect(run(drain, drained).snapshot.status).toBe('active');
    expect(run(drain, drained, closed).snapshot.status).toBe('done');
  });
});

describe('restart intensity', () => {
  test('answers maxRestarts crashes within the window with restarts, then quarantines', () => {
    expect(run(crash(0), crash(1), crash(2)).all).toEqual([restarted, restarted, quarantined]);
  });

  test('does not restart when maxRestarts is 0', () => {
    expect(runWith({ ...input, maxRestarts: 0 }, crash(0)).all).toEqual([quarantined]);
  });

  test('counts a crash until it is restartWindowMs old, and no longer', () => {
    expect(run(crash(0), crash(1), crash(999)).all.at(-1)).toEqual(quarantined);
    expect(run(crash(0), crash(1), crash(1_000)).all.at(-1)).toEqual(restarted);
  });

  test('moves the window: a slow crasher restarts for ever, and its record stays short', () => {
    const crashes = Array.from({ length: 100 }, (_, i) => crash(i * 500));
    const { all, snapshot } = run(...crashes);
    expect(all).toEqual(crashes.map(() => restarted));
    expect(snapshot.context.crashes.apollo).toHaveLength(2);
  });

  test('each CI has its own intensity', () => {
    const { all, snapshot } = run(crash(0), crash(0, 'athena'), crash(0), crash(0, 'athena'), crash(0));
    expect(all.filter(({ type }) => type === 'ci.quarantined')).toEqual([quarantined]);
    expect(snapshot.context.quarantined).toEqual({ apollo: 0 });
    expect(snapshot.context.crashes).toEqual({ athena: [0, 0] });
  });
});

describe('quarantine', () => {
  const out = [crash(0), crash(1), crash(2)];

  test('keeps the time of the quarantine, and drops the record of crashes', () => {
    expect(run(...out).snapshot.context).toMatchObject({ quarantined: { apollo: 2 }, crashes: {} });
  });

  test('is permanent: later crashes change and announce nothing', () => {
    const { emitted, snapshot } = run(...out, crash(1_000_000));
    expect(emitted).toEqual([]);
    expect(snapshot.context).toEqual(run(...out).snapshot.context);
  });

  test('ends when the CI is removed; the CI then has a clean record', () => {
    expect(run(...out, removed()).snapshot.context).toMatchObject({ quarantined: {}, crashes: {} });
    expect(run(...out, removed(), crash(3), crash(4), crash(5)).all.slice(3)).toEqual([
      restarted,
      restarted,
      quarantined,
    ]);
  });

  test("removing a CI forgets its crashes, and no other CI's", () => {
    const { context } = run(crash(0), crash(0, 'athena'), removed()).snapshot;
    expect(context.crashes).toEqual({ athena: [0] });
  });

  test('removing a CI that never crashed leaves no record once it is gone', () => {
    const events = [removed('apollo'), gone];
    expect(run(...events).snapshot.context).toEqual(run().snapshot.context);
  });

  // A property that plain objects inherit is no record of a CI.
  test.each(['constructor', 'toString', 'valueOf'])('a CI may be named %s', (ci) => {
    expect(run(crash(0, ci), crash(1, ci), crash(2, ci)).all.map(({ type }) => type)).toEqual([
      'ci.restarting',
      'ci.restarting',
      'ci.quarantined',
    ]);
  });
});

describe('drain', () => {
  test('lasts as long as the drain event says', () => {
    expect(run(drain).delaysMs).toEqual([5_000]);
  });

  test.each([0, 1, 5_000])('is cut after %i ms, and not before', (timeoutMs) => {
    const clock = new SimulatedClock();
    const actor = createActor(poolMachine, { input, clock });
    const emitted: PoolEmitted[] = [];
    actor.on('*', (event) => emitted.push(event));
    actor.start();
    actor.send({ type: 'drain', timeoutMs });
    if (timeoutMs > 0) clock.increment(timeoutMs - 1);
    expect(actor.getSnapshot().value).toBe('draining');
    clock.increment(1);
    expect(actor.getSnapshot().value).toBe('closing');
    expect(emitted).toEqual([entered('running'), entered('draining'), entered('closing')]);
  });

  test('is not cut later if it ends in time', () => {
    const clock = new SimulatedClock();
    const actor = createActor(poolMachine, { input, clock });
    const emitted: PoolEmitted[] = [];
    actor.on('*', (event) => emitted.push(event));
    actor.start();
    actor.send(drain);
    actor.send(drained);
    clock.increment(10_000);
    expect(emitted).toEqual([entered('running'), entered('draining'), entered('closing')]);
  });
});

describe('the phases of CIs', () => {
  const out = [crash(0), crash(1), crash(2)];

  test('readmit lifts a quarantine and clears the record, while the pool runs', () => {
    const { emitted, snapshot } = run(...out, readmit);
    expect(emitted).toEqual([{ type: 'ci.readmitted', ci: 'apollo' }]);
    expect(snapshot.context).toMatchObject({ quarantined: {}, crashes: {} });
  });

  test.each([
    ['there is none', []],
    ['the pool drains', [...out, drain]],
    ['the pool closes', [...out, drain, drained]],
  ])('is not lifted if %s', (_why, path) => {
    const { emitted, snapshot } = run(...path, readmit);
    expect(emitted).toEqual([]);
    expect(snapshot.context).toEqual(run(...path).snapshot.context);
  });

  test('keeps CIs up from the first call on, and keeps carried ones', () => {
    const { context } = run(
      keepUp('warm', 'apollo', 'constructor'),
      keepUp('carried', 'apollo'),
      keepUp('warm', 'apollo'),
    ).snapshot;
    expect(context.keptUp).toEqual(
      Object.fromEntries([
        ['apollo', 'carried'],
        ['constructor', 'warm'],
      ]),
    );
  });

  test('a removed CI is no longer kept up, and counts until it is gone', () => {
    const twice = [keepUp('warm', 'apollo'), removed(), removed()];
    const { keptUp, removing } = run(...twice).snapshot.context;
    expect({ keptUp, removing }).toEqual({ keptUp: {}, removing: { apollo: 2 } });
    expect(run(...twice, gone).snapshot.context.removing).toEqual({ apollo: 1 });
    expect(run(...twice, gone, gone).snapshot.context.removing).toEqual({});
    expect(run(removed(), drain, gone).snapshot.context.removing).toEqual({});
  });

  test('a draining pool keeps no CI up', () => {
    expect(run(drain, keepUp('warm', 'apollo')).snapshot.context.keptUp).toEqual({});
  });
});

test('the context is plain data in every state', () => {
  for (const events of [[], [crash(1)], [crash(0), crash(1), crash(2)], [crash(1), drain], [drain, drained]]) {
    const { context } = run(...events).snapshot;
    expect(JSON.parse(JSON.stringify(context))).toStrictEqual(context);
  }
});
