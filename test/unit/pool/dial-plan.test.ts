import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Departure } from '../../../src/connection/connection-owner.js';
import { type CiView, type ConnectionView, isDown, isFull, plan, type Step } from '../../../src/pool/dial-plan.js';

const link: ConnectionView = {
  state: 'healthy',
  attempt: 0,
  wantedBy: 'nobody',
  isResting: false,
  isSettling: false,
  isBlocked: false,
  isDone: false,
  departure: undefined,
};
const healthy = link;
const degraded: ConnectionView = { ...link, state: 'degraded' };
const idle: ConnectionView = { ...link, state: 'idle', isDone: true };
const resting: ConnectionView = { ...idle, isResting: true, wantedBy: 'upkeep' };
const connecting: ConnectionView = { ...link, state: 'connecting', wantedBy: 'requests', isDone: true };
const probing: ConnectionView = { ...connecting, attempt: 2 };
const backingOff: ConnectionView = { ...link, state: 'reconnecting', attempt: 1, isDone: true };
const awaited: ConnectionView = { ...backingOff, wantedBy: 'requests' };
const settling: ConnectionView = { ...link, isSettling: true };
const blocked: ConnectionView = { ...link, isBlocked: true };

const quiet: CiView = {
  isOpen: true,
  waiting: 0,
  patient: 0,
  besideSuspect: false,
  upkeep: 'none',
  maxConnections: 4,
  connections: [],
  retiring: 0,
  successors: 0,
  lostLinks: 0,
  redialInMs: 0,
  isRedialling: false,
  hurry: 'no',
  hurryInMs: 0,
  isUndiallable: false,
  turn: 'now',
};
/** So many waiting requests that do not want a dial during the backoff. */
const waiting = (count: number): Partial<CiView> => ({ waiting: count, patient: count });
const open: Step = { do: 'open', by: 'requests' };
const wake = (connection: number, by: 'requests' | 'upkeep' = 'requests'): Step => ({ do: 'wake', connection, by });
const replace = (connection?: number): Step => ({ do: 'replace', connection });
const must: Departure = { reason: 'retired', how: 'must' };
const may: Departure = { reason: 'retired', how: 'may' };
const done: Departure = { reason: 'used_once', how: 'done' };
const leaving = (departure: Departure, more: Partial<ConnectionView> = {}): ConnectionView => ({
  ...link,
  departure,
  ...more,
});
const retire = (connection: number, departure: Departure): Step => ({ do: 'retire', connection, departure });
const failImpatient: Step = { do: 'fail waiting', which: 'impatient' };
const unwant = (connection: number): Step => ({ do: 'unwant', connection });
const hurry = (connection: number): Step => ({ do: 'hurry', connection });
const again = (when: 'in a turn' | number): Step => ({ do: 'plan again', when });

const situations: Readonly<Record<string, readonly [Partial<CiView>, readonly Step[]]>> = {
  // Waiting requests.
  'nothing is wanted': [{}, []],
  'nothing is wanted, and links are up': [{ connections: [healthy, idle] }, []],
  'one waits without a connection': [waiting(1), [open]],
  'three wait without a connection': [waiting(3), [open, open, open]],
  'nine wait: no more than maxConnections': [waiting(9), [open, open, open, open]],
  'one waits, and one connection is allowed': [{ ...waiting(1), maxConnections: 1 }, [open]],
  'one waits beside a full link': [{ ...waiting(1), connections: [healthy] }, [open]],
  'one waits, and all links are full': [{ ...waiting(1), maxConnections: 1, connections: [healthy] }, []],
  'wakes an idle connection before opening one': [{ ...waiting(2), connections: [idle] }, [wake(0), open]],
  'wakes no more than wait': [{ ...waiting(1), connections: [idle, idle] }, [wake(0)]],
  'wakes a resting connection, too': [{ ...waiting(1), connections: [resting] }, [wake(0)]],
  'counts a connecting connection': [{ ...waiting(1), connections: [connecting] }, []],
  'two wait, and one is connecting': [{ ...waiting(2), connections: [connecting] }, [open]],
  'counts a settling connection': [{ ...waiting(1), connections: [settling] }, []],
  'two wait, and one is settling': [{ ...waiting(2), connections: [settling] }, [open]],
  'dials no other while one dial shows whether the CI is back': [{ ...waiting(3), connections: [probing] }, []],
  'dials no other while a redial shows it': [{ ...waiting(3), connections: [connecting], isRedialling: true }, []],
  'a probing dial holds nothing up while another link is up': [
    { ...waiting(2), connections: [healthy, probing] },
    [open],
  ],
  'in a later turn': [{ ...waiting(1), turn: 'later' }, [again('in a turn')]],
  'in a later turn, requests want the connection then': [
    { ...waiting(1), turn: 'later', connections: [connecting] },
    [again('in a turn')],
  ],
  // The CI is down.
  'waits for the end of a backoff': [{ ...waiting(2), connections: [backingOff] }, [wake(0)]],
  'a backoff with a wanted connection': [{ ...waiting(2), connections: [awaited] }, []],
  'one backs off beside an idle one': [{ ...waiting(1), connections: [backingOff, idle] }, [wake(0)]],
  'one backs off while another link is up': [{ ...waiting(1), connections: [healthy, backingOff] }, [open]],
  'impatient requests fail': [{ waiting: 2, patient: 0, connections: [awaited] }, [failImpatient, unwant(0)]],
  'patient requests stay': [{ waiting: 2, patient: 1, connections: [awaited] }, [failImpatient]],
  'patient requests stay, and want the link': [
    { waiting: 2, patient: 1, connections: [backingOff] },
    [failImpatient, wake(0)],
  ],
  'all fail if the address can never work': [
    { waiting: 2, patient: 2, isUndiallable: true, connections: [awaited] },
    [{ do: 'fail waiting', which: 'all' }, unwant(0)],
  ],
  'none fails while one is connecting': [
    { waiting: 2, patient: 0, connections: [backingOff, connecting], turn: 'later' },
    [again('in a turn')],
  ],
  'none fails while a link is degraded': [{ waiting: 1, patient: 0, connections: [degraded, backingOff] }, [open]],
  'none fails without a backoff': [{ waiting: 1, patient: 0, connections: [idle] }, [wake(0)]],
  'a redial without a waiting request': [{ connections: [awaited] }, [unwant(0)]],
  'a redial for upkeep stays': [{ connections: [{ ...backingOff, wantedBy: 'upkeep' }] }, []],
  'a hurry now': [{ hurry: 'now', connections: [backingOff] }, [hurry(0)]],
  'a hurry now, too early': [{ hurry: 'now', hurryInMs: 1, connections: [backingOff] }, []],
  'a hurry soon': [{ ...waiting(1), hurry: 'soon', connections: [awaited] }, [hurry(0)]],
  'a hurry soon, too early': [{ ...waiting(1), hurry: 'soon', hurryInMs: 300, connections: [awaited] }, [again(300)]],
  'a hurry soon, without a waiting request': [{ hurry: 'soon', connections: [backingOff] }, []],
  'a hurry while one is connecting': [{ hurry: 'now', connections: [backingOff, connecting] }, []],
  'a hurry while a link is up': [{ hurry: 'now', connections: [healthy, backingOff] }, []],
  'a hurry beside an idle connection': [{ hurry: 'now', connections: [idle, backingOff] }, [hurry(1)]],
  'a hurry without a backoff': [{ hurry: 'now', connections: [idle] }, []],
  // Links that were lost after they had answered.
  'redials one at a time': [{ ...waiting(3), lostLinks: 2, connections: [idle, idle] }, [{ do: 'redial' }, wake(0)]],
  'keeps the pace of redials': [{ ...waiting(3), lostLinks: 2, redialInMs: 7, connections: [idle] }, [again(7)]],
  'redials in a turn of its own': [
    { ...waiting(3), lostLinks: 1, turn: 'later', connections: [idle] },
    [again('in a turn')],
  ],
  'no redial without a waiting request': [{ lostLinks: 2, connections: [idle] }, []],
  'no redial while another dial is under way': [{ ...waiting(1), lostLinks: 1, connections: [connecting, idle] }, []],
  'no redial beyond the limit of connections': [
    { ...waiting(1), lostLinks: 1, maxConnections: 1, connections: [healthy] },
    [],
  ],
  'no redial for a request that took a suspect link': [
    { besideSuspect: true, lostLinks: 1, connections: [degraded, idle] },
    [],
  ],
  // A suspect link.
  'opens one beside a suspect link, at once': [{ besideSuspect: true, turn: 'later', connections: [degraded] }, [open]],
  'or wakes one': [{ besideSuspect: true, connections: [degraded, idle] }, [wake(1)]],
  'opens none beyond the limit': [{ besideSuspect: true, maxConnections: 1, connections: [degraded] }, []],
  // All slots are taken, one by an abandoned request.
  'replaces a blocked link': [
    { ...waiting(1), maxConnections: 1, connections: [blocked] },
    [retire(0, may), replace()],
  ],
  'does not replace it while another may open': [{ ...waiting(1), connections: [blocked] }, [open]],
  'does not replace it if too many retire': [
    { ...waiting(1), maxConnections: 1, retiring: 1, connections: [blocked] },
    [],
  ],
  'replaces it even if too many retire, if nothing is in flight': [
    { ...waiting(1), maxConnections: 1, retiring: 1, connections: [{ ...blocked, isDone: true }] },
    [retire(0, may), replace()],
  ],
  // Connections that must close.
  'one that must close': [{ connections: [leaving(must)] }, [retire(0, must)]],
  'one that must close, without a waiting request: no successor': [
    { connections: [leaving(must), healthy] },
    [retire(0, must)],
  ],
  'one that must close, and requests wait': [
    { ...waiting(1), connections: [leaving(must)] },
    [retire(0, must), replace()],
  ],
  'an idle one replaces it': [{ ...waiting(1), connections: [leaving(must), idle] }, [retire(0, must), replace(1)]],
  'one that must close, and too many retire': [
    { maxConnections: 1, retiring: 1, connections: [leaving(must)] },
    [{ do: 'cut', connection: 0 }],
  ],
  'one that may close': [{ connections: [leaving(may)] }, [retire(0, may)]],
  'one that may close, and too many retire': [{ maxConnections: 1, retiring: 1, connections: [leaving(may)] }, []],
  'one with nothing in flight needs no room': [
    { maxConnections: 1, retiring: 1, connections: [leaving(done, { isDone: true })] },
    [retire(0, done)],
  ],
  'two that may close, with room for one': [
    { maxConnections: 2, retiring: 1, connections: [leaving(done), leaving(may)] },
    [retire(0, done)],
  ],
  'two that must close, with room for one': [
    { maxConnections: 2, retiring: 1, connections: [leaving(must), leaving(must)] },
    [retire(0, must), { do: 'cut', connection: 1 }],
  ],
  'closes one at once where too many retire, and opens one for a waiting request': [
    { ...waiting(1), maxConnections: 1, retiring: 1, connections: [leaving(must)] },
    [{ do: 'cut', connection: 0 }, open],
  ],
  'one with nothing in flight leaves its room to the next': [
    { maxConnections: 2, retiring: 1, connections: [leaving(done, { isDone: true }), leaving(may)] },
    [retire(0, done), retire(1, may)],
  ],
  // Successors.
  'replaces one that closed without a fault of the CI': [{ successors: 1 }, [replace()]],
  'replaces it with an idle one': [{ successors: 1, connections: [idle] }, [replace(0)]],
  'replaces it during a backoff': [{ successors: 1, connections: [backingOff] }, [replace()]],
  'replaces none beyond maxConnections': [{ successors: 1, maxConnections: 1, connections: [healthy] }, []],
  // Upkeep.
  'keeps one up': [{ upkeep: 'kept' }, [{ do: 'open', by: 'upkeep' }]],
  'wakes the first one': [{ upkeep: 'kept', connections: [idle] }, [wake(0, 'upkeep')]],
  'the first is up, and is kept up from now on': [
    { upkeep: 'kept', connections: [healthy, idle] },
    [wake(0, 'upkeep')],
  ],
  'the first is kept up already': [{ upkeep: 'kept', connections: [{ ...healthy, wantedBy: 'upkeep' }] }, []],
  'the first backs off': [{ upkeep: 'kept', connections: [backingOff] }, [wake(0, 'upkeep')]],
  'the first rests': [{ upkeep: 'kept', connections: [resting] }, []],
  'the first rests, and a dial is requested': [{ upkeep: 'asked', connections: [resting] }, [wake(0, 'upkeep')]],
  'a dial is requested, and there is no connection': [{ upkeep: 'asked' }, [{ do: 'open', by: 'upkeep' }]],
  'a dial is requested, and the first is kept up already': [
    { upkeep: 'asked', connections: [{ ...healthy, wantedBy: 'upkeep' }] },
    [],
  ],
  'a dial is requested during a backoff': [
    { upkeep: 'asked', connections: [{ ...backingOff, wantedBy: 'upkeep' }] },
    [],
  ],
  'one opened for requests is enough': [{ ...waiting(1), upkeep: 'kept' }, [open]],
  'a blocked one is replaced, and no longer kept up': [
    { ...waiting(1), upkeep: 'kept', maxConnections: 1, connections: [blocked] },
    [retire(0, may), replace()],
  ],
  'the last one closes: another is kept up': [
    { upkeep: 'kept', connections: [leaving(may)] },
    [retire(0, may), { do: 'open', by: 'upkeep' }],
  ],
  'the first closes: the next is kept up': [
    { upkeep: 'kept', connections: [leaving(may), healthy] },
    [retire(0, may), wake(1, 'upkeep')],
  ],
  // The CI is quarantined, or closed.
  'does nothing for a CI without allowed connections': [
    {
      ...waiting(3),
      isOpen: false,
      upkeep: 'asked',
      successors: 1,
      hurry: 'now',
      connections: [leaving(must), backingOff],
    },
    [],
  ],
};

describe('the dial plan', () => {
  test.each(Object.entries(situations))('%s', (_name, [view, steps]) => {
    expect(plan({ ...quiet, ...view })).toEqual(steps);
  });

  const connection = fc.record({
    state: fc.constantFrom('idle', 'connecting', 'healthy', 'degraded', 'reconnecting'),
    attempt: fc.nat(2),
    wantedBy: fc.constantFrom('nobody', 'requests', 'upkeep'),
    isResting: fc.boolean(),
    isSettling: fc.boolean(),
    isBlocked: fc.boolean(),
    isDone: fc.boolean(),
    departure: fc.constantFrom(undefined, must, may, done),
  });
  const anyView: fc.Arbitrary<CiView> = fc
    .record({
      isOpen: fc.boolean(),
      waiting: fc.nat(6),
      besideSuspect: fc.boolean(),
      upkeep: fc.constantFrom('none', 'kept', 'asked'),
      maxConnections: fc.integer({ min: 1, max: 4 }),
      connections: fc.array(connection as fc.Arbitrary<ConnectionView>, { maxLength: 4 }),
      retiring: fc.nat(4),
      successors: fc.nat(1),
      lostLinks: fc.nat(2),
      redialInMs: fc.constantFrom(0, 5),
      isRedialling: fc.boolean(),
      hurry: fc.constantFrom('no', 'now', 'soon'),
      hurryInMs: fc.constantFrom(0, 5),
      isUndiallable: fc.boolean(),
      turn: fc.constantFrom('now', 'later'),
      impatient: fc.nat(6),
    })
    .map(({ impatient, ...view }) => ({
      ...view,
      patient: Math.max(view.waiting - impatient, 0),
      connections: view.connections.slice(0, view.maxConnections),
    })) as fc.Arbitrary<CiView>;

  test('for every view: stays within bounds, dials each connection at most once, and dials none that closes', () => {
    fc.assert(
      fc.property(anyView, (view) => {
        Object.freeze(view);
        for (const each of [view.connections, ...view.connections]) Object.freeze(each);
        const steps = plan(view);
        if (!view.isOpen) expect(steps).toEqual([]);
        const gone = steps.flatMap((step) => (step.do === 'retire' || step.do === 'cut' ? [step.connection] : []));
        const made = steps.filter(
          (step) => step.do === 'open' || (step.do === 'replace' && step.connection === undefined),
        );
        expect(view.connections.length - gone.length + made.length).toBeLessThanOrEqual(view.maxConnections);
        expect(new Set(gone).size).toBe(gone.length);
        const dialled = steps.flatMap((step) =>
          (step.do === 'wake' && step.by === 'requests') || step.do === 'replace' ? [step.connection ?? -1] : [],
        );
        const known = dialled.filter((index) => index >= 0);
        expect(new Set(known).size).toBe(known.length);
        for (const index of known) expect(gone).not.toContain(index);
        const kept = steps.flatMap((step) => (step.do === 'wake' && step.by === 'upkeep' ? [step.connection] : []));
        expect(kept.length).toBeLessThanOrEqual(view.upkeep === 'none' ? 0 : 1);
        for (const index of kept) expect(gone).not.toContain(index);
        const hurried = steps.flatMap((step) => (step.do === 'hurry' ? [step.connection] : []));
        expect(hurried.length).toBeLessThanOrEqual(view.hurry === 'no' || view.hurryInMs > 0 ? 0 : 1);
        for (const index of hurried) expect(view.connections[index]?.state).toBe('reconnecting');
        for (const index of hurried) expect(gone).not.toContain(index);
        // A redial is counted where something is dialled, and nowhere else.
        const isRedialled = steps.some((step) => step.do === 'redial');
        if (isRedialled) expect(dialled.length + made.length).toBeGreaterThan(0);
        if (isRedialled) expect(view.redialInMs).toBe(0);
        if (view.waiting === 0) expect(steps.some((step) => step.do === 'fail waiting')).toBe(false);
        expect(plan(view)).toEqual(steps);
      }),
      { seed: 1, numRuns: 3_000 },
    );
  });

  test('whatever the view: a full CI does nothing for a waiting request', () => {
    const up = connection.map((one) => ({ ...one, isBlocked: false, departure: undefined, state: 'healthy' }));
    const fullView = fc
      .record({
        view: anyView,
        connections: fc.array(up as fc.Arbitrary<ConnectionView>, { minLength: 1, maxLength: 4 }),
      })
      .map(({ view, connections }) => ({ ...view, connections, maxConnections: connections.length, successors: 0 }));
    fc.assert(
      fc.property(fullView, (view) => {
        expect(isFull(view.connections, view.maxConnections)).toBe(true);
        const dials = plan(view).filter((step) => step.do !== 'plan again' && !('by' in step && step.by === 'upkeep'));
        expect(dials).toEqual([]);
      }),
      { seed: 2, numRuns: 3_000 },
    );
  });

  test.each([
    ['an idle one', [healthy, idle]],
    ['a blocked one', [healthy, blocked]],
    ['one that retires, which does not count', [healthy, { ...link, state: 'retiring' }]],
    ['room for another', [healthy]],
  ] as const)('a CI is not full with %s', (_name, connections) => {
    expect(isFull(connections, 2)).toBe(false);
  });

  test('a CI is down while one backs off, and none is up or being dialled', () => {
    expect(
      [[], [idle], [backingOff], [backingOff, idle], [backingOff, connecting], [backingOff, degraded]].map(isDown),
    ).toEqual([false, false, true, true, false, false]);
  });
});
