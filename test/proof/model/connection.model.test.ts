import { describe, expect, test } from 'vitest';
import { type ConnectionInput, connectionMachine } from '../../../machines/index.js';
import { noteFigures } from '../../support/figures.js';
import { statesOf, transitionsOf } from '../../support/walk-machine.js';
import {
  eventsOf,
  type Fortune,
  isDialledAtOnce,
  keyOf,
  leafOf,
  type Path,
  pathsOf,
  replay,
} from './connection-paths.js';
import { ConnectionWorld } from './connection-world.js';

const base: ConnectionInput = {
  ci: 'apollo',
  connection: 'apollo#1',
  seed: 2 ** 30,
  connectTimeoutMs: 3_000,
  reconnectDelayMs: 5_000,
  maxReconnectDelayMs: 60_000,
  maxMissedHeartbeats: 3,
};
/** Of the pairs of edges, every tenth is walked; with MODEL_LONG=1 every one: 7,985 paths. */
const share = process.env.MODEL_LONG === '1' ? 1 : 10;
/** Each model: how many heartbeats may be missed, and what record its links leave behind. */
const models = [3, 1].flatMap((maxMissedHeartbeats) =>
  (['proven', 'useful', 'unproven'] as const).map((fortune) => {
    const input = { ...base, maxMissedHeartbeats };
    return {
      fortune,
      input,
      paths: pathsOf(input, fortune, share),
      name: `${maxMissedHeartbeats} heartbeats, ${fortune}`,
    };
  }),
);
const contractStates = ['idle', 'connecting', 'healthy', 'degraded', 'reconnecting', 'closed'] as const;

/** Walks a path in the model and in the world, and compares them after each step. */
async function walk(path: Path, input: ConnectionInput, fortune: Fortune): Promise<void> {
  const world = new ConnectionWorld(input, fortune);
  const steps = replay(path, input, fortune);
  let dials = 0;
  for (const [i, name] of path.entries()) {
    const before = steps[i]!.snapshot;
    const { snapshot: after, emitted } = steps[i + 1]!;
    const where = `${path.slice(0, i + 1).join(' > ')} (${keyOf(before)})`;
    const ahead = path.slice(i + 1);
    await world.act({ name, behind: path[i - 1], before, ahead, after });
    const isDialled = leafOf(after).endsWith('dialling') && !leafOf(before).endsWith('dialling');
    if (isDialled && ahead[0] !== 'queued') dials += 1;
    world.backoffMs = after.context.delayMs;
    const isMade = i > 0 || name !== 'close';
    // A CI that nobody has asked has no connection yet: there is none to close.
    const claimed = world.changes.splice(0, emitted.length);
    if (isMade) {
      expect(
        claimed.map(({ to, reason, attempt, delayMs }) => ({ to, reason, attempt, delayMs })),
        where,
      ).toEqual(emitted.map(({ state, reason, attempt, delayMs }) => ({ to: state, reason, attempt, delayMs })));
    }
    // What follows at once, without an act of the world, is the next step's.
    if (ahead[0] === 'heartbeat actor failed' || ahead[0] === 'queued') continue;
    if (isDialledAtOnce(name, ahead[0], fortune) || (leafOf(after) === 'reconnecting' && ahead[0] === 'hurry'))
      continue;
    expect(world.changes, where).toEqual([]);
    const [tag] = contractStates.filter((state) => after.hasTag(state));
    const status = world.pool.snapshot().cis.apollo;
    expect(status?.connections[0]?.state ?? (status === undefined ? 'closed' : 'idle'), where).toBe(tag);
    expect(world.wire.dials.filter((dial) => dial.name === 'apollo').length, where).toBe(dials);
    expect(world.wire.open('apollo').length, where).toBe(/dialling|healthy|degraded/.test(leafOf(after)) ? 1 : 0);
  }
  await world.end();
}

describe('the connection, as its model says', () => {
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
      expect(paths.length).toBeLessThan(share === 1 ? 3_000 : 1_000);
      for (const path of paths) await walk(path, input, fortune);
    },
    300_000,
  );

  test.each([
    'connect > refused, unwanted > connect > release > backoff over',
    'connect > refused, unwanted > connect > release > backoff over > connect > up',
  ])('a longer path: %s', async (path) => {
    await walk(path.split(' > '), base, 'useful');
  });
});
