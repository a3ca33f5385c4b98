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

  test('writes numbers in any order, though it keeps the digits of the last one', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5_000), { minLength: 2 }), (numbers) => {
        const ids = new RequestIds('a.');
        expect(numbers.map((number) => ids.idOf(number))).toEqual(numbers.map((number) => `a.${number}`));
      }),
      { seed: 9 },
    );
  });

  test.each([
    'a.0',
    'a.01',
    'a.-1',
    'a.+1',
    'a. 1',
    'a.1 ',
    'a.1.0',
    'a.1e3',
    'a.0x1',
    'a./',
    'a.:',
    'a.1/',
    'a.1:',
    'a.1\u0661',
    'A.1',
    '1',
    'xa.1',
    'aa.1',
  ])('%j is the exact form of no id', (id) => {
    expect(new RequestIds('a.').numberOf(id)).toBeNaN();
  });

  test.each([
    ['a.1', 1],
    ['a.9', 9],
    ['a.10', 10],
    ['a.909', 909],
    ['a.999999999999999', 999_999_999_999_999],
  ])('%s has the number %d', (id, number) => {
    expect(new RequestIds('a.').numberOf(id)).toBe(number);
  });

  test('an id of another connection has no number, also after the same number was read', () => {
    const [mine, other] = [new RequestIds('a.'), new RequestIds('b.')];
    expect([mine.numberOf('a.7'), mine.numberOf(other.idOf(7)), mine.numberOf('a.7')]).toEqual([7, Number.NaN, 7]);
    expect([mine.numberOf(undefined), mine.numberOf(7), mine.numberOf('a.8')]).toEqual([Number.NaN, Number.NaN, 8]);
  });
});
