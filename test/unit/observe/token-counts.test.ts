import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenCounts, tokenBounds } from '../../../src/observe/token-counts.js';

test('the bounds are those of the conventions', () => {
  expect(tokenBounds).toEqual([
    1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864,
  ]);
});

test('a bound belongs to its own bucket, one more to the next', () => {
  for (const [index, bound] of tokenBounds.entries()) {
    const counts = new TokenCounts();
    counts.record(bound);
    counts.record(bound + 1);
    expect([counts.counts[index], counts.counts[index + 1]]).toEqual([1, 1]);
  }
});

test('all are counted, once', () => {
  fc.assert(
    fc.property(fc.array(fc.maxSafeNat()), (tokens) => {
      const counts = new TokenCounts();
      for (const each of tokens) counts.record(each);
      for (const [index, bound] of tokenBounds.entries()) {
        const below = counts.counts.slice(0, index + 1).reduce((sum, count) => sum + count, 0);
        expect(below).toBe(tokens.filter((each) => each <= bound).length);
      }
      expect(counts.counts.reduce((sum, count) => sum + count, 0)).toBe(tokens.length);
      expect([counts.count, counts.sum]).toEqual([tokens.length, tokens.reduce((sum, each) => sum + each, 0)]);
    }),
  );
});
