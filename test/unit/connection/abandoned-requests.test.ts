import { describe, expect, test } from 'vitest';
import { type AbandonedPort, AbandonedRequests } from '../../../src/connection/abandoned-requests.js';
import type { Limits } from '../../../src/contract/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { reply, rig, type Sent } from '../protocol/correlator-rig.js';

/** A link with abandoned requests, and the times at which it was retired, on the clock. */
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

  test('for the time of a whole request if the order is proved', () => {
    const { clock, of, retired, giveUp } = setUp();
    of.isProved = true;
    giveUp();
    clock.advance(29_999);
    expect(retired).toEqual([]);
    clock.advance(1);
    expect(retired).toEqual([31_000]);
  });

  test('for the grace then, too, if that is longer', () => {
    const { clock, of, retired, giveUp } = setUp({ lateReplyGraceMs: 40_000 });
    of.isProved = true;
    giveUp();
    clock.advance(40_000);
    expect(retired).toEqual([41_000]);
  });

  test('once it is answered, nothing is watched: the connection stays, and no timer is left', () => {
    const { clock, wire, retired, giveUp } = setUp();
    giveUp();
    clock.advance(500);
    wire.correlator.receive(reply('late'));
    clock.advance(10_000);
    expect([retired, clock.pending]).toEqual([[], 0]);
  });

  test('an unread answer in the socket beats the time limit', () => {
    const { clock, wire, retired, giveUp } = setUp();
    giveUp();
    clock.onIo(() => {
      if (clock.now() === 2_000 && wire.correlator.abandoned > 0) wire.correlator.receive(reply('late'));
    });
    clock.advance(1_000);
    expect(retired).toEqual([]);
  });

  test('another one that is abandoned later has its own time; one timer is enough for both', () => {
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

  test('abandoned long ago, and watched only now: judged at once', () => {
    const { clock, wire, watched, retired } = setUp();
    wire.correlator.abandon(wire.chat().number, clock.now());
    clock.advance(5_000);
    watched.watch(clock.now());
    clock.advance(1);
    expect(retired).toHaveLength(1);
  });

  test('nothing is watched once the link is down or has ended', () => {
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

  test('half of it being abandoned is no reason to retire', () => {
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

  test('the connection serves its other requests, and is retired when they have ended', () => {
    const { clock, wire, retired, giveUp } = echoing();
    const neighbour = wire.chat();
    giveUp();
    clock.advance(2_500);
    expect(retired).toEqual([]);
    wire.correlator.receive(reply('1', neighbour.id));
    clock.advance(500);
    expect(retired).toEqual([4_000]);
  });

  test('at once when abandoned requests fill half of it', () => {
    const { retired, giveUp } = echoing();
    giveUp();
    expect(retired).toEqual([]);
    giveUp();
    expect(retired).toEqual([1_000]);
  });

  test('with requests in flight and no grace, it is checked again after 100 ms at the earliest', () => {
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
