import { Subject } from 'rxjs';
import type { CiStatus, Exchange, Incident, Limits, StateChange } from '../../../../src/contract/index.js';
import type { Inspect } from '../../../../src/observe/inspect.js';
import { CiMetrics, Durations } from '../../../../src/observe/metrics.js';
import type { CiReading, Watchable } from '../../../../src/observe/watchable.js';

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

/** The counters of one CI, to count with. */
export class FakeLoad implements CiReading {
  readonly metrics: CiMetrics;
  readonly url = 'tcp://localhost:1';
  readonly limits = {} as Limits;
  readonly state = 'healthy';
  readonly connections = [];
  readonly waiting = 0;
  inFlight = 0;
  downSince: number | undefined;
  readonly #addedMs = performance.now();

  constructor(whole = new Durations()) {
    this.metrics = new CiMetrics(new Durations(whole));
  }

  get ageMs(): number {
    return performance.now() - this.#addedMs;
  }

  succeed(...serviceMs: readonly number[]): void {
    for (const ms of serviceMs) {
      this.metrics.succeeded += 1;
      this.metrics.durations.service.record(ms);
    }
  }

  fail(count = 1): void {
    this.metrics.failed.unavailable = (this.metrics.failed.unavailable ?? 0) + count;
  }
}

/** A pool's inside, controlled by a test. */
export function fakeWatchable(...names: string[]) {
  const cis = new Map(names.map((name) => [name, statusOf(name)]));
  const whole = new Durations();
  const loads = new Map(names.map((name) => [name, new FakeLoad(whole)]));
  /** The counts of removed CIs. */
  const past = new CiMetrics(whole);
  let state: Watchable['state'] = 'running';
  const states$ = new Subject<StateChange>();
  const incident$ = new Subject<Incident>();
  const taps = new Map<string, Inspect>();
  const exchanges = new Map<string, (exchange: Exchange) => void>();
  const watchable: Watchable = {
    get state() {
      return state;
    },
    states$,
    get cis() {
      return [...cis.keys()];
    },
    status: (ci) => cis.get(ci),
    load: (ci) => loads.get(ci),
    refusal: () => undefined,
    loads: () => ({ cis: [], leaving: [], past }),
    poolLoad: () => {
      const all = [past, ...[...loads.values()].map(({ metrics }) => metrics)];
      const sum = (of: (metrics: CiMetrics) => number) => all.reduce((total, metrics) => total + of(metrics), 0);
      return {
        succeeded: sum(({ succeeded }) => succeeded),
        failed: sum(({ failures }) => failures),
        service: whole.service,
      };
    },
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
    loads,
    /** Adds a CI, or another one under the same name. */
    add: (name: string) => {
      cis.set(name, statusOf(name));
      const load = new FakeLoad(whole);
      loads.set(name, load);
      return load;
    },
    remove: (name: string) => {
      cis.delete(name);
      const metrics = loads.get(name)?.metrics;
      if (metrics !== undefined) past.addCounts(metrics);
      loads.delete(name);
    },
    close: () => {
      state = 'closed';
    },
    states$,
    incident$,
    taps,
    exchanges,
    /** Whether it has a listener, or a tap on a connection. */
    isWatched: () => states$.observed || incident$.observed || taps.size > 0 || exchanges.size > 0,
  };
}
