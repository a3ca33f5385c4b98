import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Command, type PeerManner, type Seen, World } from './world.js';

const ms = (max: number) => fc.integer({ min: 1, max });
const fate = fc.constantFrom('answer' as const, 'answer' as const, 'twice' as const, 'never' as const);
const request = (what: 'ask' | 'stream') =>
  fc.record({ do: fc.constant(what), deadlineMs: ms(200), latencyMs: ms(120), fate });
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: request('ask') },
  { weight: 3, arbitrary: request('stream') },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('giveUp' as const), which: fc.nat(10) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: ms(90) }) },
  { weight: 1, arbitrary: fc.constant<Command>({ do: 'breakLinks' }) },
  { weight: 1, arbitrary: fc.constant<Command>({ do: 'unsolicited' }) },
);
const manner: fc.Arbitrary<PeerManner> = fc.record({
  correlation: fc.constantFrom('fifo', 'echoing'),
  streaming: fc.constantFrom('frames', 'none'),
});

/** The wheel fires at most one tick late; the peers' own timers take whole milliseconds. */
const LATE_MS = 9;
const RUNS = Number(process.env.PROPERTY_RUNS ?? 300);

describe('whatever peers and users do', () => {
  test('the invariants hold', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(manner, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.array(command, { minLength: 1, maxLength: 40 }),
        async (manners, maxConnections, commands) => {
          const world = new World(manners, maxConnections);
          for (const next of commands) {
            world.run(next);
            await settled();
          }
          world.clock.advance(250);
          await settled();
          for (const seen of world.seen) check(seen, world);
          await checkNothingLeft(world);
        },
      ),
      { numRuns: RUNS },
    );
  }, 600_000);
});

function check(seen: Seen, world: World): void {
  const { content, texts, ends, error, isGivenUp } = seen;
  // 1. Nobody gets what is another's, or nobody's.
  const own = new Set([`re ${content}`, `${content}:1 `, `${content}:2`]);
  for (const text of texts) expect(own).toContain(text);
  // 2. Each ends exactly once, by its deadline; what was given up says nothing more.
  expect(ends, content).toBe(isGivenUp ? 0 : 1);
  if (!isGivenUp) expect(seen.endedMs - seen.startedMs, content).toBeLessThanOrEqual(seen.deadlineMs + LATE_MS);
  // 3. Nothing reaches the wire twice.
  const times = world.received.filter((received) => received === content).length;
  expect(times, content).toBeLessThanOrEqual(1);
  // 4. What is called not sent was not.
  if (error?.delivery === 'not_sent') expect(times, content).toBe(0);
}

/** 5. Everything returns to zero when the work is done. */
async function checkNothingLeft(world: World): Promise<void> {
  const { totals } = world.pool.snapshot();
  expect([totals.inFlight, totals.waiting]).toEqual([0, 0]);
  expect(world.clock.pendingKeepAlive).toBe(0);
  const closing = world.pool.close();
  await settled();
  world.clock.advance(1_000);
  await closing;
  expect(world.pool.snapshot().totals.connections).toBe(0);
  expect(world.clock.pending).toBe(0);
}

/** Lets microtasks run: what is under way on the memory wire is delivered by them. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
