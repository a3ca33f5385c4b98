import { describe, expect, test } from 'vitest';
import { type ConnectionInput, connectionMachine } from '../../../machines/index.js';
import { noteFigures } from '../../support/figures.js';
import { statesOf, transitionsOf } from '../../support/walk-machine.js';
import {
  eventsOf,
  type Fortune,
  followerOf,
  inputFor,
  keyOf,
  leafOf,
  type Path,
  pathsOf,
  replay,
} from './connection-paths.js';
import { ConnectionWorld, mayDialEarly } from './connection-world.js';

const base: Omit<ConnectionInput, 'provenUptimeMs'> = {
  ci: 'apollo',
  connection: 'apollo#1',
  seed: 2 ** 30,
  connectTimeoutMs: 3_000,
  reconnectDelayMs: 5_000,
  maxReconnectDelayMs: 60_000,
  maxMissedHeartbeats: 3,
  degradeAfterFailures: 2,
};
/** Walks every tenth pair of edges; with MODEL_LONG=1 every pair. */
const share = process.env.MODEL_LONG === '1' ? 1 : 10;
/** Each model: how many heartbeats may be missed and requests may fail, and the record of its links. */
const models = [
  { maxMissedHeartbeats: 3, degradeAfterFailures: 2 },
  { maxMissedHeartbeats: 1, degradeAfterFailures: 1 },
].flatMap((limits) =>
  (['proven', 'useful', 'unproven'] as const).map((fortune) => {
    const input = inputFor(fortune, { ...base, ...limits });
    return {
      fortune,
      input,
      paths: pathsOf(input, fortune, share),
      name: `${limits.maxMissedHeartbeats} heartbeats, ${limits.degradeAfterFailures} failures, ${fortune}`,
    };
  }),
);
const contractStates = ['idle', 'connecting', 'healthy', 'degraded', 'retiring', 'reconnecting', 'closed'] as const;

type Snapshot = ReturnType<typeof replay>[number]['snapshot'];

/** Whether another connection replaces this one, which ends or retires by this event. */
function isSucceeded(name: string, before: Snapshot): boolean {
  if (name === 'removed') return false;
  // A kept-up connection, or one with a waiting request, has a successor.
  const isAwaited = name.endsWith('awaited') || (!isUp(before) && before.context.wantedBy === 'requests');
  return name === 'closed by hand' || isAwaited || before.context.wantedBy === 'upkeep';
}

interface Announced {
  readonly state: string;
  readonly reason: string;
  readonly attempt?: number | undefined;
  readonly delayMs?: number | undefined;
}

const isUp = (snapshot: Snapshot): boolean => /healthy|degraded|retiring/.test(leafOf(snapshot));

/** What a change of state tells beside its states. */
function told({ state, reason, attempt, delayMs }: Announced): Announced {
  return { state, reason, attempt, delayMs };
}

/** Walks a path in the model and in the world, and compares them after each step. */
async function walk(path: Path, input: ConnectionInput, fortune: Fortune): Promise<void> {
  const world = new ConnectionWorld(input, fortune);
  const steps = replay(path, input, fortune);
  let dials = 0;
  let successors = 0;
  for (const [i, name] of path.entries()) {
    const before = steps[i]!.snapshot;
    const { snapshot: after, emitted } = steps[i + 1]!;
    const where = `${path.slice(0, i + 1).join(' > ')} (${keyOf(before)})`;
    const ahead = path.slice(i + 1);
    await world.act({ name, behind: path[i - 1], before, ahead, after });
    const isDialled = leafOf(after).endsWith('dialling') && !leafOf(before).endsWith('dialling');
    if (isDialled && ahead[0] !== 'queued') dials += 1;
    world.backoffMs = after.context.delayMs;
    const ends = after.hasTag('closed') || after.hasTag('retiring');
    if (name === 'removed') successors = 0;
    else if (ends && successors === 0 && isSucceeded(name, before)) {
      successors = 1;
      // It waits for permission to dial, as the one before it did.
      if (!leafOf(before).endsWith('queued')) dials += 1;
    }
    // A CI without requests has no connection yet: there is none to close.
    const isMade = i > 0 || name !== 'removed';
    const announced = world.changes.splice(0, emitted.length);
    const seen: Record<string, unknown> = {
      announced: announced.map(({ to: state, ...rest }) => told({ state, ...rest })),
    };
    const foretold: Record<string, unknown> = { announced: isMade ? emitted.map(told) : seen.announced };
    // What follows at once, without an act of the world, is the next step's.
    const isFollowed =
      ahead[0] === 'heartbeat actor failed' ||
      ahead[0] === 'queued' ||
      followerOf(name, after) !== undefined ||
      mayDialEarly({ name, before, ahead });
    if (!isFollowed) {
      const [tag] = contractStates.filter((state) => after.hasTag(state));
      const connections = world.pool.snapshot().cis.apollo?.connections ?? [];
      const own = connections.find(({ connection }) => connection === 'apollo#1');
      const isQueued = leafOf(before).endsWith('queued');
      Object.assign(seen, {
        unforeseen: world.changes,
        state: own?.state ?? (isMade && i > 0 ? 'closed' : tag),
        others: connections.filter((other) => other !== own).map(({ state }) => state),
        dials: world.wire.dials.filter((dial) => dial.name === 'apollo').length,
        open: world.wire.open('apollo').length,
      });
      Object.assign(foretold, {
        unforeseen: [],
        state: tag,
        others: successors === 0 ? [] : ['connecting'],
        dials,
        open: (/dialling/.test(leafOf(after)) || isUp(after) ? 1 : 0) + (isQueued ? 0 : successors),
      });
    }
    // One comparison for each step: an assertion costs more than most steps.
    expect(seen, where).toEqual(foretold);
  }
  await world.end();
}

describe('the connection matches its model', () => {
  test('the paths reach every state and take every transition of the machine', () => {
    const reached = new Set<unknown>([connectionMachine.root]);
    const taken = new Set<unknown>();
    for (const { paths, input, fortune } of models) {
      const events = eventsOf(fortune);
      for (const path of paths) {
        const steps = replay(path, input, fortune);
        for (const { snapshot } of steps) for (const node of snapshot._nodes) reached.add(node);
        for (const [i, name] of path.entries()) {
          const found = connectionMachine.getTransitionData(steps[i]!.snapshot, events[name] as never);
          for (const transition of found) taken.add(transition);
        }
      }
    }
    const states = statesOf(connectionMachine);
    expect(states.filter((node) => !reached.has(node)).map(({ id }) => id)).toEqual([]);
    const transitions = states.flatMap(transitionsOf);
    const missing = transitions.filter((transition) => !taken.has(transition));
    expect(missing.map(({ source, eventType }) => `${source.id}: ${eventType}`)).toEqual([]);
    const walked = models.flatMap(({ paths }) => paths).length;
    noteFigures('model-connection', { states: states.length, transitions: transitions.length, paths: walked });
  });

  test.each(models)(
    'every path, step by step: $name ($paths.length paths)',
    async ({ paths, input, fortune }) => {
      expect(paths.length).toBeGreaterThan(40);
      expect(paths.length).toBeLessThan(share === 1 ? 30_000 : 3_000);
      const bad: string[] = [];
      for (const path of paths) {
        try {
          await walk(path, input, fortune);
        } catch (error) {
          bad.push(`${path.join(' > ')}: ${String((error as Error).message).slice(0, 400)}`);
        }
      }
      expect(bad).toEqual([]);
    },
    300_000,
  );

  test.each([
    'wanted by a request > refused, forsaken > unwanted > backoff over',
    'wanted by a request > refused, forsaken > unwanted > backoff over > wanted by a request > up',
    'wanted by a request > refused > backoff over > refused > unwanted > backoff over > wanted by upkeep > up > lost > rested > up',
    'wanted by upkeep > up > lost, awaited > wanted by a request > up > too old, in use > requests over',
  ])('a longer path: %s', async (path) => {
    await walk(path.split(' > '), inputFor('useful', base), 'useful');
  });
});
