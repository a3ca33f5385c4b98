import fc from 'fast-check';
import { describe, test } from 'vitest';
import { bounds, manners, story } from './arbitraries.js';
import { runStory } from './run-story.js';

/** How many stories are played. `PROPERTY_RUNS` in the environment says another number. */
const RUNS = Number(process.env.PROPERTY_RUNS ?? 500);
/** From which the stories are drawn. `PROPERTY_SEED` in the environment plays those of an earlier run again. */
const SEED = Number(process.env.PROPERTY_SEED ?? 20_261);

describe('whatever peers and users do', () => {
  test(`the invariants hold (${RUNS} stories, PROPERTY_SEED=${SEED})`, async ({ annotate }) => {
    await annotate(`PROPERTY_SEED=${SEED} PROPERTY_RUNS=${RUNS}`);
    await fc.assert(fc.asyncProperty(manners, bounds, story, runStory), { numRuns: RUNS, seed: SEED });
  }, 3_600_000);
});
