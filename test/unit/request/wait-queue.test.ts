import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Priority } from '../../../src/contract/index.js';
import { type Waiting, WaitQueue } from '../../../src/request/wait-queue.js';

class Guest implements Waiting {
  queueNext: this | undefined = undefined;
  queuePrevious: this | undefined = undefined;
  isQueued = false;
  readonly name: string;
  readonly priority: Priority;
  readonly whenDown: 'fail' | 'wait';

  constructor(name: string, priority: Priority = 'normal', whenDown: 'fail' | 'wait' = 'fail') {
    this.name = name;
    this.priority = priority;
    this.whenDown = whenDown;
  }
}

function queueOf(...guests: readonly Guest[]): WaitQueue<Guest> {
  const queue = new WaitQueue<Guest>();
  for (const guest of guests) queue.push(guest);
  return queue;
}

const names = (guests: readonly (Guest | undefined)[]) => guests.map((guest) => guest?.name);

describe('WaitQueue', () => {
  test('serves in order of arrival', () => {
    const queue = queueOf(new Guest('a'), new Guest('b'), new Guest('c'));
    expect(names([queue.shift(), queue.shift(), queue.shift(), queue.shift()])).toEqual(['a', 'b', 'c', undefined]);
    expect(queue.size).toBe(0);
  });

  test('counts those that wait for as long as the CI is down', () => {
    const [patient, other] = [new Guest('a', 'low', 'wait'), new Guest('b', 'high', 'wait')];
    const queue = queueOf(patient, new Guest('c'), other);
    expect(queue.patient).toBe(2);
    queue.remove(patient);
    queue.remove(patient);
    expect(queue.patient).toBe(1);
    queue.shift();
    expect([queue.patient, queue.size]).toEqual([0, 1]);
  });

  test('serves the higher priority first', () => {
    const queue = queueOf(new Guest('low', 'low'), new Guest('normal'), new Guest('high', 'high'), new Guest('late'));
    expect(names(queue.toArray())).toEqual(['high', 'normal', 'late', 'low']);
    expect(names([queue.shift(), queue.shift(), queue.shift(), queue.shift()])).toEqual([
      'high',
      'normal',
      'late',
      'low',
    ]);
  });

  test.each([0, 1, 2])('a cancelled entry leaves any position, and is never served: position %i', (place) => {
    const guests = [new Guest('a'), new Guest('b'), new Guest('c')];
    const queue = queueOf(...guests);
    const gone = guests[place] as Guest;
    queue.remove(gone);
    queue.remove(gone);
    expect(queue.size).toBe(2);
    expect(names(queue.toArray())).toEqual(names(guests.filter((guest) => guest !== gone)));
    expect(gone).toMatchObject({ isQueued: false, queueNext: undefined, queuePrevious: undefined });
  });

  test('an entry that left may come again, at the end', () => {
    const a = new Guest('a');
    const queue = queueOf(a, new Guest('b'));
    queue.remove(a);
    queue.push(a);
    expect(names(queue.toArray())).toEqual(['b', 'a']);
  });

  test('a served entry holds no reference to others', () => {
    const queue = queueOf(new Guest('a'), new Guest('b'));
    expect(queue.shift()).toMatchObject({ isQueued: false, queueNext: undefined, queuePrevious: undefined });
  });

  test('toArray is a copy: entries may leave while it is iterated', () => {
    const queue = queueOf(new Guest('a'), new Guest('b', 'low'), new Guest('c', 'high'));
    for (const guest of queue.toArray()) queue.remove(guest);
    expect([queue.size, queue.shift(), queue.toArray()]).toEqual([0, undefined, []]);
  });
});

const priorities = ['high', 'normal', 'low'] as const;
const operation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('push' as const), priority: fc.constantFrom(...priorities) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('shift' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('remove' as const), index: fc.nat() }) },
);

test('does what an array does that is sorted by priority', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
      const queue = new WaitQueue<Guest>();
      const everyone: Guest[] = [];
      let model: Guest[] = [];
      for (const step of operations) {
        if (step.type === 'push') {
          const guest = new Guest(String(everyone.length), step.priority);
          everyone.push(guest);
          queue.push(guest);
          model = priorities.flatMap((priority) => [...model, guest].filter((one) => one.priority === priority));
        } else if (step.type === 'shift') expect(queue.shift()).toBe(model.shift());
        else {
          // Also one who left long ago.
          const guest = everyone[step.index % Math.max(everyone.length, 1)];
          if (guest !== undefined) queue.remove(guest);
          model = model.filter((one) => one !== guest);
        }
        expect(names(queue.toArray())).toEqual(names(model));
        expect(queue.size).toBe(model.length);
        expect(everyone.filter((guest) => guest.isQueued)).toHaveLength(model.length);
      }
    }),
    { numRuns: 300 },
  );
});
