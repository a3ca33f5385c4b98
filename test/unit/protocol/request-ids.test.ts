import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RequestIds } from '../../../src/protocol/request-ids.js';

describe('RequestIds', () => {
  test('reads what it wrote, more than once', () => {
    const ids = new RequestIds('abc123.');
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999_999_999 }), (number) => {
        const id = ids.idOf(number);
        expect(id).toBe(`abc123.${number}`);
        expect([ids.numberOf(id), ids.numberOf(`${id}`)]).toEqual([number, number]);
      }),
      { seed: 7 },
    );
  });

  test('writes each number around a thousand in plain decimal', () => {
    const ids = new RequestIds('a.');
    for (const number of [
      1, 9, 10, 99, 100, 999, 1_000, 1_001, 1_010, 1_999, 2_000, 999_999, 1_000_000, 5, 1_234_567,
    ]) {
      expect(ids.idOf(number)).toBe(`a.${number}`);
    }
  });

  test('reads exactly the texts that it would write, and no others', () => {
    const ids = new RequestIds('a.');
    const near = fc.string({ unit: fc.constantFrom(...'a.0123456789,/:@- ') });
    fc.assert(
      fc.property(
        fc.oneof(
          near,
          near.map((end) => `a.${end}`),
          fc.anything(),
        ),
        (id) => {
          const number = ids.numberOf(id);
          expect(Number.isNaN(number) || ids.idOf(number) === id).toBe(true);
        },
      ),
      { seed: 8, numRuns: 2_000 },
    );
  });

  test.each(['', 'a.', 'b.1048576', 'a.1000000000000000', 1_048_576, null, undefined, {}])('not %j', (id) => {
    const ids = new RequestIds('a.');
    ids.numberOf('a.1048576');
    expect(ids.numberOf(id)).toBeNaN();
    expect(ids.numberOf('a.1048576')).toBe(1_048_576);
  });
});
