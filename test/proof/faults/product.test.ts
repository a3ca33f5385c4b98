import { describe, expect, test } from 'vitest';
import { cells, connects, nameOf, product, whyImpossible } from './fault-cell.js';

/** The number of cells of each kind. */
function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}

describe('the fault product', () => {
  test('contains each cell once', () => {
    expect(product.length).toBe(5 * 11 * 3 * 3 * 4);
    expect(new Set(product.map(nameOf)).size).toBe(product.length);
  });

  test('has the expected number of cells that run', () => {
    expect(Object.keys(countBy(cells, ({ connect }) => connect))).toEqual(connects);
    expect(countBy(cells, ({ connect }) => connect)).toEqual({
      accept: 311,
      refuse: 6,
      blackhole: 6,
      'accept-then-close': 9,
      'TLS failure': 6,
    });
  });

  test('and of cells that do not, for these reasons', () => {
    const dropped = product.filter((cell) => whyImpossible(cell) !== undefined);
    expect(dropped.length + cells.length).toBe(product.length);
    expect(countBy(dropped, (cell) => whyImpossible(cell) as string)).toEqual({
      'an ask has no chunks, so it is never mid-stream': 33,
      'an idle connection owes no reply that could fail to come': 9,
      'a good line, split or not, is no fault without a request': 9,
      'where nothing is asked, nothing is answered twice, or proved': 18,
      'without a probe there is no proof that could fail to come': 16,
      'a peer that accepts no connection sends no reply': 1_440,
      'a peer that has not answered yet has no known correlation': 96,
      'a peer that accepts no connection begins no stream': 12,
      'without a link nothing is written': 9,
    });
  });
});
