import { describe, expect, test } from 'vitest';
import { orderingMachine } from '../../../machines/index.js';
import { noteFigures } from '../../support/figures.js';
import { statesOf, transitionsOf } from '../../support/walk-machine.js';
import { type OrderingPath, orderingPaths, replayOrdering, statesAlong } from './ordering-paths.js';
import { OrderingWorld } from './ordering-world.js';

/** Length of the paths, in every order; with MODEL_LONG=1 longer. */
const paths = orderingPaths(process.env.MODEL_LONG === '1' ? 7 : 5);
/** Each event is caused in each of its ways in turn, over all paths: this number has no common divisor with the numbers of ways. */
const WAYS = 12;

/** Whether to send now the request that its probe overtakes in `unknown`: in the last state in which it has a probe. */
function holdsOne(path: OrderingPath, i: number): boolean {
  const states = statesAlong(path);
  if (states[i] !== 'proved') return false;
  const until = states.indexOf('proved', i + 1);
  const end = until === -1 ? path.length : until;
  return path.slice(0, end).some((type, k) => k > i && type === 'order.concurrent' && states[k] === 'unknown');
}

/** Walks a path in the model and in the world, and compares them after each step. */
async function walk(path: OrderingPath, first: number, examination: 'silent' | 'answered' = 'silent'): Promise<void> {
  const world = new OrderingWorld('proved');
  const states = statesAlong(path);
  expect(world.ordering).toBe(states[0]);
  for (const [i, type] of path.entries()) {
    const where = `${path.slice(0, i + 1).join(' > ')} (in ${states[i]}, way ${(first + i) % WAYS})`;
    const step = { type, before: states[i], holdsOne: holdsOne(path, i), way: first + i, examination };
    await world.act(step).catch((error: Error) => {
      throw new Error(`${where}: ${error.message}`, { cause: error });
    });
    expect(world.ordering, where).toBe(states[i + 1]);
    world.expectOwnAnswers();
    // Any first event in `unknown` teaches something.
    if (states[i + 1] === 'unknown') continue;
    await world.askAsKnown(states[i + 1]).catch((error: Error) => {
      throw new Error(`${where}, and then: ${error.message}`, { cause: error });
    });
    expect(world.ordering, where).toBe(states[i + 1]);
  }
  await world.end();
}

describe('the correlation of answers matches its model', () => {
  test('the paths reach every state and take every transition of the machine', () => {
    const reached = new Set<unknown>([orderingMachine.root]);
    // The machine reads the user's option when it begins, and leaves that state at once.
    const taken = new Set<unknown>();
    for (const ordering of ['proved', 'trusted'] as const) {
      for (const path of ordering === 'proved' ? paths : [[]]) {
        for (const [i, { snapshot }] of replayOrdering(path, ordering).entries()) {
          for (const node of snapshot._nodes) reached.add(node);
          const type = path[i];
          if (type === undefined) continue;
          for (const found of orderingMachine.getTransitionData(snapshot as never, { type })) taken.add(found);
        }
      }
    }
    const states = statesOf(orderingMachine).filter(({ key }) => key !== 'asked');
    expect(states.filter((node) => !reached.has(node)).map(({ id }) => id)).toEqual([]);
    const transitions = states.flatMap(transitionsOf);
    const missing = transitions.filter((transition) => !taken.has(transition));
    expect(missing.map(({ source, eventType }) => `${source.id}: ${eventType}`)).toEqual([]);
    noteFigures('model-ordering', { states: states.length, transitions: transitions.length, paths: paths.length });
  });

  test(`every path, step by step (${paths.length} paths)`, async () => {
    expect(paths.length).toBeGreaterThan(40);
    for (const [i, path] of paths.entries()) await walk(path, i);
  }, 300_000);

  test('an examination has no effect if the CI is found to work on several lines at once meanwhile', async () => {
    const path = ['probes.answered', 'answer.named', 'answer.unnamed', 'order.concurrent'] as const;
    await walk(path, 0, 'answered');
  });

  test.each([0, 1])('learns about a CI at time %i of the clock as at any other', async (startMs) => {
    const world = new OrderingWorld('proved', startMs);
    await world.act({ type: 'probes.answered', before: 'unknown', holdsOne: false, way: 0, examination: 'silent' });
    for (let i = 0; i < 10; i += 1) await world.askAsKnown('proved');
    expect(world.ordering).toBe('proved');
    // The links on trial have closed, and one carries everything.
    expect(world.pool.snapshot().cis.apollo?.connections.length).toBe(1);
    await world.end();
  });

  test('if the user vouches for the order, later events do not change that', async () => {
    const world = new OrderingWorld('trusted');
    for (const state of ['trusted', 'byId', 'trusted', 'byId']) {
      await world.askAsKnown(state);
      expect(world.ordering).toBe('trusted');
    }
    await world.end();
  });
});
