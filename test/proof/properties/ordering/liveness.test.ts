import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { playAll, runsOr } from '../../../support/runs.js';
import { soundStories } from './arbitraries.js';
import { orderingOfEnvironment } from './environment.js';
import { play } from './play.js';
import type { Story } from './story.js';

const asked = runsOr(1_500, 20_264);
/** A tenth of the stories of `ordering.test.ts` is enough. */
const runs = { ...asked, runs: Math.ceil(asked.runs / 10), commands: 0 };
const ordering = orderingOfEnvironment() ?? 'proved';

/** One caller, one question after the other, without any fault. */
const oneByOne: Omit<Story, 'manner' | 'questions' | 'pauseMs'> = {
  seed: 1,
  callers: 1,
  maxConnections: 4,
  pipelining: 1,
  latencyMs: 1,
  cancelShare: 0,
  hurriedShare: 0,
  cutEveryMs: 0,
  healthIntervalMs: 30_000,
  lateReplyGraceMs: 1_000,
};

describe('a wire without ids whose peer has no fault', () => {
  test(`answers every question (${runs.runs} stories, PROPERTY_SEED=${runs.seed})`, async () => {
    const property = fc.asyncProperty(soundStories, async (story) => {
      const { tally } = await play(story, ordering);
      const { answers, failed, wrong, breaches } = tally;
      const { protocol_error: learning = 0, ...others } = failed;
      // A peer that works on several lines at once may look serial: on each connection, one request finds out.
      assert.ok(learning <= (story.manner === 'concurrent' ? story.maxConnections : 0), `${learning} unproved`);
      assert.deepEqual(
        { answers: answers + learning, others, wrong, breaches },
        { answers: story.questions, others: {}, wrong: 0, breaches: [] },
      );
    });
    await playAll(
      runs,
      () => 0,
      (batch) => fc.assert(property, batch),
    );
  }, 3_600_000);

  test.each([
    { manner: 'idleClose', questions: 60, pauseMs: 1_000 },
    { manner: 'closeAfterFive', questions: 200, pauseMs: 0 },
    { manner: 'oneShot', questions: 20, pauseMs: 0 },
  ] as const)('answers $questions of $questions if it closes its links ($manner)', async (more) => {
    const { tally } = await play({ ...oneByOne, ...more }, ordering);
    expect([tally.answers, tally.failed]).toEqual([more.questions, {}]);
  });
});
