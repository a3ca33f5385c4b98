import { describe, expect, test } from 'vitest';
import { FifoQueue } from '../../../src/schedule/fifo-queue.js';

describe('FifoQueue', () => {
  test('returns items in the order of arrival', () => {
    const queue = new FifoQueue<number>();
    const seen: unknown[] = [];
    let next = 0;
    // Grows by three in each round, so that the head moves far into the array and space is freed several times.
    for (let round = 0; round < 100; round += 1) {
      for (let i = 0; i < 10; i += 1) queue.push(next++);
      for (let i = 0; i < 7; i += 1) seen.push(queue.shift());
    }
    expect(queue.size).toBe(300);
    while (queue.size > 0) seen.push(queue.shift());
    expect(seen).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
  });

  test('returns nothing if it is empty or was cleared', () => {
    const queue = new FifoQueue<number>();
    expect(queue.shift()).toBeUndefined();
    expect(queue.size).toBe(0);
    queue.push(1);
    expect(queue.shift()).toBe(1);
    queue.push(1);
    queue.clear();
    expect(queue.size).toBe(0);
    expect(queue.shift()).toBeUndefined();
  });
});
