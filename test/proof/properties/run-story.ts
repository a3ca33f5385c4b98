import type { Act, PeerManner, PoolBounds } from './acts.js';
import { always, atTheEnd, nothingIsLeft } from './invariants.js';
import { World } from './world.js';

/**
 * Plays a story. Checks the invariants on the way, when all requests are over, and when the pool is closed. Returns the world it leaves.
 */
export async function runStory(
  manners: readonly PeerManner[],
  bounds: PoolBounds,
  acts: readonly Act[],
): Promise<World> {
  const world = new World(manners, bounds);
  for (const act of acts) {
    world.run(act);
    await settled();
    for (const holds of always) holds(world);
  }
  await finish(world);
  return world;
}

/** Lets all requests end, closes the pool, and checks that nothing is left. */
export async function finish(world: World): Promise<void> {
  // A drain or a warm-up may need promises to settle in between.
  for (let step = 0; step < 50 && (world.open.length > 0 || world.holding > 0); step += 1) {
    world.clock.advance(250);
    await settled();
  }
  for (const holds of atTheEnd) holds(world);
  world.run({ do: 'close', drainTimeoutMs: 100 });
  await settled();
  // The model's own timers end in this time, too.
  world.clock.advance(1_000);
  await settled();
  nothingIsLeft(world);
}

/** Lets all microtasks run: they deliver what is under way on the memory wire. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
