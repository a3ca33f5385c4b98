import { describe, expect, test } from 'vitest';
import { TurnBudget } from '../../../src/schedule/turn-budget.js';
import { ManualClock } from '../../../src/testing/index.js';

/** A clock that moves while work is done; the test ends its event loop turns. */
class LoopClock extends ManualClock {
  #spentMs = 0;
  #afterIo: (() => void)[] = [];

  override now(): number {
    return super.now() + this.#spentMs;
  }

  override afterIo(fn: () => void): void {
    this.#afterIo.push(fn);
  }

  spend(ms: number): void {
    this.#spentMs += ms;
  }

  /** Ends the turn: all sockets have been read. Returns whether a caller had waited for that. */
  endTurn(): boolean {
    const waiting = this.#afterIo;
    this.#afterIo = [];
    for (const fn of waiting) fn();
    return waiting.length > 0;
  }
}

function setUp() {
  const clock = new LoopClock();
  const turns = new TurnBudget(clock);
  const done: string[] = [];
  const work = (name: string, ms = 0, then: () => void = () => {}) =>
    turns.run(() => {
      clock.spend(ms);
      done.push(name);
      then();
    });
  return { clock, turns, done, work };
}

describe('TurnBudget', () => {
  test('runs work at once while the turn has time left', () => {
    const { turns, done, work } = setUp();
    for (const name of ['a', 'b', 'c']) work(name, 0.3);
    expect([done, turns.size]).toEqual([['a', 'b', 'c'], 0]);
  });

  test('resolves for the caller when its work is done, or rejects with its error', async () => {
    const { clock, turns, work } = setUp();
    const ends: string[] = [];
    const bug = new TypeError('bug');
    const thrown = turns.settled(() => {
      throw bug;
    });
    work('long', 1.5);
    const later = turns.settled(() => ends.push('later'));
    await expect(thrown).rejects.toBe(bug);
    expect(ends).toEqual([]);
    clock.endTurn();
    await later;
    expect(ends).toEqual(['later']);
  });

  test('work that takes a turn beyond a millisecond is its last; the next comes after the sockets', () => {
    const { clock, turns, done, work } = setUp();
    for (const name of ['a', 'b', 'c', 'd', 'e']) work(name, 0.6);
    expect([done, turns.size]).toEqual([['a', 'b'], 3]);
    clock.endTurn();
    expect([done, turns.size]).toEqual([['a', 'b', 'c', 'd'], 1]);
    clock.endTurn();
    expect([done, turns.size]).toEqual([['a', 'b', 'c', 'd', 'e'], 0]);
  });

  test('work longer than a turn gets a turn of its own', () => {
    const { clock, done, work } = setUp();
    for (const name of ['a', 'b', 'c']) work(name, 20);
    expect(done).toEqual(['a']);
    clock.endTurn();
    expect(done).toEqual(['a', 'b']);
    clock.endTurn();
    expect(done).toEqual(['a', 'b', 'c']);
  });

  test('later work queues behind waiting work, even with time left', () => {
    const { clock, done, work } = setUp();
    for (const name of ['a', 'b', 'c']) work(name, 1);
    clock.endTurn();
    expect(done).toEqual(['a', 'b']);
    work('d');
    clock.endTurn();
    expect(done).toEqual(['a', 'b', 'c']);
    clock.endTurn();
    expect(done).toEqual(['a', 'b', 'c', 'd']);
  });

  test('work that starts other work runs it in order', () => {
    const { clock, done, work } = setUp();
    work('outer', 0, () => {
      work('inner', 1);
      work('last');
    });
    expect(done).toEqual(['outer', 'inner']);
    clock.endTurn();
    expect(done).toEqual(['outer', 'inner', 'last']);
  });

  test('requests no turn when nothing waits', () => {
    const { clock, work } = setUp();
    work('a', 2);
    work('b', 2);
    expect([clock.endTurn(), clock.endTurn(), clock.endTurn()]).toEqual([true, true, false]);
  });

  test('work that runs at once throws to its caller', () => {
    const { turns } = setUp();
    expect(() =>
      turns.run(() => {
        throw new Error('a bug');
      }),
    ).toThrow('a bug');
  });

  test('work that throws later does not stop the rest', () => {
    const { clock, turns, done, work } = setUp();
    work('a', 2);
    turns.run(() => {
      throw new Error('a bug');
    });
    for (const name of ['b', 'c']) work(name, 0.6);
    expect(() => clock.endTurn()).toThrow('a bug');
    clock.endTurn();
    expect([done, turns.size]).toEqual([['a', 'b', 'c'], 0]);
  });
});
