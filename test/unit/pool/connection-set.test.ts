import { describe, expect, test } from 'vitest';
import type { Connection } from '../../../src/connection/connection.js';
import type { ConnectionState, Limits } from '../../../src/contract/index.js';
import { ConnectionSet } from '../../../src/pool/connection-set.js';
import { TurnBudget } from '../../../src/schedule/turn-budget.js';
import { ManualClock } from '../../../src/testing/index.js';

/** A connection whose state a test sets; it reports its dials to the set. */
class FakeConnection {
  state: ConnectionState = 'idle';
  attempt = 0;
  wantedBy: 'nobody' | 'requests' | 'upkeep' = 'nobody';
  readonly isDone = true;
  readonly isResting = false;
  readonly #dialled: () => void;

  constructor(dialled: () => void) {
    this.#dialled = dialled;
  }

  get isLinked(): boolean {
    return this.state === 'healthy';
  }

  want(by: 'requests' | 'upkeep'): void {
    if (this.wantedBy !== 'upkeep') this.wantedBy = by;
    if (this.state === 'idle') this.#dial();
  }

  unwant(): void {
    this.wantedBy = 'nobody';
  }

  hurry(): void {
    if (this.state === 'reconnecting') this.#dial();
  }

  #dial(): void {
    this.state = 'connecting';
    this.#dialled();
  }
}

/** The connections of a CI, and the times of their dials. */
function setUp({ maxConnections = 4 } = {}) {
  const clock = new ManualClock(10_000);
  const limits = { maxConnections, minRedialIntervalMs: 20 } as Limits;
  const made: FakeConnection[] = [];
  const dials: number[] = [];
  /** Dials, by the number of their connection, in order with what a test adds. */
  const took: string[] = [];
  const ci = {
    limits,
    isOpen: true,
    waiting: 0,
    isKeptUp: false,
    isUndiallable: false,
    // All that wait, unless a test says otherwise.
    patient: Number.MAX_SAFE_INTEGER,
    failWaiting: () => {},
    retires: () => {},
  };
  const set: ConnectionSet = new ConnectionSet(ci, new TurnBudget(clock), clock, (number) => {
    const connection = new FakeConnection(() => {
      dials.push(clock.now() - 10_000);
      took.push(`dial ${number}`);
      set.dialled();
    });
    made.push(connection);
    return connection as unknown as Connection;
  });
  const want = (waiting: number) => {
    ci.waiting = waiting;
    set.reviewSoon();
  };
  const move = (connection: FakeConnection | undefined, state: 'healthy' | 'reconnecting' | 'idle') => {
    if (connection === undefined) return;
    const from = connection.state;
    connection.state = state;
    connection.wantedBy = 'nobody';
    if (state === 'reconnecting') connection.attempt += 1;
    set.changed(connection as unknown as Connection, from, state);
  };
  return { clock, ci, set, made, dials, took, want, move };
}

/** So many links that had answered and were lost; the clock 10 ms later. */
function setUpAfterLoss(links: number) {
  const all = setUp();
  all.want(links);
  for (const connection of all.made) all.move(connection, 'healthy');
  all.ci.waiting = 0;
  for (const connection of all.made) all.move(connection, 'idle');
  all.clock.advance(10);
  all.dials.length = 0;
  return all;
}

describe('the connections of a CI', () => {
  test('opens as many as requests wait, within bounds', () => {
    const { want, dials } = setUp({ maxConnections: 3 });
    want(2);
    expect(dials).toEqual([0, 0]);
    want(5);
    expect(dials).toEqual([0, 0, 0]);
  });

  test('dials one of the lost links that had answered, and learns from it whether the CI is up', () => {
    const { made, move, want, dials } = setUpAfterLoss(3);
    want(3);
    expect(dials).toEqual([10]);
    want(3);
    expect(dials).toEqual([10]);
    move(made[0], 'reconnecting');
    want(3);
    expect(dials).toEqual([10]);
  });

  test('dials the next of them 20 ms after the first', () => {
    const { clock, made, move, want, dials } = setUpAfterLoss(3);
    want(3);
    move(made[0], 'healthy');
    want(2);
    clock.advance(19);
    expect(dials).toEqual([10]);
    clock.advance(1);
    expect(dials).toEqual([10, 30]);
  });

  test('dials none of them when no request waits any more', () => {
    const { clock, ci, made, move, want, dials } = setUpAfterLoss(3);
    want(2);
    move(made[0], 'healthy');
    want(1);
    ci.waiting = 0;
    clock.advance(20);
    expect(dials).toEqual([10]);
  });

  test('paces links that are lost one right after the other, also after failed dials', () => {
    const { clock, made, move, want, dials } = setUpAfterLoss(2);
    for (let outage = 0; outage < 3; outage += 1) {
      want(2);
      want(1);
      move(made[0], 'reconnecting');
      clock.advance(100);
      for (const connection of made) {
        move(connection, 'healthy');
        move(connection, 'idle');
      }
    }
    dials.length = 0;
    for (let answers = 0; answers < 4; answers += 1) {
      want(1);
      for (const connection of made.filter(({ state }) => state === 'connecting')) {
        move(connection, 'healthy');
        move(connection, 'idle');
      }
    }
    expect(dials).toHaveLength(1);
  });

  test('the time between redials is read for each: options may change it', () => {
    const { clock, ci, made, move, want, dials } = setUpAfterLoss(3);
    want(3);
    move(made[0], 'healthy');
    clock.advance(10);
    ci.limits = { ...ci.limits, minRedialIntervalMs: 10 };
    want(2);
    expect(dials).toEqual([10, 20]);
  });

  test('a redial that waits keeps no process alive, and is one timer for all that ask', () => {
    const { clock, made, move, want } = setUpAfterLoss(3);
    want(3);
    move(made[0], 'healthy');
    for (let i = 0; i < 3; i += 1) want(2);
    expect([clock.pending, clock.pendingKeepAlive]).toEqual([1, 0]);
  });

  test('a redial that waits ends with the set', () => {
    const { clock, set, made, move, want, dials } = setUpAfterLoss(3);
    want(3);
    move(made[0], 'healthy');
    want(2);
    set.end();
    expect(clock.pending).toBe(0);
    want(2);
    clock.advance(100);
    expect([dials, clock.pending]).toEqual([[10], 0]);
  });

  test('what happens during a plan is planned for after its last step', () => {
    const { ci, set, took, made, move } = setUp();
    ci.waiting = 1;
    set.review({ turn: 'now' });
    move(made[0], 'reconnecting');
    took.length = 0;
    ci.patient = 0;
    ci.failWaiting = () => {
      ci.waiting = 0;
      set.review({ successors: 1 });
      took.push('callback over');
    };
    set.review();
    expect(took).toEqual(['callback over', 'dial 2']);
  });

  test('a plan takes no further step for a CI that one of its steps has closed', () => {
    const { ci, set, took, made, move } = setUp();
    ci.waiting = 1;
    set.review({ turn: 'now' });
    move(made[0], 'reconnecting');
    took.length = 0;
    ci.patient = 0;
    ci.failWaiting = () => {
      ci.isOpen = false;
      took.push('closed');
    };
    set.review({ successors: 1 });
    expect(took).toEqual(['closed']);
  });

  describe('while the CI is down', () => {
    /** Down since a failed dial at 0 ms. */
    function down() {
      const all = setUp();
      all.want(1);
      all.move(all.made[0], 'reconnecting');
      return all;
    }

    test('a request dials it at once if the last dial is a second ago; otherwise it waits', () => {
      const { clock, set, dials } = down();
      clock.advance(999);
      set.review({ hurry: 'now' });
      expect([dials, clock.pending]).toEqual([[0], 0]);
      clock.advance(1);
      set.review({ hurry: 'now' });
      expect(dials).toEqual([0, 1_000]);
    });

    test('the dial comes as soon as that second is over, once for all waiting requests', () => {
      const { clock, set, dials } = down();
      for (let i = 0; i < 3; i += 1) set.review({ hurry: 'soon' });
      clock.advance(999);
      expect(dials).toEqual([0]);
      clock.advance(5_000);
      expect(dials).toEqual([0, 1_000]);
    });

    test('does not dial if it came up by then', () => {
      const { clock, ci, set, made, move, dials } = down();
      set.review({ hurry: 'soon' });
      move(made[0], 'healthy');
      // The request is served.
      ci.waiting = 0;
      clock.advance(1_000);
      expect(dials).toEqual([0]);
    });

    test('an early dial counts from the last dial of any kind, also from one that was made while it waited', () => {
      const { clock, set, made, move, dials } = down();
      set.review({ hurry: 'soon' });
      clock.advance(600);
      made[0]?.hurry();
      move(made[0], 'reconnecting');
      clock.advance(999);
      expect(dials).toEqual([0, 600]);
      clock.advance(1);
      expect(dials).toEqual([0, 600, 1_600]);
    });

    test('an early dial that waits keeps no process alive', () => {
      const { clock, set } = down();
      set.review({ hurry: 'soon' });
      expect([clock.pending, clock.pendingKeepAlive]).toEqual([1, 0]);
    });

    test('a redial is not lost behind an early dial that waits', () => {
      const { clock, ci, set, made, move, want, dials } = setUpAfterLoss(3);
      want(3);
      move(made[0], 'reconnecting');
      set.review({ hurry: 'soon' });
      expect(clock.nextTimerInMs()).toBe(1_000);
      // Its backoff ends, it comes up, and two more links are lost: they are redialled at their pace.
      made[0]?.hurry();
      for (const connection of made) move(connection, 'healthy');
      for (const connection of made.slice(1)) move(connection, 'idle');
      dials.length = 0;
      ci.waiting = 2;
      clock.advance(1);
      want(2);
      clock.advance(19);
      expect(dials).toEqual([30]);
      move(
        made.find(({ state }) => state === 'connecting'),
        'healthy',
      );
      want(1);
      clock.advance(20);
      expect(dials).toEqual([30, 50]);
    });

    test('does not dial once the set has ended', () => {
      const { clock, set } = down();
      set.review({ hurry: 'soon' });
      set.end();
      expect(clock.pending).toBe(0);
    });
  });
});
