import { describe, expect, test } from 'vitest';
import { type AbandonedPort, AbandonedRequests } from '../../../src/connection/abandoned-requests.js';
import type { Limits } from '../../../src/contract/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { reply, rig, type Sent } from '../protocol/correlator-rig.js';

/** A link whose requests are abandoned, and the time on the clock when it was retired. */
function setUp(limits: Partial<Limits> = {}) {
  const clock = new ManualClock(1_000);
  const wire = rig();
  const retired: number[] = [];
  const of = {
    clock,
    limits: { lateReplyGraceMs: 1_000, requestTimeoutMs: 30_000, maxInFlight: 4, ...limits } as Limits,
    isProved: false as boolean,
    isUp: true as boolean,
    get inFlight() {
      return wire.correlator.live;
    },
    retire: (how: 'may') => {
      expect(how).toBe('may');
      retired.push(clock.now());
    },
  } satisfies AbandonedPort;
  const watched = new AbandonedRequests(of, wire.correlator);
  const giveUp = (sent: Sent = wire.chat()): Sent => {
    wire.correlator.abandon(sent.number, clock.now());
    watched.watch(clock.now());
    return sent;
  };
  return { clock, wire, of, watched, retired, giveUp };
}

describe('on a wire without ids', () => {
  test('an abandoned request keeps its slot for the grace; then its connection is retired', () => {
    const { clock, retired, giveUp } = setUp();
    giveUp();
    expect([clock.pending, clock.pendingKeepAlive]).toEqual([1, 0]);
    clock.advance(999);
    expect(retired).toEqual([]);
    clock.advance(1);
    expect([retired, clock.pending]).toEqual([[2_000], 0]);
  });

  test('keeps its slot for the time of a whole request if a late answer is known by its position', () => {
    const { clock, of, retired, giveUp } = setUp();
    of.isProved = true;
    giveUp();
    clock.advance(29_999);
    expect(retired).toEqual([]);
    clock.advance(1);
    expect(retired).toEqual([31_000]);
  });

  test('keeps its slot for the grace there, too, if the grace is longer', () => {
    const { clock, of, retired, giveUp } = setUp({ lateReplyGraceMs: 40_000 });
    of.isProved = true;
    giveUp();
    clock.advance(40_000);
    expect(retired).toEqual([41_000]);
  });

  test('a late answer settles the debt: the connection stays, and no timer is left', () => {
    const { clock, wire, retired, giveUp } = setUp();
    giveUp();
    clock.advance(500);
    wire.correlator.receive(reply('late'));
    clock.advance(10_000);
    expect([retired, clock.pending]).toEqual([[], 0]);
  });

  test('an unread answer in the socket beats the timer', () => {
    const { clock, wire, retired, giveUp } = setUp();
    giveUp();
    clock.onIo(() => {
      if (clock.now() === 2_000 && wire.correlator.abandoned > 0) wire.correlator.receive(reply('late'));
    });
    clock.advance(1_000);
    expect(retired).toEqual([]);
  });

  test('a later abandoned request has its own time; one timer serves both', () => {
    const { clock, wire, retired, giveUp } = setUp();
    giveUp();
    clock.advance(400);
    giveUp();
    expect(clock.pending).toBe(1);
    wire.correlator.receive(reply('late'));
    clock.advance(600);
    expect([retired, clock.pending]).toEqual([[], 1]);
    clock.advance(400);
    expect(retired).toEqual([2_400]);
  });

  test('an old abandoned request is judged at once when the watch begins late', () => {
    const { clock, wire, watched, retired } = setUp();
    wire.correlator.abandon(wire.chat().number, clock.now());
    clock.advance(5_000);
    watched.watch(clock.now());
    clock.advance(1);
    expect(retired).toHaveLength(1);
  });

  test('watches nothing once the link is down, or has ended', () => {
    const { clock, of, watched, retired, giveUp } = setUp();
    giveUp();
    watched.end();
    expect(clock.pending).toBe(0);
    const other = setUp();
    other.giveUp();
    other.of.isUp = false;
    other.clock.advance(1_000);
    expect([retired, other.retired, other.clock.pending, of.isUp]).toEqual([[], [], 0, true]);
  });

  test('half of its slots abandoned is no reason to retire', () => {
    const { retired, giveUp } = setUp();
    for (let i = 0; i < 4; i += 1) giveUp();
    expect(retired).toEqual([]);
  });
});

describe('on a wire with ids', () => {
  function echoing() {
    const all = setUp();
    all.wire.echo();
    return all;
  }

  test('the connection serves its neighbours, and is retired when they are over', () => {
    const { clock, wire, retired, giveUp } = echoing();
    const neighbour = wire.chat();
    giveUp();
    clock.advance(2_500);
    expect(retired).toEqual([]);
    wire.correlator.receive(reply('1', neighbour.id));
    clock.advance(500);
    expect(retired).toEqual([4_000]);
  });

  test('retires at once when half of its slots wait for abandoned requests', () => {
    const { retired, giveUp } = echoing();
    giveUp();
    expect(retired).toEqual([]);
    giveUp();
    expect(retired).toEqual([1_000]);
  });

  test('looks at a busy connection again after 100 ms at the earliest, without a grace', () => {
    const all = setUp({ lateReplyGraceMs: 0 });
    all.wire.echo();
    const neighbour = all.wire.chat();
    all.giveUp();
    all.clock.advance(1);
    all.wire.correlator.receive(reply('1', neighbour.id));
    all.clock.advance(99);
    expect(all.retired).toEqual([]);
    all.clock.advance(1);
    expect(all.retired).toEqual([1_101]);
  });
});
