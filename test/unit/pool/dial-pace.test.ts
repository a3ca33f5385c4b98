import { describe, expect, test } from 'vitest';
import { DialPace } from '../../../src/pool/dial-pace.js';
import { ManualClock } from '../../../src/testing/index.js';

/** A pace, and when what was dialled. */
function setUp() {
  const clock = new ManualClock();
  const limits = { betweenRedialsMs: 20 };
  const pace = new DialPace(clock, () => limits.betweenRedialsMs);
  const dials: string[] = [];
  const dial = (name: string) => () => {
    dials.push(`${name} ${clock.now()}`);
    pace.dialled();
  };
  return { clock, limits, pace, dials, dial };
}

describe.each([
  ['a redial', 'redial', 20],
  ['an early dial', 'early', 1_000],
] as const)('%s', (_name, way, betweenMs) => {
  /** A pace at which one such dial was made, at 0. */
  function setUpAfterOne() {
    const all = setUp();
    all.pace[way](all.dial('first'));
    expect(all.dials.splice(0)).toEqual(['first 0']);
    return all;
  }

  test('is made at once when none was made before', () => {
    const { clock, pace, dials, dial } = setUp();
    pace[way](dial('a'));
    expect([dials, clock.pending]).toEqual([['a 0'], 0]);
  });

  test(`is made as soon as the last one is ${betweenMs} ms ago, and not before`, () => {
    const { clock, pace, dials, dial } = setUpAfterOne();
    clock.advance(5);
    pace[way](dial('a'));
    clock.advance(betweenMs - 6);
    expect(dials).toEqual([]);
    clock.advance(1);
    expect([dials, clock.pending]).toEqual([[`a ${betweenMs}`], 0]);
  });

  test('is made at once when that is so already', () => {
    const { clock, pace, dials, dial } = setUpAfterOne();
    clock.advance(betweenMs);
    pace[way](dial('a'));
    expect([dials, clock.pending]).toEqual([[`a ${betweenMs}`], 0]);
  });

  test('is one for all that ask meanwhile, and another for those who ask after it', () => {
    const { clock, pace, dials, dial } = setUpAfterOne();
    for (const name of ['a', 'b', 'c']) pace[way](dial(name));
    expect(clock.pending).toBe(1);
    clock.advance(betweenMs);
    pace[way](dial('d'));
    clock.advance(10_000);
    expect(dials).toEqual([`a ${betweenMs}`, `d ${2 * betweenMs}`]);
  });

  test('does not keep the process alive while it waits', () => {
    const { clock, pace, dial } = setUpAfterOne();
    pace[way](dial('a'));
    expect([clock.pending, clock.pendingKeepAlive]).toEqual([1, 0]);
  });

  test('is not made any more once all has ended, and leaves no timer', () => {
    const { clock, pace, dials, dial } = setUpAfterOne();
    pace[way](dial('a'));
    pace.end();
    expect(clock.pending).toBe(0);
    pace[way](dial('b'));
    clock.advance(betweenMs - 1);
    expect([dials, clock.pending]).toEqual([[], 0]);
  });
});

test('an early dial counts from the last dial, of whatever kind, also from one that was made while it waited', () => {
  const { clock, pace, dials, dial } = setUp();
  expect(pace.isEarlyDue).toBe(true);
  pace.dialled();
  pace.early(dial('a'));
  clock.advance(600);
  pace.dialled();
  clock.advance(999);
  expect([pace.isEarlyDue, dials]).toEqual([false, []]);
  clock.advance(1);
  expect(dials).toEqual(['a 1600']);
  clock.advance(1_000);
  expect(pace.isEarlyDue).toBe(true);
});

test('a redial counts from the last redial: a dial of another kind says nothing of links that are lost', () => {
  const { pace, dials, dial } = setUp();
  pace.dialled();
  pace.redial(dial('a'));
  expect(dials).toEqual(['a 0']);
});

test('the time between redials is asked for each time: options may change it', () => {
  const { clock, limits, pace, dials, dial } = setUp();
  pace.redial(dial('a'));
  clock.advance(10);
  limits.betweenRedialsMs = 10;
  pace.redial(dial('b'));
  expect(dials).toEqual(['a 0', 'b 10']);
});

test('a redial is not lost behind an early dial that waits', () => {
  const { clock, pace, dials, dial } = setUp();
  pace.dialled();
  pace.early(dial('early'));
  pace.redial(dial('a'));
  pace.redial(dial('b'));
  clock.advance(20);
  expect(dials).toEqual(['a 0', 'b 20']);
});
