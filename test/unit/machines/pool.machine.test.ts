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
  return { type: 'ci.forgotten', ci };
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

const restarted: PoolEmitted = { type: 'ci.restarted', ci: 'apollo' };
const quarantined: PoolEmitted = { type: 'ci.quarantined', ci: 'apollo' };

describe('pool', () => {
  test('begins running and accepting, with a clean record, and says nothing of it', () => {
    const { snapshot, emitted } = run();
    expect(snapshot.value).toBe('running');
    expect(snapshot.hasTag('accepting')).toBe(true);
    expect(snapshot.context).toEqual({ ...input, crashes: {}, quarantined: {}, drainTimeoutMs: 0 });
    expect(emitted).toEqual([]);
  });

  describe.each([
    ['running', [], true],
    ['draining', [drain], false],
    ['closed', [drain, drained], false],
  ] as const)('%s', (state, path, accepting) => {
    const leads: Record<string, Record<string, string>> = {
      running: { drain: 'draining' },
      draining: { drained: 'closed', 'drain timeout': 'closed' },
      closed: {},
    };
    const closedFor: Record<string, PoolEmitted[]> = {
      drained: [{ type: 'pool.closed', reason: 'drained' }],
      'drain timeout': [{ type: 'pool.closed', reason: 'drain_timeout' }],
    };

    test(`${accepting ? 'takes' : 'takes no'} requests`, () => {
      const { snapshot } = run(...path);
      expect(snapshot.value).toBe(state);
      expect(snapshot.hasTag('accepting')).toBe(accepting);
    });

    test.each([
      ['crash', crash(0)],
      ['removed', removed()],
      ['drain', drain],
      ['drained', drained],
      ['drain timeout', drainOver],
    ])('%s', (name, event) => {
      const { snapshot, emitted } = step(poolMachine, run(...path).snapshot, event);
      const target = leads[state]?.[name];
      expect(snapshot.value).toBe(target ?? state);
      if (state !== 'running') expect(emitted).toEqual(target === undefined ? [] : closedFor[name]);
    });
  });

  test('these events take every transition of the machine', () => {
    const full = [crash(0), crash(0), crash(0)];
    const situations = [[], full.slice(0, 2), full, [drain]];
    const taken = new Set<unknown>();
    for (const situation of situations) {
      for (const event of [crash(0), removed(), drain, drained, drainOver]) {
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

  test('a drain leaves no crash to be counted', () => {
    expect(run(drain, crash(0)).snapshot.context.crashes).toEqual({});
  });

  test('closed is final: the machine is done', () => {
    expect(run(drain, drained).snapshot.status).toBe('done');
  });
});

describe('restart intensity', () => {
  test('answers as many crashes within the window as maxRestarts, then quarantines', () => {
    expect(run(crash(0), crash(1), crash(2)).all).toEqual([restarted, restarted, quarantined]);
  });

  test('no restart at all when maxRestarts is 0', () => {
    expect(runWith({ ...input, maxRestarts: 0 }, crash(0)).all).toEqual([quarantined]);
  });

  test('a crash counts until it is restartWindowMs old, and no longer', () => {
    expect(run(crash(0), crash(1), crash(999)).all.at(-1)).toEqual(quarantined);
    expect(run(crash(0), crash(1), crash(1_000)).all.at(-1)).toEqual(restarted);
  });

  test('the window moves along: a slow crasher goes on for ever, and its record stays short', () => {
    const crashes = Array.from({ length: 100 }, (_, i) => crash(i * 500));
    const { all, snapshot } = run(...crashes);
    expect(all).toEqual(crashes.map(() => restarted));
    expect(snapshot.context.crashes.apollo).toHaveLength(2);
  });

  test('each CI has an intensity of its own', () => {
    const { all, snapshot } = run(crash(0), crash(0, 'athena'), crash(0), crash(0, 'athena'), crash(0));
    expect(all.filter(({ type }) => type === 'ci.quarantined')).toEqual([quarantined]);
    expect(snapshot.context.quarantined).toEqual({ apollo: 0 });
    expect(snapshot.context.crashes).toEqual({ athena: [0, 0] });
  });
});

describe('quarantine', () => {
  const out = [crash(0), crash(1), crash(2)];

  test('is kept with its time, and the record of crashes is given back', () => {
    expect(run(...out).snapshot.context).toMatchObject({ quarantined: { apollo: 2 }, crashes: {} });
  });

  test('is for good: further crashes change and announce nothing, however late', () => {
    const { emitted, snapshot } = run(...out, crash(1_000_000));
    expect(emitted).toEqual([]);
    expect(snapshot.context).toEqual(run(...out).snapshot.context);
  });

  test('ends with the removal of the CI, which then has a clean record', () => {
    expect(run(...out, removed()).snapshot.context).toMatchObject({ quarantined: {}, crashes: {} });
    expect(run(...out, removed(), crash(3), crash(4), crash(5)).all.slice(3)).toEqual([
      restarted,
      restarted,
      quarantined,
    ]);
  });

  test('removing a CI forgets its crashes, and those of no other', () => {
    const { context } = run(crash(0), crash(0, 'athena'), removed()).snapshot;
    expect(context.crashes).toEqual({ athena: [0] });
  });

  test('removing a CI that never crashed changes nothing', () => {
    expect(run(removed('hermes')).snapshot.context).toEqual(run().snapshot.context);
  });

  // What a plain object inherits is no record of a CI.
  test.each(['constructor', 'toString', 'valueOf'])('a CI may be named %s', (ci) => {
    expect(run(crash(0, ci), crash(1, ci), crash(2, ci)).all.map(({ type }) => type)).toEqual([
      'ci.restarted',
      'ci.restarted',
      'ci.quarantined',
    ]);
  });
});

describe('drain', () => {
  test('lasts as long as the drain says', () => {
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
    expect(actor.getSnapshot().value).toBe('closed');
    expect(emitted).toEqual([{ type: 'pool.closed', reason: 'drain_timeout' }]);
  });

  test('that is over in time is not cut later', () => {
    const clock = new SimulatedClock();
    const actor = createActor(poolMachine, { input, clock });
    const emitted: PoolEmitted[] = [];
    actor.on('*', (event) => emitted.push(event));
    actor.start();
    actor.send(drain);
    actor.send(drained);
    clock.increment(10_000);
    expect(emitted).toEqual([{ type: 'pool.closed', reason: 'drained' }]);
  });
});

test('the context is plain data in every state', () => {
  for (const events of [[], [crash(1)], [crash(0), crash(1), crash(2)], [crash(1), drain], [drain, drained]]) {
    const { context } = run(...events).snapshot;
    expect(JSON.parse(JSON.stringify(context))).toStrictEqual(context);
  }
});
