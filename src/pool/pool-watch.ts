import type { Observable } from 'rxjs';
import type { Connection } from '../connection/connection.js';
import type { ConnectionMachines } from '../connection/connection-machines.js';
import type { CiStatus, Exchange, Incident, Logger, PoolSnapshot, StateChange } from '../contract/index.js';
import { guard, type Inspect } from '../observe/inspect.js';
import type { CiMetrics } from '../observe/metrics.js';
import type { CiReading, Intervention, PoolLoad, PoolLoads, Watchable } from '../observe/watchable.js';
import { refusalOf } from '../request/check-carried.js';
import type { ExchangeTaps } from '../request/exchange-taps.js';
import type { Ci } from './ci.js';
import { intervene } from './intervene.js';
import { statusOf } from './snapshot.js';
import type { Supervisor } from './supervisor.js';

/** What it needs of the pool. */
export interface Watched {
  readonly cis: ReadonlyMap<string, Ci>;
  /** Removed CIs that still drain. */
  readonly leaving: Iterable<Ci>;
  /** The counts of CIs that have left, and the durations of all. */
  readonly past: CiMetrics;
  readonly supervisor: Supervisor;
  readonly machines: ConnectionMachines<Connection>;
  readonly exchanges: ExchangeTaps;
  readonly states$: Observable<StateChange>;
  readonly logger: Logger;
  /** Drains a CI and removes it. */
  remove(ci: string): Promise<unknown>;
}

/** Gives a watcher access to a pool: to see one CI at a time, to tap single actors, and to intervene. */
export class PoolWatch implements Watchable {
  readonly #pool: Watched;
  readonly states$: Observable<StateChange>;
  readonly incident$: Observable<Incident>;

  constructor(pool: Watched) {
    this.#pool = pool;
    this.states$ = pool.states$;
    this.incident$ = pool.supervisor.incidents.incident$;
  }

  get state(): PoolSnapshot['state'] {
    return this.#pool.supervisor.state;
  }

  get cis(): readonly string[] {
    return [...this.#pool.cis.keys()];
  }

  get incidents(): readonly Incident[] {
    return this.#pool.supervisor.incidents.last;
  }

  status(name: string): CiStatus | undefined {
    const ci = this.#pool.cis.get(name);
    return ci === undefined ? undefined : statusOf(ci, { at: Date.now(), nowMs: ci.now() });
  }

  load(name: string): CiReading | undefined {
    return this.#pool.cis.get(name);
  }

  refusal(name: string, message: object): string | undefined {
    const ci = this.#pool.cis.get(name);
    return ci === undefined ? undefined : refusalOf(message, ci.transport);
  }

  loads(): PoolLoads {
    const { cis, leaving, past } = this.#pool;
    return { cis: [...cis], leaving: [...leaving], past };
  }

  poolLoad(): PoolLoad {
    const { cis, leaving, past } = this.#pool;
    let { succeeded, failures: failed } = past;
    for (const some of [cis.values(), leaving]) {
      for (const { metrics } of some) {
        succeeded += metrics.succeeded;
        failed += metrics.failures;
      }
    }
    return { succeeded, failed, service: past.durations.service };
  }

  tap(connection: string, observer: Inspect): (() => void) | undefined {
    return this.#pool.machines.get(connection)?.tap(this.#guarded(observer));
  }

  tapPool(observer: Inspect): () => void {
    return this.#pool.supervisor.tap(this.#guarded(observer));
  }

  tapExchanges(connection: string, observer: (exchange: Exchange) => void): (() => void) | undefined {
    const { machines, exchanges, logger } = this.#pool;
    if (machines.get(connection) === undefined) return undefined;
    return exchanges.add(connection, guard(observer, logger));
  }

  intervene(what: Intervention): boolean {
    const isDone = 'connection' in what ? this.#onConnection(what) : this.#onCi(what);
    if (isDone) this.#pool.logger.info({ ...what }, 'intervention by hand');
    return isDone;
  }

  #onConnection(what: Extract<Intervention, { readonly connection: string }>): boolean {
    const connection = this.#pool.machines.get(what.connection);
    return connection !== undefined && intervene(connection, what.do);
  }

  #onCi(what: Extract<Intervention, { readonly ci: string }>): boolean {
    const ci = this.#pool.cis.get(what.ci);
    if (ci === undefined) return false;
    if (what.do === 'drain') {
      // Rejects only for an unknown name.
      void this.#pool.remove(what.ci).catch(() => {});
      return true;
    }
    return this.#pool.supervisor.readmit(what.ci);
  }

  #guarded(observer: Inspect): Inspect {
    return guard(observer, this.#pool.logger);
  }
}
