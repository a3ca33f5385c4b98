import fc from 'fast-check';
import { mannersOfEnvironment } from './environment.js';
import { type Manner, type MannerName, mannerNames, manners } from './manners.js';
import type { Story } from './story.js';

const shortStory = fc.integer({ min: 1, max: 120 });
/** Long enough for the pool to examine the peer again. */
const longStory = fc.integer({ min: 250, max: 500 });
const share = fc.constantFrom(0, 0, 0.05, 0.3);

/** A story with a peer of this behaviour. */
function storyOf(manner: MannerName): fc.Arbitrary<Story> {
  return fc.record({
    manner: fc.constant(manner),
    seed: fc.nat(2 ** 31 - 1),
    questions: fc.oneof({ weight: 9, arbitrary: shortStory }, { weight: 1, arbitrary: longStory }),
    callers: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 24 })),
    maxConnections: fc.integer({ min: 1, max: 4 }),
    pipelining: fc.constantFrom(...manners[manner].pipelining),
    latencyMs: fc.constantFrom(0, 0, 1, 2),
    pauseMs: fc.constantFrom(0, 3, 40, 400),
    cancelShare: share,
    hurriedShare: share,
    cutEveryMs: manners[manner].cuts === 'never' ? fc.constant(0) : fc.constantFrom(0, 0, 20, 100),
    healthIntervalMs: fc.constantFrom(30_000, 60, 200),
    lateReplyGraceMs: fc.constantFrom(1_000, 50),
  });
}

/** A story, with any behaviour of the peer. */
export const stories: fc.Arbitrary<Story> = fc.constantFrom(...mannersOfEnvironment()).chain(storyOf);

/** Behaviours that can answer every request. A peer that closes when idle may do so while a request is under way. */
const soundNames = mannerNames.filter((name) => {
  const { fault, closes }: Manner = manners[name];
  return fault === 'none' && closes !== 'idle';
});

/** A story without faults: a correct peer, patient callers, links that last. */
export const soundStories: fc.Arbitrary<Story> = fc
  .constantFrom(...soundNames)
  .chain(storyOf)
  .map((story) => ({
    ...story,
    // A peer that closes loses the requests behind, and a heartbeat makes some peers close.
    pipelining: 1,
    healthIntervalMs: 30_000,
    cancelShare: 0,
    hurriedShare: 0,
    cutEveryMs: 0,
  }));
