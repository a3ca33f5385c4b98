import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../../src/testing/index.js';

function setup() {
  const clock = new ManualClock();
  const log: string[] = [];
  const at = (name: string) => () => {
    log.push(`${name}@${clock.now()}`);
  };
  return { clock, log, at };
}

test('stands still until it is advanced', () => {
  const { clock, log, at } = setup();
  clock.setTimeout(at('a'), 10, 'background');
  expect([clock.now(), clock.pending, clock.nextTimerInMs()]).toEqual([0, 1, 10]);
  clock.advance(9);
  expect([log, clock.nextTimerInMs()]).toEqual([[], 1]);
  clock.advance(1);
  expect([log, clock.pending, clock.nextTimerInMs()]).toEqual([['a@10'], 0, undefined]);
});

test('runs timers in the order of their due times, then of their creation', () => {
  const { clock, log, at } = setup();
  clock.setTimeout(at('late'), 30, 'background');
  clock.setTimeout(at('first'), 10, 'background');
  clock.setTimeout(at('second'), 10, 'background');
  clock.advance(100);
  expect(log).toEqual(['first@10', 'second@10', 'late@30']);
  expect(clock.now()).toBe(100);
});

test('runs timers set during an advance, each at its own time', () => {
  const { clock, log, at } = setup();
  clock.setTimeout(() => clock.setTimeout(at('inner'), 5, 'background'), 10, 'background');
  clock.setTimeout(at('outer'), 20, 'background');
  clock.advance(20);
  expect(log).toEqual(['inner@15', 'outer@20']);
});

test('a delay under 1 ms counts as 1: a timer that renews itself cannot stop time', () => {
  const { clock, log, at } = setup();
  const again = (): void => {
    at('tick')();
    clock.setTimeout(again, 0, 'background');
  };
  again();
  clock.advance(2);
  expect(log).toEqual(['tick@0', 'tick@1', 'tick@2']);
});

test('a timer keeps the process alive as long as its option says', () => {
  const { clock, log, at } = setup();
  const handle = clock.setTimeout(at('a'), 5, 'keepsAlive');
  clock.setHold(handle, 'background');
  expect([clock.pending, clock.pendingKeepAlive]).toEqual([1, 0]);
  clock.setHold(handle, 'keepsAlive');
  expect(clock.pendingKeepAlive).toBe(1);
  clock.advance(5);
  expect(log).toEqual(['a@5']);
});

test('a cleared timer does not run; clearing it twice does nothing', () => {
  const { clock, log, at } = setup();
  const handle = clock.setTimeout(at('never'), 1, 'keepsAlive');
  expect(clock.pendingKeepAlive).toBe(1);
  clock.clearTimeout(handle);
  clock.clearTimeout(handle);
  clock.clearTimeout(undefined);
  clock.advance(5);
  expect([log, clock.pending, clock.pendingKeepAlive]).toEqual([[], 0, 0]);
});

describe('afterIo', () => {
  test('runs right after the timer that called it, and before the next one', () => {
    const { clock, log, at } = setup();
    clock.setTimeout(
      () => {
        clock.afterIo(() => {
          at('after')();
          clock.afterIo(at('after that'));
        });
        at('timer')();
      },
      10,
      'background',
    );
    clock.setTimeout(at('next'), 10, 'background');
    clock.advance(10);
    expect(log).toEqual(['timer@10', 'after@10', 'after that@10', 'next@10']);
  });

  test('waits for the next advance if called outside of one', () => {
    const { clock, log, at } = setup();
    clock.afterIo(at('waiting'));
    expect(log).toEqual([]);
    clock.advance(0);
    expect(log).toEqual(['waiting@0']);
  });

  test('runs once the wires have delivered', () => {
    const { clock, log, at } = setup();
    const underWay = ['reply'];
    clock.onIo(() => {
      for (const item of underWay.splice(0)) at(item)();
    });
    clock.setTimeout(() => clock.afterIo(at('deadline')), 10, 'background');
    clock.setTimeout(() => underWay.push('late reply'), 5, 'background');
    clock.advance(10);
    expect(log).toEqual(['reply@0', 'late reply@5', 'deadline@10']);
  });
});

test('rejects values that a real timer would not accept', () => {
  const { clock } = setup();
  clock.setTimeout(() => clock.advance(1), 1, 'background');
  expect(() => clock.advance(1)).toThrow('within');
  expect(() => clock.advance(-1)).toThrow('[invalid_config] advance: ms is -1');
  expect(() => clock.advance(Number.NaN)).toThrow('[invalid_config] advance: ms is NaN');
  expect(() => clock.setTimeout(() => {}, Number.NaN, 'background')).toThrow(
    '[invalid_config] setTimeout: delayMs is NaN',
  );
  expect(() => clock.setTimeout(() => {}, 2 ** 31, 'background')).toThrow('[invalid_config] setTimeout: delayMs');
  // The clock still works after the errors.
  clock.advance(1);
  expect(new ManualClock(500).now()).toBe(500);
});
