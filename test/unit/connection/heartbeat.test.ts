import { describe, expect, test } from 'vitest';
import { INTERVAL_MS, type Pace, TIMEOUT_MS, watch } from './heartbeat-rig.js';

const missed = { type: 'heartbeat.missed', hasAnswered: false, uptimeMs: 7 };
const answered = { type: 'heartbeat.answered' };

describe('calm', () => {
  test('pings after an interval without bytes', () => {
    const { clock, peer } = watch('calm');
    clock.advance(INTERVAL_MS - 1);
    expect(peer.pings).toEqual([]);
    clock.advance(1);
    expect(peer.pings).toEqual([5_000 + INTERVAL_MS]);
  });

  test('counts the interval from the last byte, not from its own start', () => {
    const { clock, peer, byte } = watch('calm');
    clock.advance(20_000);
    byte();
    clock.advance(INTERVAL_MS - 1);
    expect(peer.pings).toEqual([]);
    clock.advance(1);
    expect(peer.pings).toEqual([5_000 + 20_000 + INTERVAL_MS]);
  });

  test('never pings a peer that sends often enough', () => {
    const { clock, peer, host, byte } = watch('calm');
    for (let i = 0; i < 100; i += 1) {
      clock.advance(INTERVAL_MS / 3);
      byte();
    }
    expect([peer.pings, host.events]).toEqual([[], []]);
  });

  test('soon pings a link that was silent before the watch began', () => {
    const { clock, peer, host } = watch('calm');
    host.stop();
    clock.advance(100_000);
    const late = watch('calm');
    late.peer.lastByteMs = -100_000;
    late.clock.advance(INTERVAL_MS);
    expect([peer.pings.length, late.peer.pings.length]).toEqual([0, 1]);
  });

  test('reports an answer, then waits for the next quiet interval', () => {
    const { clock, peer, host, byte } = watch('calm');
    peer.onPing = byte;
    clock.advance(INTERVAL_MS + TIMEOUT_MS);
    expect(host.events).toEqual([answered]);
    clock.advance(INTERVAL_MS - TIMEOUT_MS - 1);
    expect(peer.pings).toHaveLength(1);
    clock.advance(1);
    expect(peer.pings).toHaveLength(2);
  });
});

describe.each<[Pace, number]>([
  ['calm', INTERVAL_MS],
  ['urgent', 0],
])('%s: after the ping', (pace, pingAfterMs) => {
  /** At the moment of the ping. */
  function pinged(stopOn?: Parameters<typeof watch>[1]) {
    const rig = watch(pace, stopOn);
    rig.clock.advance(pingAfterMs);
    expect(rig.peer.pings).toHaveLength(1);
    return rig;
  }

  test('reports silence as a missed heartbeat after the timeout, and not before', () => {
    const { clock, host } = pinged('heartbeat.missed');
    clock.advance(TIMEOUT_MS - 1);
    expect(host.events).toEqual([]);
    clock.advance(1);
    expect(host.events).toEqual([missed]);
  });

  test.each([0, 1, TIMEOUT_MS - 1])('accepts any byte, not only a pong: %i ms after the ping', (afterMs) => {
    const { clock, host, byte } = pinged('heartbeat.answered');
    clock.advance(afterMs);
    byte();
    clock.advance(TIMEOUT_MS - afterMs);
    expect(host.events).toEqual([answered]);
  });

  test('does not accept a byte that came before the ping', () => {
    const { clock, peer, host } = pinged('heartbeat.missed');
    peer.lastByteMs = clock.now() - 1;
    clock.advance(TIMEOUT_MS);
    expect(host.events).toEqual([missed]);
  });

  test('counts unread bytes in the socket when the timer fires', () => {
    const { clock, host, byte } = pinged('heartbeat.answered');
    const judgedMs = clock.now() + TIMEOUT_MS;
    clock.onIo(() => {
      if (clock.now() >= judgedMs) byte();
    });
    clock.advance(TIMEOUT_MS);
    expect(host.events).toEqual([answered]);
  });

  test('does not judge a peer that became busy: its request has its own deadline', () => {
    const { clock, peer, host } = pinged();
    clock.advance(TIMEOUT_MS / 2);
    peer.isBusy = true;
    clock.advance(10 * INTERVAL_MS);
    expect([host.events, peer.pings.length]).toEqual([[], 1]);
  });

  test('watches it again once it is idle', () => {
    const { clock, peer, host } = pinged('heartbeat.missed');
    peer.isBusy = true;
    clock.advance(10 * INTERVAL_MS);
    peer.isBusy = false;
    clock.advance(INTERVAL_MS + TIMEOUT_MS);
    expect([host.events, peer.pings.length]).toEqual([[missed], 2]);
  });

  test('does not blame the peer for the lag of our own event loop: it pings once more', () => {
    const { clock, peer, host } = pinged('heartbeat.missed');
    clock.lagMs = 251;
    clock.advance(TIMEOUT_MS);
    expect([host.events, peer.pings.length]).toEqual([[], 2]);
    // There is no lag the second time, so it counts.
    clock.advance(TIMEOUT_MS);
    expect(host.events).toEqual([missed]);
  });

  test('a small lag does not excuse the peer', () => {
    const { clock, host } = pinged('heartbeat.missed');
    clock.lagMs = 250;
    clock.advance(TIMEOUT_MS);
    expect(host.events).toEqual([missed]);
  });

  test.each([
    ['idle', false],
    ['busy', true],
  ])(
    'leaving the state during a read of the socket, %s: it reports nothing more, and leaves no timer',
    (_how, isBusy) => {
      const { clock, peer, host } = pinged();
      peer.isBusy = isBusy;
      const judgedMs = clock.now() + TIMEOUT_MS;
      clock.onIo(() => {
        if (clock.now() >= judgedMs) host.stop();
      });
      clock.advance(10 * INTERVAL_MS);
      expect([host.events, peer.pings.length, clock.pending]).toEqual([[], 1, 0]);
    },
  );

  test('leaves no timer when an event ends the watch', () => {
    const { clock, host } = pinged('heartbeat.missed');
    clock.advance(10 * INTERVAL_MS);
    expect([host.events, clock.pending]).toEqual([[missed], 0]);
  });
});

describe('urgent', () => {
  test('pings at once', () => {
    const { clock, peer } = watch('urgent');
    expect(peer.pings).toEqual([clock.now()]);
  });

  test('reports every miss, one after the other', () => {
    const { clock, peer, host } = watch('urgent');
    clock.advance(20 * TIMEOUT_MS);
    expect(host.events.length).toBeGreaterThanOrEqual(5);
    expect(new Set(host.events.map(({ type }) => type))).toEqual(new Set(['heartbeat.missed']));
    expect(peer.pings.length).toBeGreaterThanOrEqual(host.events.length);
  });

  test('keeps asking a peer that answers: silence may not be the reason for the suspicion', () => {
    const { clock, peer, host, byte } = watch('urgent');
    // The first ping went out at the start.
    byte();
    peer.onPing = byte;
    clock.advance(20 * TIMEOUT_MS);
    expect(host.events.length).toBeGreaterThanOrEqual(5);
    expect(new Set(host.events.map(({ type }) => type))).toEqual(new Set(['heartbeat.answered']));
  });
});

describe('busy', () => {
  test('sends no ping while requests are outstanding: it would queue behind them on a serial peer', () => {
    const { clock, peer, host, byte } = watch('calm');
    peer.isBusy = true;
    peer.onPing = byte;
    clock.advance(100 * INTERVAL_MS);
    expect([peer.pings, host.events]).toEqual([[], []]);
    peer.isBusy = false;
    clock.advance(INTERVAL_MS);
    expect(peer.pings).toHaveLength(1);
  });

  test('looks again at intervals, not in a hot loop', () => {
    const { clock, peer } = watch('calm');
    let looks = 0;
    Object.defineProperty(peer, 'isBusy', {
      get: () => {
        looks += 1;
        return true;
      },
    });
    clock.advance(100 * INTERVAL_MS);
    expect(looks).toBeLessThanOrEqual((100 * INTERVAL_MS) / TIMEOUT_MS);
  });
});

describe.each<Pace>(['calm', 'urgent'])('%s: the timer', (pace) => {
  test('is one, and keeps no process alive', () => {
    const { clock } = watch(pace);
    for (let i = 0; i < 50; i += 1) {
      expect([clock.pending, clock.pendingKeepAlive]).toEqual([1, 0]);
      clock.advance(1_700);
    }
  });

  test.each([0, 1_000, INTERVAL_MS, INTERVAL_MS + 1_000, 3 * INTERVAL_MS])(
    'is cleared when the state is left, after %i ms',
    (afterMs) => {
      const { clock, peer, host } = watch(pace);
      clock.advance(afterMs);
      host.stop();
      expect(clock.pending).toBe(0);
      const before = [peer.pings.length, host.events.length];
      clock.advance(10 * INTERVAL_MS);
      expect([peer.pings.length, host.events.length]).toEqual(before);
    },
  );
});
