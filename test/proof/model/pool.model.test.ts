import { describe, expect, test } from 'vitest';
import type { SnapshotFrom } from 'xstate';
import { getShortestPaths } from 'xstate/graph';
import { type PoolEvent, type PoolInput, poolMachine } from '../../../machines/index.js';
import { noteFigures } from '../../support/figures.js';
import { statesOf, transitionsOf } from '../../support/walk-machine.js';
import { begin, type Step, step, type XstateEvent } from '../../unit/machines/step.js';
import { PoolWorld } from './pool-world.js';

type Snapshot = SnapshotFrom<typeof poolMachine>;
type ModelEvent = PoolEvent | XstateEvent;

const input: PoolInput = { maxRestarts: 1, restartWindowMs: 1_000_000 };
const events: readonly ModelEvent[] = [
  { type: 'connection.crashed', ci: 'apollo', at: 0 },
  { type: 'ci.forgotten', ci: 'apollo' },
  { type: 'drain', timeoutMs: 500 },
  { type: 'drained' },
  { type: 'xstate.after.drainTimeout.pool.draining' },
];

const transitionsAt = (snapshot: Snapshot, event: ModelEvent) =>
  snapshot.status === 'active' ? poolMachine.getTransitionData(snapshot, event as PoolEvent) : [];

function keyOf({ value, context }: Snapshot): string {
  return `${value} ${context.crashes.apollo?.length ?? 0} ${Object.keys(context.quarantined).join()}`;
}

/** The shortest path to each edge of the machine's graph, and each of these with each event that can follow. */
function makePaths(): ModelEvent[][] {
  const nextOf = (snapshot: Snapshot) => events.filter((event) => transitionsAt(snapshot, event).length > 0);
  const shortest = getShortestPaths(poolMachine, {
    input,
    events: (snapshot) => nextOf(snapshot as Snapshot) as PoolEvent[],
    serializeState: (snapshot, event, previous) =>
      `${previous === undefined ? '' : keyOf(previous as Snapshot)} > ${event?.type} > ${keyOf(snapshot as Snapshot)}`,
  });
  return shortest.flatMap(({ steps, state }) => {
    const path = steps.map(({ event }) => event as ModelEvent).filter(({ type }) => type !== 'xstate.init');
    return [path, ...nextOf(state as Snapshot).map((event) => [...path, event])];
  });
}

function replay(path: readonly ModelEvent[]): Step<typeof poolMachine>[] {
  const steps = [begin(poolMachine, input) as Step<typeof poolMachine>];
  for (const event of path) steps.push(step(poolMachine, steps.at(-1)!.snapshot, event));
  return steps;
}

const isQuarantined = ({ context }: Snapshot): boolean => Object.hasOwn(context.quarantined, 'apollo');
/** Of a CI that is given up on one more connection can crash while it is closed; no third is there to. */
const isWalkable = (path: readonly ModelEvent[]): boolean =>
  replay(path).filter(({ snapshot }, i) => isQuarantined(snapshot) && path[i]?.type === 'connection.crashed').length <
  2;

const paths = makePaths().filter(isWalkable);

async function walk(path: readonly ModelEvent[]): Promise<void> {
  const world = new PoolWorld(input);
  const steps = replay(path);
  const logged: string[] = [];
  for (const [i, event] of path.entries()) {
    const { snapshot: after, emitted } = steps[i + 1]!;
    const where = `${path
      .slice(0, i + 1)
      .map(({ type }) => type)
      .join(' > ')}`;
    const crashesAtOnce = isQuarantined(after) && path[i + 1]?.type === 'connection.crashed';
    await world.act(event.type, crashesAtOnce);
    if (event.type === 'connection.crashed') logged.push('crashed');
    if (emitted.some(({ type }) => type === 'ci.quarantined')) logged.push('quarantined');
    if (!crashesAtOnce) expect([...world.logged].sort(), where).toEqual([...logged].sort());
    expect(world.pool.state, where).toBe(after.value);
    const { apollo } = world.pool.snapshot().cis;
    if (after.value !== 'closed') expect(apollo?.state === 'quarantined', where).toBe(isQuarantined(after));
    const closed = emitted.find((found) => found.type === 'pool.closed');
    if (closed?.type !== 'pool.closed') continue;
    expect(world.report?.cis.sound, where).toEqual(
      closed.reason === 'drained' ? { finished: 1, cut: 0 } : { finished: 0, cut: 1 },
    );
  }
  await world.end();
}

describe('the pool, as its model says', () => {
  test('the paths reach every state and take every transition of the machine', () => {
    const reached = new Set<unknown>([poolMachine.root]);
    const taken = new Set<unknown>();
    for (const path of paths) {
      for (const [i, { snapshot }] of replay(path).entries()) {
        for (const node of snapshot._nodes) reached.add(node);
        const event = path[i];
        if (event !== undefined) for (const found of transitionsAt(snapshot, event)) taken.add(found);
      }
    }
    const states = statesOf(poolMachine);
    expect(states.filter((node) => !reached.has(node)).map(({ id }) => id)).toEqual([]);
    const transitions = states.flatMap(transitionsOf);
    const missing = transitions.filter((transition) => !taken.has(transition));
    expect(missing.map(({ source, eventType }) => `${source.id}: ${eventType}`)).toEqual([]);
    noteFigures('model-pool', { states: states.length, transitions: transitions.length, paths: paths.length });
  });

  test(`every path, step by step (${paths.length} paths)`, async () => {
    expect(paths.length).toBeGreaterThan(15);
    for (const path of paths) await walk(path);
  });
});
