import { NEVER, Observable, of, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { type LinkPort, linkLogic } from '../../../src/connection/link.js';
import { ChoragusError } from '../../../src/errors/index.js';
import { type Host, hostOf } from './host.js';
import { channel, ScriptedPort } from './scripted-port.js';

function startLink(port: LinkPort, stopOn?: Parameters<typeof hostOf>[2]): Host {
  const host = hostOf(
    linkLogic(() => port),
    { connection: 'apollo#1' },
    stopOn,
  );
  host.start();
  return host;
}

const types = (host: Host) => host.events.map(({ type }) => type);
const refused = () => new ChoragusError('unavailable', 'nothing listens there', { delivery: 'not_sent' });

test('asks for the port of its own connection', () => {
  const asked: string[] = [];
  const portOf = (connection: string) => {
    asked.push(connection);
    return new ScriptedPort();
  };
  hostOf(linkLogic(portOf), { connection: 'apollo#7' }).start();
  expect(asked).toEqual(['apollo#7']);
});

describe('dialling', () => {
  test('begins with the permit, and does not report a permit that is given at once', () => {
    const port = new ScriptedPort();
    const host = startLink(port);
    expect(port.log).toEqual(['permit', 'dial']);
    expect(types(host)).toEqual([]);
  });

  test('waits for a delayed permit, and reports the wait and the start', () => {
    const port = new ScriptedPort('later');
    const host = startLink(port);
    expect([port.log, types(host)]).toEqual([['permit'], ['link.queued']]);
    port.allow();
    expect(port.log).toEqual(['permit', 'dial']);
    expect(types(host)).toEqual(['link.queued', 'link.dialling']);
  });

  test('never begins if cancelled during the wait', () => {
    const port = new ScriptedPort('later');
    const host = startLink(port);
    host.stop();
    expect(port.log).toEqual(['permit', 'cancel', 'detach']);
    expect([port.openDials, types(host)]).toEqual([0, ['link.queued']]);
  });

  test('ends when the channel comes: the permit is returned before the channel is used', () => {
    const port = new ScriptedPort();
    const host = startLink(port);
    port.channels.next(channel);
    expect(port.log).toEqual(['permit', 'dial', 'dialled', 'attach']);
    expect(types(host)).toEqual(['link.up']);
  });

  test.each(['at once', 'later'] as const)('takes a channel that comes during subscribe (permit %s)', (permits) => {
    const port = new ScriptedPort(permits, new Observable((subscriber) => subscriber.next(channel)));
    const host = startLink(port);
    port.allow = permits === 'later' ? port.allow : () => {};
    port.allow();
    const queued = permits === 'later' ? ['link.queued', 'link.dialling'] : [];
    expect(types(host)).toEqual([...queued, 'link.up']);
    expect(port.openDials).toBe(1);
    host.stop();
    expect([port.openDials, port.times('detach')]).toEqual([0, 1]);
  });

  test('takes a failure that comes during subscribe', () => {
    const port = new ScriptedPort('at once', throwError(refused));
    const host = startLink(port, 'link.lost');
    expect(types(host)).toEqual(['link.lost']);
    expect([port.openDials, port.times('detach'), port.times('cancel')]).toEqual([0, 1, 1]);
  });
});

describe('a link that is lost', () => {
  test.each([
    ['mid-dial', refused(), []],
    ['when up', new ChoragusError('connection_lost', 'the peer closed it'), ['link.up']],
  ])('%s: link.lost, with its reason and its record', (_when, error, before) => {
    const port = new ScriptedPort();
    const host = startLink(port);
    if (before.length > 0) port.channels.next(channel);
    port.channels.error(error);
    expect(types(host)).toEqual([...before, 'link.lost']);
    expect(host.events.at(-1)).toEqual({
      type: 'link.lost',
      reason: error.code,
      how: 'down',
      isPeerKnown: true,
      hasAnswered: true,
      uptimeMs: 5,
    });
    expect(host.errors).toEqual([]);
  });

  test('calls losing before the event, and detach after it, once the state is left', () => {
    const port = new ScriptedPort();
    startLink(port, 'link.lost');
    port.channels.next(channel);
    port.channels.error(new ChoragusError('connection_lost', 'gone'));
    expect(port.log.slice(4)).toEqual(['losing: connection_lost', 'hung up', 'cancel', 'detach']);
  });

  test('is reported in a later turn, unless the state was left before', () => {
    const [told, left] = [new ScriptedPort(), new ScriptedPort()].map((port) => {
      port.untold = [];
      const host = startLink(port, 'link.lost');
      port.channels.next(channel);
      port.channels.error(new ChoragusError('connection_lost', 'gone'));
      expect([types(host), port.log.slice(4)]).toEqual([['link.up'], ['losing: connection_lost', 'hung up']]);
      return { port, host };
    });
    told?.port.untold?.[0]?.();
    expect(told && types(told.host)).toEqual(['link.up', 'link.lost']);
    left?.host.stop();
    left?.port.untold?.[0]?.();
    expect(left && types(left.host)).toEqual(['link.up']);
    for (const one of [told, left]) expect(one?.port.times('detach')).toBe(1);
  });
});

describe('a bug', () => {
  test.each([
    ['that the dial throws', () => throwThis(new TypeError('bug'))],
    ['that the dial emits', () => throwError(() => new TypeError('bug'))],
  ])('%s is not wrapped: calls crashed(), and the actor fails with it', (_how, dial) => {
    const port = new ScriptedPort();
    port.dial = dial;
    const host = startLink(port);
    expect(port.crash).toEqual(new TypeError('bug'));
    expect(host.errors).toEqual([port.crash]);
    expect(types(host)).toEqual([]);
    expect([port.times('detach'), port.times('losing: unavailable')]).toEqual([1, 0]);
  });

  test('is reported from a link that is up, too', () => {
    const port = new ScriptedPort();
    const host = startLink(port);
    port.channels.next(channel);
    port.channels.error(new RangeError('bug'));
    expect(host.errors).toEqual([new RangeError('bug')]);
    expect(port.log.slice(4)).toEqual(['crashed', 'hung up', 'cancel', 'detach']);
  });
});

describe('leaving the state', () => {
  test('closes mid-dial', () => {
    const port = new ScriptedPort('at once', NEVER);
    const host = startLink(port);
    expect(port.openDials).toBe(1);
    host.stop();
    expect(port.log).toEqual(['permit', 'dial', 'hung up', 'cancel', 'detach']);
  });

  test('closes a link that is up: first the socket, then the permit, then the waiting requests', () => {
    const port = new ScriptedPort();
    const host = startLink(port);
    port.channels.next(channel);
    host.stop();
    expect(port.log.slice(4)).toEqual(['hung up', 'cancel', 'detach']);
  });

  test('reports nothing afterwards', () => {
    const port = new ScriptedPort();
    const host = startLink(port);
    host.stop();
    port.channels.next(channel);
    port.channels.error(refused());
    expect(types(host)).toEqual([]);
    expect(port.times('attach')).toBe(0);
  });

  test('at link.up, with a permit given at once, closes everything', () => {
    const port = new ScriptedPort('at once', new Observable((subscriber) => subscriber.next(channel)));
    startLink(port, 'link.up');
    expect([port.openDials, port.times('detach'), port.times('cancel')]).toEqual([0, 1, 1]);
  });

  test('at link.up, with a channel that comes later, closes everything', () => {
    const port = new ScriptedPort('later');
    startLink(port, 'link.up');
    port.allow();
    port.channels.next(channel);
    expect([port.openDials, port.times('detach'), port.times('cancel')]).toEqual([0, 1, 1]);
  });

  // The subscribe call has not returned when its own subscription must end.
  test('at link.up, with a permit that comes later and a channel that comes at once, closes everything', () => {
    const port = new ScriptedPort('later', new Observable((subscriber) => subscriber.next(channel)));
    startLink(port, 'link.up');
    port.allow();
    expect(port.openDials).toBe(0);
  });

  test.each(['link.queued', 'link.dialling'] as const)(
    'at %s, with a permit that comes later, does not dial',
    (stopOn) => {
      const port = new ScriptedPort('later', NEVER);
      startLink(port, stopOn);
      port.allow();
      expect([port.openDials, port.times('detach'), port.times('cancel')]).toEqual([0, 1, 1]);
    },
  );

  test('calls detach once, however the link ends', () => {
    for (const end of [
      (_port: ScriptedPort, host: Host) => host.stop(),
      (port: ScriptedPort) => port.channels.error(refused()),
      (port: ScriptedPort) => port.channels.error(new TypeError('bug')),
    ]) {
      const port = new ScriptedPort();
      const host = startLink(port, 'link.lost');
      port.channels.next(channel);
      end(port, host);
      host.stop();
      expect(port.times('detach')).toBe(1);
    }
  });
});

test('a second run dials anew', () => {
  const port = new ScriptedPort('at once', of(channel));
  const logic = linkLogic(() => port);
  for (let run = 0; run < 2; run += 1) {
    const host = hostOf(logic, { connection: 'apollo#1' });
    host.start();
    host.stop();
  }
  expect([port.times('dial'), port.times('detach')]).toEqual([2, 2]);
});

function throwThis(error: Error): never {
  throw error;
}
