import { describe, expect, test } from 'vitest';
import { type Item, setUp, TICK_MS } from './wheel-rig.js';

const DAY_MS = 86_400_000;

describe('firing', () => {
  // One round of the wheel is 4,096 ticks: 32.8 s.
  test.each([0, 1, 7, 8, 9, 100, 30_000, 32_760, 32_768, 32_776, 40_000, 600_000])('after %i ms', (afterMs) => {
    const { clock, wheel, add } = setUp(5_003);
    const item = add(afterMs);
    clock.advance(Math.max(afterMs - 1, 0));
    expect(item.firedAtMs).toEqual([]);
    clock.advance(1 + TICK_MS);
    expect(item.firedAtMs).toHaveLength(1);
    expect(item.firedAtMs[0]).toBeGreaterThanOrEqual(item.dueMs);
    expect(item.firedAtMs[0]).toBeLessThanOrEqual(item.dueMs + TICK_MS);
    expect(wheel.size).toBe(0);
    clock.advance(100_000);
    expect(item.firedAtMs).toHaveLength(1);
  });

  test('after 24 days', () => {
    const { clock, add } = setUp();
    const item = add(24 * DAY_MS);
    clock.advance(24 * DAY_MS - 1);
    expect(item.firedAtMs).toEqual([]);
    clock.advance(1 + TICK_MS);
    expect(item.firedAtMs).toHaveLength(1);
  });

  test('after a fraction of a millisecond, as the system counts it', () => {
    const { clock, add } = setUp(123.456);
    const item = add(10.25);
    clock.advance(10);
    expect(item.firedAtMs).toEqual([]);
    clock.advance(0.25 + TICK_MS);
    expect(item.firedAtMs).toHaveLength(1);
  });

  test('in the order of the due times, to within a tick', () => {
    const { clock, add } = setUp();
    const order: number[] = [];
    for (const afterMs of [900, 20, 33_000, 8, 450, 40, 65_600]) add(afterMs, () => order.push(afterMs));
    clock.advance(70_000);
    expect(order).toEqual([8, 20, 40, 450, 900, 33_000, 65_600]);
  });

  test('in the same order after the event loop was blocked', () => {
    const { clock, add } = setUp();
    const order: number[] = [];
    for (const afterMs of [900, 20, 8, 5_000, 450, 40]) add(afterMs, () => order.push(afterMs));
    clock.lagMs = 1_000;
    clock.advance(16);
    expect(order).toEqual([8, 20, 40, 450, 900]);
  });

  test('fires several items of one moment', () => {
    const { clock, add } = setUp();
    const items = Array.from({ length: 1_000 }, () => add(500));
    clock.advance(500 + TICK_MS);
    expect(items.every((item) => item.firedAtMs.length === 1)).toBe(true);
  });

  test('fires an item that was overdue when it was added', () => {
    const { clock, wheel, add } = setUp(200_000);
    const items = [add(-1), add(-32_768), add(-100_000)];
    clock.advance(TICK_MS);
    expect(items.map((item) => item.firedAtMs.length)).toEqual([1, 1, 1]);
    expect(wheel.size).toBe(0);
  });

  test('fires an item that is added again', () => {
    const { clock, wheel, add } = setUp();
    const item = add(10);
    clock.advance(100);
    item.dueMs = 150;
    wheel.add(item);
    clock.advance(100);
    expect(item.firedAtMs).toEqual([16, 152]);
  });
});

describe('moving', () => {
  test('an item whose due time moves without a call fires only at the new time', () => {
    const { clock, add } = setUp();
    const item = add(100);
    clock.advance(50);
    item.dueMs = 40_000;
    clock.advance(39_949);
    expect(item.firedAtMs).toEqual([]);
    clock.advance(1 + TICK_MS);
    expect(item.firedAtMs).toEqual([40_008]);
  });

  test('an item can move again and again, as with the chunks of a stream', () => {
    const { clock, wheel, add } = setUp();
    const item = add(100);
    for (let ms = 0; ms < 10_000; ms += 30) {
      item.dueMs = clock.now() + 100;
      clock.advance(30);
    }
    expect([item.firedAtMs, wheel.size, clock.pending]).toEqual([[], 1, 1]);
  });

  test('an item can move to a slot of the same sweep', () => {
    const { clock, add } = setUp();
    const item = add(8);
    add(24);
    item.dueMs = 24;
    clock.lagMs = 20;
    clock.advance(16);
    clock.advance(16);
    expect(item.firedAtMs).toHaveLength(1);
  });

  test('a removed item never fires; removing it twice is harmless', () => {
    const { clock, wheel, add } = setUp();
    const items = [add(10), add(10), add(10)];
    wheel.remove(items[1] as Item);
    wheel.remove(items[1] as Item);
    expect(wheel.size).toBe(2);
    clock.advance(100);
    expect(items.map((item) => item.firedAtMs.length)).toEqual([1, 0, 1]);
  });
});

describe('inside the callback', () => {
  test('removes an item that is due at the same moment', () => {
    const { clock, wheel, add } = setUp();
    const items: Item[] = [];
    const removeOthers = (): void => {
      for (const item of items) wheel.remove(item);
    };
    items.push(add(10, removeOthers), add(10, removeOthers), add(11, removeOthers));
    clock.advance(100);
    expect(items.reduce((sum, item) => sum + item.firedAtMs.length, 0)).toBe(1);
    expect([wheel.size, clock.pending]).toEqual([0, 0]);
  });

  test('adds another item, and the same one', () => {
    const { clock, wheel, add } = setUp();
    let other: Item | undefined;
    const item: Item = add(10, (nowMs) => {
      other ??= add(20);
      item.dueMs = nowMs + 50;
      if (item.firedAtMs.length < 3) wheel.add(item);
    });
    clock.advance(1_000);
    expect(item.firedAtMs).toEqual([16, 72, 128]);
    expect(other?.firedAtMs).toEqual([40]);
    expect(clock.pending).toBe(0);
  });

  test('adds an item that is due already: it fires later, never in an endless loop', () => {
    const { clock, wheel, add } = setUp();
    const item: Item = add(8, () => wheel.add(item));
    clock.advance(16);
    expect(item.firedAtMs).toEqual([16]);
    clock.advance(80);
    expect(item.firedAtMs.length).toBeLessThanOrEqual(11);
  });
});

describe('the timer', () => {
  test('does not exist before the first item, and is one for all', () => {
    const { clock, add } = setUp();
    expect(clock.pending).toBe(0);
    for (const afterMs of [500, 20, 90_000, 20]) add(afterMs);
    expect(clock.pending).toBe(1);
  });

  test('keeps the process alive', () => {
    const { clock, add } = setUp();
    add(1_000);
    expect(clock.pendingKeepAlive).toBe(1);
  });

  test('lets the process end once the wheel is empty, and is gone within about a second', () => {
    const { clock, wheel, add } = setUp();
    const items = [add(1_000), add(50_000)];
    for (const item of items) wheel.remove(item);
    expect([clock.pending, clock.pendingKeepAlive]).toEqual([1, 0]);
    add(40_000);
    expect([clock.pending, clock.pendingKeepAlive]).toEqual([1, 1]);
    wheel.remove(add(10));
    expect(clock.pendingKeepAlive).toBe(1);
    clock.advance(40_100);
    expect([wheel.size, clock.pending]).toEqual([0, 0]);
  });

  test('ends by itself when the wheel is empty', () => {
    const { clock, wheel, add } = setUp();
    wheel.remove(add(600_000));
    clock.advance(1_024);
    expect(clock.pending).toBe(0);
    const item = add(10);
    clock.advance(100);
    expect([item.firedAtMs, clock.pending]).toEqual([[1_040], 0]);
  });

  test('is cleared by stop()', () => {
    const { clock, wheel, add } = setUp();
    wheel.remove(add(1_000));
    wheel.stop();
    expect(clock.pending).toBe(0);
    add(10);
    expect(clock.pendingKeepAlive).toBe(1);
  });

  test('is set once for a thousand items that come and go one after the other', () => {
    const { clock, wheel, add } = setUp();
    let set = 0;
    const setTimeout = clock.setTimeout.bind(clock);
    clock.setTimeout = (...args) => {
      set += 1;
      return setTimeout(...args);
    };
    for (let i = 0; i < 1_000; i += 1) wheel.remove(add(30_000));
    expect(set).toBe(1);
  });

  test('sleeps until an item can be due, and at most about a second', () => {
    const { clock, add } = setUp();
    add(10_000);
    expect(clock.nextTimerInMs()).toBe(1_024);
    add(500);
    expect(clock.nextTimerInMs()).toBeLessThanOrEqual(500 + TICK_MS);
  });
});

describe('unread bytes in the socket come first', () => {
  test('an item that the unread bytes settle does not fire', () => {
    const { clock, wheel, add } = setUp();
    const item = add(10);
    clock.onIo(() => {
      if (clock.now() >= item.dueMs) wheel.remove(item);
    });
    clock.advance(100);
    expect([item.firedAtMs, wheel.size, clock.pending]).toEqual([[], 0, 0]);
  });

  test('an item that the unread bytes add fires in its turn', () => {
    const { clock, add } = setUp();
    add(10);
    let added: Item | undefined;
    clock.onIo(() => {
      if (clock.now() >= 10) added ??= add(20);
    });
    clock.advance(100);
    expect(added?.firedAtMs).toEqual([40]);
  });

  test('an item that the unread bytes move fires only at its new time', () => {
    const { clock, add } = setUp();
    const item = add(10);
    clock.onIo(() => {
      if (clock.now() >= 10 && item.dueMs === 10) item.dueMs = 500;
    });
    clock.advance(100);
    expect(item.firedAtMs).toEqual([]);
    clock.advance(1_000);
    expect(item.firedAtMs).toEqual([504]);
  });
});
