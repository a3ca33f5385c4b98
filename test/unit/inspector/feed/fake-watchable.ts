import { Subject } from 'rxjs';
import type { CiStatus, Exchange, Incident, StateChange } from '../../../../src/contract/index.js';
import type { Inspect } from '../../../../src/observe/inspect.js';
import type { Watchable } from '../../../../src/observe/watchable.js';

/** A CI with one healthy connection, unless overridden. */
export function statusOf(ci: string, told: Partial<CiStatus> = {}): CiStatus {
  return {
    ci,
    url: 'tcp://localhost:1',
    state: 'healthy',
    since: 1,
    attempt: 0,
    inFlight: 0,
    waiting: 0,
    metrics: {
      requests: 0,
      succeeded: 0,
      failed: {},
      cancelled: 0,
      connects: 1,
      retired: 0,
      reuseRatio: 0,
      serviceMs: { p50: 0, p99: 0 },
      lateReplies: 0,
      duplicates: 0,
      unsolicited: 0,
      orderViolations: 0,
    },
    connections: [
      {
        connection: `${ci}#1`,
        state: 'healthy',
        since: 1,
        attempt: 0,
        delayMs: 0,
        inFlight: 0,
        abandoned: 0,
        correlation: 'ordered',
        history: [],
      },
    ],
    ...told,
  } as CiStatus;
}

/** A watcher may only look. */
export const terms = { may: { actions: false }, requests: 'sizes' } as const;

/** A pool's inside, controlled by a test. */
export function fakeWatchable(...names: string[]) {
  const cis = new Map(names.map((name) => [name, statusOf(name)]));
  const states$ = new Subject<StateChange>();
  const incident$ = new Subject<Incident>();
  const taps = new Map<string, Inspect>();
  const exchanges = new Map<string, (exchange: Exchange) => void>();
  const watchable: Watchable = {
    state: 'running',
    states$,
    get cis() {
      return [...cis.keys()];
    },
    status: (ci) => cis.get(ci),
    incidents: [],
    incident$,
    tap: (connection, observer) => {
      if (!cis.has(connection.replace(/#\d+$/, ''))) return undefined;
      taps.set(connection, observer);
      return () => taps.delete(connection);
    },
    tapPool: () => () => {},
    tapExchanges: (connection, observer) => {
      exchanges.set(connection, observer);
      return () => exchanges.delete(connection);
    },
    intervene: () => false,
  };
  return {
    watchable,
    cis,
    states$,
    incident$,
    taps,
    exchanges,
    /** Whether it has a listener, or a tap on a connection. */
    isWatched: () => states$.observed || incident$.observed || taps.size > 0 || exchanges.size > 0,
  };
}
