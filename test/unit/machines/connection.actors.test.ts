import { describe, expect, test } from 'vitest';
import { createActor, SimulatedClock } from 'xstate';
import { connectionMachine } from '../../../machines/index.js';
import { type Rig, startConnection } from './connection-rig.js';
import { events, input } from './connection-table.js';

function dialling(): Rig {
  const rig = startConnection(input);
  rig.actor.send(events.wanted);
  return rig;
}

function keptUp(): Rig {
  const rig = startConnection(input);
  rig.actor.send(events['kept up']);
  rig.links[0]?.next(events.up);
  return rig;
}

function healthy(): Rig {
  const rig = dialling();
  rig.links[0]?.next(events.up);
  return rig;
}

function degraded(): Rig {
  const rig = healthy();
  rig.heartbeats[0]?.next(events.missed);
  return rig;
}

const lastReason = (rig: Rig) => rig.emitted.at(-1)?.reason;

describe('the link', () => {
  test('is dialled when wanted, not before, with the name of its connection', () => {
    const rig = startConnection(input);
    expect(rig.links).toHaveLength(0);
    rig.actor.send(events.wanted);
    expect(rig.links.map((run) => run.input)).toEqual([{ connection: 'apollo#1' }]);
  });

  test('stays up through healthy, degraded and back: one dial', () => {
    const rig = degraded();
    rig.heartbeats[1]?.next(events.answered);
    expect(rig.actor.getSnapshot().hasTag('healthy')).toBe(true);
    expect(rig.links).toHaveLength(1);
    expect(rig.openLinks()).toBe(1);
  });

  describe('is closed by leaving linked', () => {
    const starts = { dialling, healthy, degraded } as const;

    test('from retiring, once its requests are over', () => {
      const rig = healthy();
      rig.actor.send(events['retire, busy']);
      expect([rig.openLinks(), rig.openHeartbeats()]).toEqual([1, 0]);
      rig.actor.send(events['requests over']);
      expect([rig.openLinks(), rig.actor.getSnapshot().status]).toEqual([0, 'done']);
    });

    test('while it waits for permission to dial', () => {
      const rig = dialling();
      rig.links[0]?.next(events.queued);
      rig.actor.send(events.close);
      expect(rig.openLinks()).toBe(0);
    });

    test.each(['dialling', 'healthy', 'degraded'] as const)('from %s, by a close', (start) => {
      const rig = starts[start]();
      expect(rig.openLinks()).toBe(1);
      rig.actor.send(events.close);
      expect(rig.openLinks()).toBe(0);
      expect(rig.openHeartbeats()).toBe(0);
      expect(rig.actor.getSnapshot().status).toBe('done');
    });

    test.each(['dialling', 'healthy', 'degraded'] as const)('from %s, by its loss', (start) => {
      const rig = starts[start]();
      rig.links[0]?.next(events['lost, unproven']);
      expect(rig.openLinks()).toBe(0);
      expect(rig.openHeartbeats()).toBe(0);
      expect(rig.actor.getSnapshot().value).toBe('reconnecting');
    });

    test('from degraded, by the last missed heartbeat', () => {
      const rig = degraded();
      rig.heartbeats[1]?.next(events.missed);
      expect(rig.openLinks()).toBe(1);
      rig.heartbeats[1]?.next(events.missed);
      expect(rig.openLinks()).toBe(0);
      expect(lastReason(rig)).toBe('heartbeat_missed');
    });

    test('by stopping the actor, also while dialling', () => {
      const rig = dialling();
      rig.actor.stop();
      expect(rig.openLinks()).toBe(0);
    });
  });

  test.each([
    ['dialling', dialling],
    ['healthy', healthy],
    ['degraded', degraded],
  ])('counts as lost when its actor fails from %s, and is dialled again', (_name, start) => {
    const rig = start();
    rig.links[0]?.error(new Error('a bug'));
    expect(rig.actor.getSnapshot().status).toBe('active');
    expect(rig.actor.getSnapshot().value).toBe('reconnecting');
    expect(lastReason(rig)).toBe('link_failed');
    expect(rig.openHeartbeats()).toBe(0);
    rig.actor.send(events.wanted);
    rig.clock.increment(rig.actor.getSnapshot().context.delayMs);
    expect(rig.openLinks()).toBe(1);
  });

  test('is ignored after its end: a dead socket cannot make the connection ready', () => {
    const rig = healthy();
    rig.links[0]?.next(events['lost, unproven']);
    rig.links[0]?.next(events.up);
    expect(rig.actor.getSnapshot().value).toBe('reconnecting');
    rig.actor.send(events.wanted);
    rig.clock.increment(rig.actor.getSnapshot().context.delayMs);
    rig.links[0]?.next(events.up);
    expect(rig.actor.getSnapshot().hasTag('connecting')).toBe(true);
  });
});

describe('the heartbeat', () => {
  test('watches a link that is up, calmly while healthy and urgently while degraded, one at a time', () => {
    const rig = dialling();
    expect(rig.heartbeats).toHaveLength(0);
    rig.links[0]?.next(events.up);
    rig.heartbeats[0]?.next(events.missed);
    rig.heartbeats[1]?.next(events.answered);
    expect(rig.heartbeats.map((run) => run.input.pace)).toEqual(['calm', 'urgent', 'calm']);
    expect(rig.openHeartbeats()).toBe(1);
  });

  test('degrades a healthy link when its actor fails, and starts anew', () => {
    const rig = healthy();
    rig.heartbeats[0]?.error(new Error('a bug'));
    expect(rig.actor.getSnapshot().hasTag('degraded')).toBe(true);
    expect(lastReason(rig)).toBe('heartbeat_failed');
    expect(rig.openHeartbeats()).toBe(1);
    expect(rig.openLinks()).toBe(1);
  });

  test('closes the link when its actor fails twice', () => {
    const rig = healthy();
    rig.heartbeats[0]?.error(new Error('a bug'));
    rig.heartbeats[1]?.error(new Error('a bug'));
    expect(rig.actor.getSnapshot().value).toBe('reconnecting');
    expect(rig.openLinks()).toBe(0);
    expect(rig.actor.getSnapshot().status).toBe('active');
  });
});

describe('time', () => {
  test('gives up a dial at connectTimeoutMs, and not before', () => {
    const rig = dialling();
    rig.clock.increment(input.connectTimeoutMs - 1);
    expect(rig.openLinks()).toBe(1);
    rig.clock.increment(1);
    expect(rig.openLinks()).toBe(0);
    expect(lastReason(rig)).toBe('connect_timeout');
  });

  test('does not limit the wait for permission to dial', () => {
    const rig = dialling();
    rig.links[0]?.next(events.queued);
    rig.clock.increment(1_000_000);
    expect(rig.openLinks()).toBe(1);
    rig.links[0]?.next(events.dialling);
    rig.clock.increment(input.connectTimeoutMs - 1);
    expect(rig.openLinks()).toBe(1);
    rig.clock.increment(1);
    expect(rig.openLinks()).toBe(0);
  });

  test('does not give up a link that came up in time', () => {
    const rig = healthy();
    rig.clock.increment(1_000_000);
    expect(rig.openLinks()).toBe(1);
  });

  test('dials again when the announced backoff is over, and not before', () => {
    const rig = dialling();
    rig.links[0]?.next(events['lost, unproven']);
    const delayMs = rig.emitted.at(-1)?.delayMs ?? 0;
    expect(delayMs).toBeGreaterThan(1);
    rig.clock.increment(delayMs - 1);
    expect(rig.links).toHaveLength(1);
    rig.clock.increment(1);
    expect(rig.links).toHaveLength(2);
    expect(lastReason(rig)).toBe('backoff_over');
  });

  test('a backoff of 0 ms still uses a timer: no hot loop', () => {
    const rig = startConnection({ ...input, maxReconnectDelayMs: 0 });
    rig.actor.send(events.wanted);
    rig.links[0]?.next(events['lost, unproven']);
    expect(rig.actor.getSnapshot().value).toBe('reconnecting');
    rig.clock.increment(0);
    expect(rig.links).toHaveLength(2);
  });

  test('dials nothing if the demand ended meanwhile', () => {
    const rig = dialling();
    rig.links[0]?.next(events['lost, unproven']);
    rig.actor.send(events.unwanted);
    rig.clock.increment(60_000);
    expect(rig.actor.getSnapshot().value).toBe('idle');
    expect(rig.links).toHaveLength(1);
  });

  test('a wanted event during the backoff does not shorten it', () => {
    const rig = dialling();
    rig.links[0]?.next(events['lost, unproven']);
    rig.actor.send(events.unwanted);
    rig.clock.increment(1);
    rig.actor.send(events.wanted);
    expect(rig.links).toHaveLength(1);
    rig.clock.increment(60_000);
    expect(rig.links).toHaveLength(2);
  });

  test('a hurry event during the backoff ends it', () => {
    const rig = dialling();
    rig.links[0]?.next(events['lost, unproven']);
    rig.actor.send(events.unwanted);
    rig.actor.send(events.hurry);
    expect([rig.links.length, lastReason(rig)]).toEqual([2, 'asked_for']);
    rig.links[1]?.next(events['lost, unproven']);
    rig.clock.increment(120_000);
    expect([rig.links.length, rig.actor.getSnapshot().value]).toEqual([2, 'idle']);
  });

  test('dials a resting connection again when the announced delay is over, and not before', () => {
    const rig = keptUp();
    rig.links[0]?.next(events['lost, useful']);
    const delayMs = rig.emitted.at(-1)?.delayMs as number;
    rig.clock.increment(delayMs - 1);
    expect([rig.links.length, rig.openHeartbeats()]).toEqual([1, 0]);
    rig.clock.increment(1);
    expect([rig.links.length, lastReason(rig)]).toEqual([2, 'kept_up']);
  });

  test('a request ends the rest, and a close ends it for good', () => {
    const [asked, closed] = [keptUp(), keptUp()];
    for (const { links } of [asked, closed]) links[0]?.next(events['lost, useful']);
    asked.actor.send(events.wanted);
    expect([asked.links.length, lastReason(asked)]).toEqual([2, 'wanted']);
    closed.actor.send(events.close);
    for (const { clock } of [asked, closed]) clock.increment(60_000);
    expect([closed.links.length, closed.emitted.at(-1)?.state]).toEqual([1, 'closed']);
  });

  test('a close during the backoff ends it: nothing is dialled later', () => {
    const rig = dialling();
    rig.links[0]?.next(events['lost, unproven']);
    rig.actor.send(events.close);
    rig.clock.increment(60_000);
    expect(rig.links).toHaveLength(1);
    expect(rig.emitted.at(-1)?.state).toBe('closed');
  });
});

describe('actors that were not provided', () => {
  test.each(['link', 'heartbeat'] as const)('%s: the placeholder says what to do', (name) => {
    const actor = createActor(connectionMachine.implementations.actors[name] as never, { input: {} as never });
    let error: unknown;
    actor.subscribe({
      error: (thrown) => {
        error = thrown;
      },
    });
    actor.start();
    expect(error).toEqual(new Error(`provide the "${name}" actor: machine.provide({ actors: { ${name} } })`));
  });

  test('a machine without its link backs off and does not spin', () => {
    const clock = new SimulatedClock();
    const actor = createActor(connectionMachine, { input, clock }).start();
    actor.send(events.wanted);
    expect(actor.getSnapshot().value).toBe('reconnecting');
    expect(actor.getSnapshot().context.attempt).toBe(1);
    actor.stop();
  });
});
