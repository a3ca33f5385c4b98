import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnyMachineSnapshot } from 'xstate';
import { backoffDelayMs, nextSeed } from '../../../machines/backoff.js';
import { connectionMachine, type LinkRecord } from '../../../machines/index.js';
import { statesOf, transitionsOf } from '../../support/walk-machine.js';
import { type EventName, events, input, reach, reachWith, situations } from './connection-table.js';
import { begin, step } from './step.js';

const contractStates = ['idle', 'connecting', 'healthy', 'degraded', 'retiring', 'reconnecting', 'closed'];
/** When another connection replaces one that this event closes, if not when one is wanted. */
const successors: Partial<Record<EventName, (target: string | undefined) => string | undefined>> = {
  'close, replaced': () => 'at_once',
  'out of step, known': (target) => (target === 'closed' ? 'if_requests_wait' : undefined),
  'out of step, unknown': (target) => (target === 'closed' ? 'if_requests_wait' : undefined),
};
const eventNames = Object.keys(events) as EventName[];

/** The one active leaf, with dots. */
function stateOf(snapshot: AnyMachineSnapshot): string {
  const leaf = (value: unknown): string[] =>
    typeof value === 'string'
      ? [value]
      : Object.entries(value as object).flatMap(([key, inner]) => [key, ...leaf(inner)]);
  return leaf(snapshot.value).join('.');
}

function contractStateOf(snapshot: AnyMachineSnapshot): string[] {
  return contractStates.filter((state) => snapshot.hasTag(state));
}

describe('connection', () => {
  test('begins idle, unwanted, with no failures', () => {
    const { snapshot, emitted } = begin(connectionMachine, input);
    expect(stateOf(snapshot)).toBe('idle');
    expect(snapshot.context).toEqual({
      ...input,
      wantedBy: 'nobody',
      attempt: 0,
      delayMs: 0,
      dialledFor: 'demand',
      missedHeartbeats: 0,
      failuresInRow: 0,
      suspicion: 'none',
    });
    expect(emitted.map(({ state }) => state)).toEqual(['idle']);
  });

  describe.each(Object.entries(situations))('%s', (_name, { path, limits = {}, state, tags, on, leaves = {} }) => {
    test(`is ${state}, tagged ${tags.join(', ')}`, () => {
      const { snapshot } = reachWith(limits, path);
      expect(stateOf(snapshot)).toBe(state);
      expect([...snapshot.tags].sort()).toEqual(tags);
    });

    test.each(eventNames)('%s', (name) => {
      const from = reachWith(limits, path).snapshot;
      const { snapshot, emitted } = step(connectionMachine, from, events[name]);
      const [target, reason] = (on[name] ?? state).split(': ');
      expect(stateOf(snapshot)).toBe(target);
      expect(emitted).toEqual(
        reason === undefined
          ? []
          : [
              {
                type: 'state.entered',
                state: contractStateOf(snapshot)[0],
                reason,
                attempt: snapshot.context.attempt,
                delayMs: target === 'reconnecting' || target === 'resting' ? snapshot.context.delayMs : 0,
                successor: successors[name]?.(target) ?? 'when_wanted',
              },
            ],
      );
      if (on[name] === undefined) expect(snapshot.context).toEqual(from.context);
      expect(snapshot.context).toMatchObject(leaves[name] ?? {});
    });
  });

  test('the table above takes every transition of the machine', () => {
    const taken = new Set<unknown>();
    for (const { path, limits = {} } of Object.values(situations)) {
      for (const name of eventNames) {
        const from = reachWith(limits, path).snapshot;
        if (from.status !== 'active') continue;
        for (const found of connectionMachine.getTransitionData(from as never, events[name] as never)) taken.add(found);
      }
    }
    const missing = statesOf(connectionMachine)
      .flatMap(transitionsOf)
      .filter((transition) => !taken.has(transition))
      .map((transition) => `${transition.source.id}: ${transition.eventType}`);
    expect(missing).toEqual([]);
  });

  test('closed is final: the machine is done', () => {
    expect(reach('close').snapshot.status).toBe('done');
  });

  test('connectTimeoutMs starts with the dial, not with the wait for permission', () => {
    expect(reach('wanted').delaysMs).toEqual([input.connectTimeoutMs]);
    expect(reach('wanted', 'queued').delaysMs).toEqual([]);
    expect(reach('wanted', 'queued', 'dialling').delaysMs).toEqual([input.connectTimeoutMs]);
  });

  describe('backoff', () => {
    const failed = ['lost, unproven', 'backoff over'] as const;

    test('starts the announced delay, within the jitter of its attempt', () => {
      for (let failures = 1; failures <= 6; failures += 1) {
        const path = Array.from({ length: failures - 1 }, () => failed).flat();
        const { snapshot, emitted, delaysMs } = reach('wanted', ...path, 'lost, unproven');
        expect(snapshot.context.attempt).toBe(failures);
        expect(delaysMs).toEqual([snapshot.context.delayMs]);
        expect(emitted[0]).toMatchObject({ attempt: failures, delayMs: snapshot.context.delayMs });
        expect(snapshot.context.delayMs).toBeLessThanOrEqual(Math.min(60_000, 5_000 * 2 ** failures));
      }
    });

    test('each failure draws a new delay: the seed moves on', () => {
      const first = reach('wanted', 'lost, unproven').snapshot.context;
      const second = reach('wanted', ...failed, 'lost, unproven').snapshot.context;
      expect(new Set([input.seed, first.seed, second.seed]).size).toBe(3);
    });

    test('past failures still count after a rest in idle', () => {
      const rested = reach('wanted', 'lost, unproven', 'unwanted', 'backoff over');
      expect(stateOf(rested.snapshot)).toBe('idle');
      expect(rested.snapshot.context.attempt).toBe(1);
      const again = reach('wanted', 'lost, unproven', 'unwanted', 'backoff over', 'wanted', 'lost, unproven');
      expect(again.snapshot.context.attempt).toBe(2);
    });

    test('a link that only came up does not reset the count of failures', () => {
      const { context } = reach('wanted', ...failed, 'up', 'lost, unproven').snapshot;
      expect(context.attempt).toBe(2);
    });

    test.each(['proven', 'useful'] as const)('a %s link that ends resets the failures, kept up or not', (record) => {
      for (const first of ['wanted', 'kept up'] as const) {
        const path = [first, ...failed, 'up', `lost, ${record}`, 'wanted'] as const;
        expect(reach(...path, 'lost, unproven').snapshot.context.attempt).toBe(1);
      }
    });

    test('a silent link resets the count only if it was proven', () => {
      const path = ['wanted', ...failed, ...failed, 'up'] as const;
      const silent = (record: LinkRecord) => {
        const missed = { type: 'heartbeat.missed', ...record } as const;
        return step(connectionMachine, reachWith({ maxMissedHeartbeats: 1 }, path).snapshot, missed).snapshot;
      };
      expect(silent({ hasAnswered: true, uptimeMs: 10_000 }).context.attempt).toBe(1);
      expect(silent({ hasAnswered: true, uptimeMs: 9_999 }).context.attempt).toBe(3);
      expect(silent({ hasAnswered: false, uptimeMs: 60_000 }).context.attempt).toBe(3);
    });

    // All first draws of this seed are shorter than a second: 643, 122 and 85 ms. The rest is their lower bound.
    const short = { seed: 278, reconnectDelayMs: 1_000 };
    const rested = ['kept up', 'up', 'lost, useful', 'rest over'] as const;

    test.each([
      ['after the first dial for a request', ['wanted', 'lost, unproven'], 1_321],
      ['after a retry', ['wanted', ...failed, 'lost, unproven'], 1_183],
      ['but not after the first dial of upkeep', [...rested, 'lost, unproven'], 122],
      ['after its retry', [...rested, ...failed, 'lost, unproven'], 1_064],
      ['after a dial that a request hurried', [...rested, 'lost, unproven', 'hurry', 'connect timeout'], 1_064],
    ] as const)('lasts a second at least %s', (_name, path, delayMs) => {
      expect(reachWith(short, path).snapshot.context.delayMs).toBe(delayMs);
    });

    test('lasts at most maxReconnectDelayMs, even if that is short', () => {
      const { snapshot } = reachWith({ maxReconnectDelayMs: 300 }, ['wanted', 'lost, unproven']);
      expect(snapshot.context.delayMs).toBeLessThanOrEqual(300);
    });
  });

  describe('rest', () => {
    const up = ['kept up', 'up', 'lost, useful'] as const;

    test('starts the announced delay: only the jitter of a first attempt', () => {
      const { snapshot, emitted, delaysMs } = reach(...up);
      const delayMs = backoffDelayMs(input, 1);
      expect(snapshot.context.delayMs).toBe(delayMs);
      expect(delaysMs).toEqual([delayMs]);
      expect(emitted[0]).toMatchObject({ state: 'idle', delayMs });
    });

    test('each rest draws a new delay: the seed moves on', () => {
      expect(reach(...up).snapshot.context.seed).toBe(nextSeed(input.seed));
    });
  });

  describe('suspicion', () => {
    const up = ['wanted', 'up'] as const;

    test('a pong between two misses resets the count of misses', () => {
      const { snapshot } = reach(...up, 'missed', 'missed', 'answered', 'missed', 'missed');
      expect(stateOf(snapshot)).toBe('linked.degraded');
      expect(snapshot.context.missedHeartbeats).toBe(2);
    });

    test('a new link starts healthy, even if the last one was degraded', () => {
      const { context } = reach(...up, 'missed', 'missed', 'missed', 'hurry', 'up').snapshot;
      expect(context).toMatchObject({ suspicion: 'none', missedHeartbeats: 0 });
    });

    test('a success clears both kinds of suspicion', () => {
      const { snapshot } = reach(...up, 'suspect', 'missed', 'succeeding');
      expect(stateOf(snapshot)).toBe('linked.healthy');
    });
  });

  test('any events: one public state, every change announced once, plain data in the context', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...eventNames), { maxLength: 40 }), (names) => {
        let { snapshot } = begin(connectionMachine, input);
        for (const name of names) {
          const [before] = contractStateOf(snapshot);
          const next = step(connectionMachine, snapshot, events[name]);
          snapshot = next.snapshot;
          const states = contractStateOf(snapshot);
          expect(states).toHaveLength(1);
          // A hurry dials anew from `reconnecting`; no other event leads back to its own state.
          expect(next.emitted.map(({ state }) => state)).toEqual(states[0] === before ? [] : states);
          expect(JSON.parse(JSON.stringify(snapshot.context))).toStrictEqual(snapshot.context);
          expect(snapshot.context.delayMs).toBeLessThanOrEqual(input.maxReconnectDelayMs);
          if (stateOf(snapshot) === 'idle') expect(snapshot.context.delayMs).toBe(0);
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('a pong does not clear failing requests', () => {
    const { snapshot } = reach('wanted', 'up', 'suspect', 'missed', 'answered');
    expect(stateOf(snapshot)).toBe('linked.degraded');
  });
});
