import { createActor } from 'xstate';
import { type PoolActor, type PoolContext, type PoolEvent, type PoolInput, poolMachine } from '../../machines/index.js';
import type { Clock, PoolSnapshot } from '../contract/index.js';
import { type Inspect, tapActor } from '../observe/inspect.js';
import { IncidentLog } from './incident-log.js';

/** Carries out the supervisor's decisions. */
export interface Supervised {
  /** Opens connections of a CI again. Returns whether any was wanted. */
  restart(ci: string): boolean;
  quarantine(ci: string): void;
  /** Lets a CI take requests again: its quarantine was lifted. */
  readmit(ci: string): void;
  /** Cuts the remaining requests: the drain is over. */
  closing(): void;
}

/**
 * Runs the pool's machine: the machine decides (restart or quarantine, drain or cut), and this class carries it out.
 * Connections are root actors that are supervised by reference, because the cost of a child grows with the number of
 * its siblings.
 */
export class Supervisor {
  readonly #actor: PoolActor;
  readonly #clock: Clock;
  /** Its incidents. */
  readonly incidents = new IncidentLog();
  /** The state that the machine announced, kept here because every request reads it. */
  #state: PoolSnapshot['state'] = 'running';

  /** @param inspect - Receives the inspection events of the machine. */
  constructor(
    { maxRestarts, restartWindowMs }: PoolInput,
    clock: Clock,
    inspect: Inspect | undefined,
    supervised: Supervised,
  ) {
    this.#clock = clock;
    this.#actor = createActor(poolMachine, {
      id: 'pool',
      systemId: 'pool',
      inspect,
      // Only the inputs that it needs, because every inspector shows a context.
      input: { maxRestarts, restartWindowMs },
      // A caller awaits the drain, so its timer keeps the process alive.
      clock: {
        setTimeout: (fn: () => void, ms: number) => clock.setTimeout(fn, ms, 'keepsAlive'),
        clearTimeout: (handle) => clock.clearTimeout(handle),
      },
    });
    this.#actor.on('ci.restarting', ({ ci }) => {
      if (supervised.restart(ci)) this.incidents.note('restarted', ci);
    });
    this.#actor.on('ci.quarantined', ({ ci }) => {
      supervised.quarantine(ci);
      this.incidents.note('quarantined', ci);
    });
    this.#actor.on('ci.readmitted', ({ ci }) => {
      this.incidents.note('lifted', ci);
      supervised.readmit(ci);
    });
    this.#actor.on('pool.entered', ({ state }) => {
      this.#state = state;
      if (state === 'closing') supervised.closing();
    });
    this.#actor.start();
  }

  get state(): PoolSnapshot['state'] {
    return this.#state;
  }

  /** Returns whether the pool takes requests. */
  get isAccepting(): boolean {
    return this.#state === 'running';
  }

  crashed(ci: string): void {
    this.incidents.note('crashed', ci);
    this.#tell({ type: 'connection.crashed', ci, at: this.#clock.now() });
  }

  /** Keeps one connection of each of these CIs up from now on. */
  keepUp(cis: readonly string[], how: 'warm' | 'carried'): void {
    this.#tell({ type: 'cis.keep_up', cis, how });
  }

  /** Returns how a CI is kept up; undefined if it is not. */
  upkeepOf(ci: string): 'warm' | 'carried' | undefined {
    const { keptUp } = this.#context;
    return Object.hasOwn(keptUp, ci) ? keptUp[ci] : undefined;
  }

  removing(ci: string): void {
    this.#tell({ type: 'ci.remove', ci });
  }

  removed(ci: string): void {
    this.#tell({ type: 'ci.removed', ci });
  }

  /** Lifts a quarantine. Returns false if there is none, or the pool takes no more requests. */
  readmit(ci: string): boolean {
    if (!this.isAccepting || !Object.hasOwn(this.#context.quarantined, ci)) return false;
    this.#tell({ type: 'ci.readmit', ci });
    return true;
  }

  /** Reports what the pool's actor does to an observer, the current state first. Returns a function that stops it. */
  tap(observer: Inspect): () => void {
    return tapActor(this.#actor, observer);
  }

  drain(timeoutMs: number): void {
    this.#tell({ type: 'drain', timeoutMs });
  }

  drained(): void {
    if (this.#state === 'draining') this.#tell({ type: 'drained' });
  }

  /** Reports that every connection is closed. */
  closed(): void {
    this.#tell({ type: 'connections.closed' });
    this.incidents.complete();
  }

  /** Sends an event to the machine, unless it has ended: users and CIs may still act on a closed pool. */
  #tell(event: PoolEvent): void {
    if (this.#state !== 'closed') this.#actor.send(event);
  }

  get #context(): PoolContext {
    return this.#actor.getSnapshot().context;
  }
}
