import { describe, expect, test } from 'vitest';
import { Reuse } from '../../../src/connection/reuse.js';

describe('whether a CI keeps its links open', () => {
  test('is on trial at first, and believed after eight answers on one link', () => {
    const reuse = new Reuse();
    expect(reuse.isCareful).toBe(true);
    reuse.answered(7);
    expect(reuse.isCareful).toBe(true);
    reuse.answered(8);
    expect(reuse.isCareful).toBe(false);
  });

  test('is doubted once it ended a link within 50 ms after an answer, on trial or believed', () => {
    for (const answers of [0, 8]) {
      const reuse = new Reuse();
      reuse.answered(answers);
      reuse.left(50);
      reuse.answered(999);
      expect(reuse.isCareful).toBe(true);
      reuse.answered(1_000);
      expect(reuse.isCareful).toBe(false);
    }
  });

  test('is not doubted after a later end: the answer did not cause it', () => {
    const reuse = new Reuse();
    reuse.left(51);
    reuse.answered(8);
    reuse.left(51);
    expect(reuse.isCareful).toBe(false);
  });

  test.each([
    ['on trial', 0, true],
    ['believed', 8, false],
  ])('is restored, %s, once the CI is found to be down: that is why its links ended', (_was, answers, isCareful) => {
    const reuse = new Reuse();
    reuse.answered(answers);
    reuse.left(1);
    reuse.left(1);
    reuse.foundDown();
    expect(reuse.isCareful).toBe(isCareful);
    reuse.answered(8);
    expect(reuse.isCareful).toBe(false);
    reuse.foundDown();
    expect(reuse.isCareful).toBe(false);
  });
});
