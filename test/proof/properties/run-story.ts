import type { Act, PeerManner, PoolBounds } from './acts.js';
import { always, atTheEnd, nothingIsLeft } from './invariants.js';
import { World } from './world.js';

/** Plays a story, and returns the world that it leaves; checks the invariants on the way, when all requests are over, and when the pool is closed. */
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

/** Lets all requests come to their ends, closes the pool, and checks that nothing is left. */
export async function finish(world: World): Promise<void> {
  // What a drain or a warm-up waits for may need promises to settle in between.
  for (let step = 0; step < 50 && (world.open.length > 0 || world.holding > 0); step += 1) {
    world.clock.advance(250);
    await settled();
  }
  for (const holds of atTheEnd) holds(world);
  world.run({ do: 'close', drainTimeoutMs: 100 });
  await settled();
  // Also the model's own timers end in this time.
  world.clock.advance(1_000);
  await settled();
  nothingIsLeft(world);
}

/** Lets all microtasks run: what is under way on the memory wire is delivered by them. */
export async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
