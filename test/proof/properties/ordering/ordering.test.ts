import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, test } from 'vitest';
import { noteFigures } from '../../../support/figures.js';
import { playAll, runsOr } from '../../../support/runs.js';
import { stories } from './arbitraries.js';
import { orderingOfEnvironment } from './environment.js';
import { play } from './play.js';

const runs = runsOr(400, 20_263);
const ordering = orderingOfEnvironment() ?? 'proved';

describe('a wire without ids, for any behaviour of its peer', () => {
  test(`gives no wrong answer (${runs.runs} stories, PROPERTY_SEED=${runs.seed})`, async () => {
    const sum = { stories: 0, questions: 0, answers: 0, cancelled: 0 };
    const property = fc.asyncProperty(stories, async (story) => {
      const { tally } = await play(story, ordering);
      sum.stories += 1;
      sum.questions += tally.asked;
      sum.answers += tally.answers;
      sum.cancelled += tally.cancelled;
      assert.deepEqual({ wrong: tally.wrongExamples, breaches: tally.breaches }, { wrong: [], breaches: [] });
    });
    await playAll(
      runs,
      () => sum.questions,
      (batch) => fc.assert(property, batch),
    );
    noteFigures('ordering-stories', { ...sum, seed: runs.seed });
  }, 3_600_000);
});
