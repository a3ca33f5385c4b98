import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Item, setUp, TICK_MS } from './wheel-rig.js';

/** One step of the model: indices pick one of the items added so far. */
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('add' as const), afterMs: fc.nat(70_000) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('add' as const), afterMs: fc.nat(50) }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('putOff' as const), index: fc.nat(), byMs: fc.nat(50_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('bringForward' as const), index: fc.nat(), byMs: fc.nat(50_000) }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('remove' as const), index: fc.nat() }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('advance' as const), ms: fc.nat(100) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('advance' as const), ms: fc.nat(50_000) }) },
);

test('does what a sorted list does', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.array(operation, { maxLength: 60 }), (startMs, operations) => {
      const { clock, wheel } = setUp(startMs);
      const live = new Set<Item>();
      const order: number[] = [];
      const pick = (index: number): Item | undefined => [...live][index % Math.max(live.size, 1)];
      const add = (item: Item): void => {
        live.add(item);
        wheel.add(item);
      };
      for (const step of operations) {
        const item = 'index' in step ? pick(step.index) : undefined;
        if (step.type === 'add') {
          const one: Item = new Item(clock.now() + step.afterMs, (nowMs) => {
            expect(nowMs).toBeGreaterThanOrEqual(one.dueMs);
            expect(nowMs).toBeLessThanOrEqual(one.dueMs + TICK_MS);
            expect(live.delete(one)).toBe(true);
            order.push(Math.floor(one.dueMs / TICK_MS));
          });
          add(one);
        } else if (step.type === 'advance') clock.advance(step.ms);
        else if (item !== undefined) {
          if (step.type === 'putOff') item.dueMs += step.byMs;
          else {
            wheel.remove(item);
            live.delete(item);
            if (step.type === 'bringForward') {
              item.dueMs = Math.max(clock.now(), item.dueMs - step.byMs);
              add(item);
            }
          }
        }
        const overdue = [...live].filter(({ dueMs }) => dueMs + TICK_MS < clock.now());
        expect(overdue).toEqual([]);
        expect(wheel.size).toBe(live.size);
        expect(clock.pendingKeepAlive).toBe(live.size === 0 ? 0 : 1);
        expect(clock.pending).toBeLessThanOrEqual(1);
      }
      // In the order of due times, to within a tick.
      order.forEach((tick, i) => {
        expect(tick).toBeGreaterThanOrEqual(Math.max(...order.slice(0, i)) - 1);
      });
      clock.advance(5_000_000);
      expect([live.size, wheel.size, clock.pending]).toEqual([0, 0, 0]);
    }),
    { numRuns: 300 },
  );
});
