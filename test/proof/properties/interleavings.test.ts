import fc from 'fast-check';
import { describe, test } from 'vitest';
import { noteFigures } from '../../support/figures.js';
import { playAll, runsOr } from '../../support/runs.js';
import { type Act, ciNames, type PeerManner, tell } from './acts.js';
import { bounds, inWords, manners } from './arbitraries.js';
import { noTwiceOnTheWire, notSentIsNeverWrong } from './invariants.js';
import { finish } from './run-story.js';
import { Tally } from './tally.js';
import { World } from './world.js';

const runs = runsOr(100, 20_262);
/** Number of time steps, of 5 ms each. */
const TIME_STEPS = 8;

const ask = fc.record({
  do: fc.constant('send' as const),
  what: fc.constantFrom('ask' as const, 'stream' as const),
  ci: fc.constantFrom(...ciNames),
  deadlineMs: fc.integer({ min: 1, max: 60 }),
  latencyMs: fc.integer({ min: 1, max: 20 }),
  fate: fc.constantFrom('answer' as const, 'lose' as const, 'reset' as const),
  whenDown: fc.constantFrom('fail' as const, 'wait' as const),
  priority: fc.constant('normal' as const),
  signal: fc.constantFrom('none' as const, 'shared' as const),
  retries: fc.constantFrom(0, 1),
});
const plainAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: ask },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('giveUp' as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.constant<Act>({ do: 'abort' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('breakLinks' as const),
      ci: fc.constant('apollo' as const),
      how: fc.constantFrom('reset' as const, 'end' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('remove' as const),
      ci: fc.constantFrom(...ciNames),
      drainTimeoutMs: fc.nat(20),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('close' as const), drainTimeoutMs: fc.nat(20) }) },
);
const act = plainAct.map(inWords);

describe('users who act between one microtask and the next', () => {
  test(`the invariants hold (${runs.runs} orders, PROPERTY_SEED=${runs.seed})`, async () => {
    const users = fc.array(fc.array(act, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 4 });
    const tally = new Tally();
    const play = fc.asyncProperty(fc.scheduler(), manners, bounds, users, async (scheduler, peers, limits, all) => {
      const world = await interleave(scheduler, peers, limits, all);
      tally.add(world, all.flat().length + TIME_STEPS);
    });
    await playAll(
      { ...runs, commands: 0 },
      () => tally.commands,
      (batch) => fc.assert(play, batch),
    );
    noteFigures('orders', { ...tally, seed: runs.seed });
  }, 3_600_000);
});

/**
 * Lets several users and the time advance together, in an order that fast-check draws: each act, and each step of the time,
 * waits for its turn. Between two turns only the scheduler's own microtasks run, so that acts fall
 * between a commit and its delivery, a reply and its successor, a drain and its end.
 */
async function interleave(
  scheduler: fc.Scheduler,
  peers: readonly PeerManner[],
  limits: Parameters<typeof finish>[0]['bounds'],
  users: readonly (readonly Act[])[],
): Promise<World> {
  // A lost reply with another behind it cannot be told from a late one: with pipelining 1 there is none.
  const world = new World(peers, { ...limits, pipelining: 1 });
  const sequences = users.map((acts, user) =>
    acts.map((next) => ({ label: `user ${user}: ${tell(next)}`, builder: async () => world.run(next) })),
  );
  const time = Array.from({ length: TIME_STEPS }, (_, step) => ({
    label: `time ${step}`,
    builder: async () => world.run({ do: 'wait', ms: 5 }),
  }));
  const over = [...sequences, time].map((sequence) => scheduler.scheduleSequence(sequence).task);
  await scheduler.waitIdle();
  await Promise.all(over);
  for (const holds of [noTwiceOnTheWire, notSentIsNeverWrong]) holds(world);
  await finish(world);
  return world;
}
