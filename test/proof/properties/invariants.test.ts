import fc from 'fast-check';
import { describe, test } from 'vitest';
import { noteFigures } from '../../support/figures.js';
import { playAll, runsOr } from '../../support/runs.js';
import { bounds, manners, story } from './arbitraries.js';
import { runStory } from './run-story.js';
import { Tally } from './tally.js';

const runs = runsOr(500, 20_261);

describe('with any behaviour of peers and users', () => {
  test(`the invariants hold (${runs.runs} stories, PROPERTY_SEED=${runs.seed})`, async () => {
    const tally = new Tally();
    const play = fc.asyncProperty(manners, bounds, story, async (peers, limits, acts) => {
      tally.add(await runStory(peers, limits, acts), acts.length);
    });
    await playAll(
      runs,
      () => tally.commands,
      (batch) => fc.assert(play, batch),
    );
    noteFigures('stories', { ...tally, seed: runs.seed });
  }, 3_600_000);
});
