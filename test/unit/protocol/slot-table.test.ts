import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Ending, SlotTable } from '../../../src/protocol/slot-table.js';

type Action =
  | { readonly do: 'add'; readonly item: string }
  | { readonly do: 'replace'; readonly pick: number; readonly item: string }
  | { readonly do: 'remove'; readonly pick: number; readonly ending: Ending };

const actions: fc.Arbitrary<Action[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('add' as const), item: fc.string() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('replace' as const), pick: fc.nat(), item: fc.string() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('remove' as const),
        pick: fc.nat(),
        ending: fc.constantFrom<Ending>('answered', 'abandoned'),
      }),
    },
  ),
  { maxLength: 80 },
);

const nonsense = [-1, 0, 0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, -(2 ** 20), 2 ** 32, 2 ** 32 + 1, 2 ** 53];

describe('SlotTable', () => {
  test('behaves like a Map that issues fresh keys', () => {
    fc.assert(
      fc.property(actions, (script) => {
        const table = new SlotTable<string>();
        const present = new Map<number, string>();
        const past = new Map<number, Ending>();
        const issued: number[] = [];
        for (const action of script) {
          if (action.do === 'add') {
            const number = table.add(action.item);
            expect(issued).not.toContain(number);
            expect(table.pastOf(number), 'a present item has no past').not.toBe('unknown');
            issued.push(number);
            present.set(number, action.item);
          } else if (issued.length > 0) {
            // Any number that was ever issued: stale ones must do nothing.
            const number = issued[action.pick % issued.length] as number;
            if (action.do === 'replace') {
              table.replace(number, action.item);
              if (present.has(number)) present.set(number, action.item);
            } else {
              table.remove(number, action.ending);
              if (present.delete(number)) past.set(number, action.ending);
            }
          }
          expect(table.size).toBe(present.size);
        }
        for (const number of issued) expect(table.get(number)).toBe(present.get(number));
        expect(new Map(table.entries())).toEqual(present);
        for (const [number, ending] of past) expect(['issued', ending]).toContain(table.pastOf(number));
        for (const number of nonsense.filter((each) => !issued.includes(each))) {
          expect(table.get(number)).toBeUndefined();
          expect(table.pastOf(number)).toBe('unknown');
        }
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  test('remembers how the last item of a slot left, until the slot is used again', () => {
    const table = new SlotTable<string>();
    const first = table.add('a');
    table.remove(first, 'answered');
    expect(table.pastOf(first)).toBe('answered');
    let last = first;
    // The slots are used again.
    for (let i = 0; i < 4; i += 1) {
      expect(table.pastOf(first)).toBe('answered');
      last = table.add('b');
      table.remove(last, 'abandoned');
    }
    expect(table.pastOf(last)).toBe('abandoned');
    expect(table.pastOf(first)).toBe('issued');
  });

  test('returns unknown for numbers not issued yet', () => {
    const table = new SlotTable<string>();
    const number = table.add('a');
    expect(table.pastOf(number + 2 ** 20)).toBe('unknown');
    expect(table.pastOf(number + 1)).toBe('unknown');
  });

  test('a stale number neither reads, replaces nor removes a later item', () => {
    const table = new SlotTable<string>();
    const stale = table.add('a');
    table.remove(stale, 'answered');
    const fresh = table.add('b');
    expect(table.get(stale)).toBeUndefined();
    table.replace(stale, 'x');
    table.remove(stale, 'abandoned');
    expect(table.get(fresh)).toBe('b');
    expect(table.size).toBe(1);
  });

  test('an item may leave during iteration', () => {
    const table = new SlotTable<string>();
    for (const item of ['a', 'b', 'c']) table.add(item);
    const seen: string[] = [];
    for (const [number, item] of table.entries()) {
      seen.push(item);
      table.remove(number, 'answered');
    }
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(table.size).toBe(0);
  });

  test('an item that stays keeps its number while 10,000 others come and go', () => {
    const table = new SlotTable<string>();
    const staying = table.add('stays');
    const numbers = new Set([staying]);
    for (let i = 0; i < 10_000; i += 1) {
      const number = table.add(String(i));
      numbers.add(number);
      expect(table.get(number)).toBe(String(i));
      table.remove(number, 'answered');
    }
    expect(table.get(staying)).toBe('stays');
    expect(numbers.size).toBe(10_001);
    expect([...table.entries()]).toEqual([[staying, 'stays']]);
  });

  test('numbers stay small: at least half of them are in use, whatever stays', () => {
    const table = new SlotTable<number>();
    for (let i = 0; i < 1_000; i += 1) table.add(i);
    let last = 0;
    for (let i = 0; i < 10_000; i += 1) {
      last = table.add(i);
      table.remove(last, 'answered');
    }
    expect(last).toBeLessThanOrEqual(2 * 11_000);
  });

  test('remembers the past when the table grows', () => {
    const table = new SlotTable<string>();
    const past = table.add('a');
    table.remove(past, 'answered');
    const added = Array.from({ length: 100 }, (_, i) => table.add(String(i)));
    expect(table.pastOf(past)).toBe('answered');
    expect(added.map((number) => table.get(number))).toEqual(added.map((_, i) => String(i)));
  });
});
