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
  { type: 'cis.keep_up', cis: ['apollo'], how: 'warm' },
  { type: 'cis.keep_up', cis: ['apollo'], how: 'carried' },
  { type: 'ci.readmit', ci: 'apollo' },
  { type: 'ci.remove', ci: 'apollo' },
  { type: 'ci.removed', ci: 'apollo' },
  { type: 'drain', timeoutMs: 500 },
  { type: 'drained' },
  { type: 'xstate.after.drainTimeout.pool.draining' },
  { type: 'connections.closed' },
];

const transitionsAt = (snapshot: Snapshot, event: ModelEvent) =>
  snapshot.status === 'active' ? poolMachine.getTransitionData(snapshot, event as PoolEvent) : [];

/** Whether the world can cause this event: one removal at a time, and it ends only after its start. */
function isPossible(snapshot: Snapshot, event: ModelEvent): boolean {
  if (transitionsAt(snapshot, event).length === 0) return false;
  const isRemoving = snapshot.context.removing.apollo !== undefined;
  if (event.type === 'ci.remove') return !isRemoving;
  if (event.type === 'ci.removed') return isRemoving && snapshot.value !== 'closing';
  // The pool waits for a removal in progress.
  return event.type !== 'drained' || !isRemoving;
}

function keyOf({ value, context }: Snapshot): string {
  const { crashes, quarantined, keptUp, removing } = context;
  return [value, crashes.apollo?.length, Object.keys(quarantined).join(), keptUp.apollo, removing.apollo].join(' ');
}

/** The shortest path to each edge of the machine's graph, and each of these with each event that can follow. */
function makePaths(): ModelEvent[][] {
  const nextOf = (snapshot: Snapshot) => events.filter((event) => isPossible(snapshot, event));
  const shortest = getShortestPaths(poolMachine, {
    input,
    events: (snapshot) => nextOf(snapshot as Snapshot) as PoolEvent[],
    serializeState: (snapshot, event, previous) =>
      `${previous === undefined ? '' : keyOf(previous as Snapshot)} > ${JSON.stringify(event)} > ${keyOf(snapshot as Snapshot)}`,
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

/** In a quarantined CI, one more connection can crash while it is closed; and its removal ends at once. */
function isWalkable(path: readonly ModelEvent[]): boolean {
  const steps = replay(path).map(({ snapshot }) => snapshot);
  let late = 0;
  for (const [i, { type }] of path.entries()) {
    const before = steps[i]!;
    if (!isQuarantined(before)) continue;
    // It crashes at the very moment of its quarantine.
    if (type === 'connection.crashed' && (path[i - 1]?.type !== 'connection.crashed' || ++late > 1)) return false;
    if (type === 'ci.remove' && path[i + 1]?.type !== 'ci.removed') return false;
  }
  return true;
}

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
    await world.act(event, crashesAtOnce);
    if (event.type === 'connection.crashed') logged.push('crashed');
    if (emitted.some(({ type }) => type === 'ci.quarantined')) logged.push('quarantined');
    if (!crashesAtOnce) expect([...world.logged].sort(), where).toEqual([...logged].sort());
    // A closing pool closes at once.
    expect(world.pool.state, where).toBe(after.value === 'closing' ? 'closed' : after.value);
    if (crashesAtOnce || path[i + 1]?.type === 'ci.removed') continue;
    if (after.value === 'closing' || after.value === 'closed') {
      expect(
        world.wire.dials.filter(({ isOpen }) => isOpen),
        where,
      ).toEqual([]);
      if (event.type === 'connections.closed') continue;
      const isDrained = event.type === 'drained';
      expect(world.report?.cis.sound, where).toEqual({ finished: isDrained ? 1 : 0, cut: isDrained ? 0 : 1 });
      continue;
    }
    const { crashes, quarantined, keptUp, removing } = after.context;
    expect(Object.keys(world.context?.quarantined ?? {}), where).toEqual(Object.keys(quarantined));
    expect(world.context?.crashes.apollo?.length, where).toBe(crashes.apollo?.length);
    expect(world.context, where).toMatchObject({ keptUp, removing });
    expect(world.pool.snapshot().cis.apollo?.state === 'quarantined', where).toBe(isQuarantined(after));
    if (isQuarantined(after)) expect(world.open, where).toEqual([]);
    // A CI that is kept up has a dial of its own, also after a lifted quarantine.
    else if (keptUp.apollo !== undefined && after.value === 'running') {
      expect(world.open.length, where).toBeGreaterThan(0);
    }
    // A quarantine is lifted only while the pool runs.
    if (after.value === 'draining' || !isQuarantined(after)) expect(world.lift(), where).toBe(false);
  }
  await world.end();
}

describe('the pool matches its model', () => {
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
