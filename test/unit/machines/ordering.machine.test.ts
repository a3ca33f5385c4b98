import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type OrderingEvent, type OrderingSnapshot, orderingMachine } from '../../../machines/index.js';
import { statesOf, transitionsOf } from '../../support/walk-machine.js';
import { begin, step } from './step.js';

type EventType = OrderingEvent['type'];

const eventTypes: readonly EventType[] = [
  'answer.named',
  'answer.unnamed',
  'answer.unproved',
  'probes.answered',
  'probes.unanswered',
  'order.concurrent',
  'order.violated',
];

/** A state: the events that lead there, and the outcome of each event that is not ignored. */
interface Situation {
  readonly ordering?: 'proved' | 'trusted';
  readonly path: readonly EventType[];
  readonly on: Partial<Record<EventType, string>>;
}

const situations: Readonly<Record<string, Situation>> = {
  unknown: {
    path: [],
    on: {
      'answer.named': 'byId',
      'probes.answered': 'proved',
      'probes.unanswered': 'fresh',
      'order.concurrent': 'fresh',
    },
  },
  byId: { path: ['answer.named'], on: { 'answer.unnamed': 'unknown' } },
  proved: {
    path: ['probes.answered'],
    on: {
      'answer.named': 'byId',
      'answer.unproved': 'fresh',
      'order.concurrent': 'fresh',
      'order.violated': 'unknown',
    },
  },
  fresh: { path: ['probes.unanswered'], on: { 'answer.named': 'byId', 'probes.answered': 'proved' } },
  trusted: { ordering: 'trusted', path: [], on: {} },
};

function reach({ ordering = 'proved', path }: Pick<Situation, 'ordering' | 'path'>): OrderingSnapshot {
  return path.reduce(
    (from, type) => step(orderingMachine, from, { type }).snapshot,
    begin(orderingMachine, { ordering }).snapshot,
  );
}

describe('ordering', () => {
  describe.each(Object.entries(situations))('%s', (state, situation) => {
    test('is reached', () => {
      expect(reach(situation).value).toBe(state);
    });

    test.each(eventTypes)('%s', (type) => {
      const from = reach(situation);
      const { snapshot } = step(orderingMachine, from, { type });
      expect(snapshot.value).toBe(situation.on[type] ?? state);
      expect(snapshot.context).toEqual(from.context);
    });
  });

  test('the table above takes every transition of the machine, except the initial ones', () => {
    const taken = new Set<unknown>();
    for (const situation of Object.values(situations)) {
      for (const type of eventTypes) {
        const found = orderingMachine.getTransitionData(reach(situation) as never, { type });
        for (const transition of found) taken.add(transition);
      }
    }
    const missing = statesOf(orderingMachine)
      .flatMap(transitionsOf)
      .filter((transition) => transition.eventType !== '' && !taken.has(transition))
      .map((transition) => `${transition.source.id}: ${transition.eventType}`);
    expect(missing).toEqual([]);
  });

  test("begins in the state of the user's option, and leaves each transient state at once", () => {
    expect(begin(orderingMachine, { ordering: 'proved' }).snapshot.value).toBe('unknown');
    expect(begin(orderingMachine, { ordering: 'trusted' }).snapshot.value).toBe('trusted');
  });

  test('order is proved only if probes were answered since, and nothing unproved came', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...eventTypes), { maxLength: 30 }), (types) => {
        let { snapshot } = begin(orderingMachine, { ordering: 'proved' });
        for (const type of types) {
          const before = snapshot.value;
          snapshot = step(orderingMachine, snapshot, { type }).snapshot;
          if (snapshot.value === 'proved' && before !== 'proved') expect(type).toBe('probes.answered');
          if (snapshot.value === 'byId' && before !== 'byId') expect(type).toBe('answer.named');
          if (type === 'order.violated' || type === 'order.concurrent') expect(snapshot.value).not.toBe('proved');
        }
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test('the option that vouches for the order overrides all later events', () => {
    expect(reach({ ordering: 'trusted', path: eventTypes }).value).toBe('trusted');
  });

  test('a replaced CI is examined again', () => {
    expect(reach({ path: ['answer.named', 'answer.unnamed', 'probes.answered', 'order.violated'] }).value).toBe(
      'unknown',
    );
  });
});
