import { createActor } from 'xstate';
import { type PoolActor, type PoolContext, type PoolInput, poolMachine } from '../../machines/index.js';
import type { Clock, PoolSnapshot } from '../contract/index.js';
import { type Inspect, tapActor } from '../observe/inspect.js';
import { IncidentLog } from './incident-log.js';

/** What the supervisor's decisions do. */
export interface Supervised {
  /** Opens connections of a CI again. Returns whether it did. */
  restart(ci: string): boolean;
  quarantine(ci: string): void;
  /** The quarantine of a CI is lifted. */
  readmit(ci: string): void;
  /** The drain is over: what is left is cut. */
  closing(): void;
}

/**
 * Runs the pool's machine: the machine decides (restart or quarantine, drain or cut), this carries it out. Connections
 * are root actors that are supervised by reference, since children of one parent cost more the more there are.
 */
export class Supervisor {
  readonly #actor: PoolActor;
  readonly #clock: Clock;
  /** What it saw and did. */
  readonly incidents = new IncidentLog();
  /** As the machine announced it: every request asks. */
  #state: PoolSnapshot['state'] = 'running';

  /** `inspect` receives what the machine does. */
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
      // No more than it needs: every inspector shows a context.
      input: { maxRestarts, restartWindowMs },
      // Somebody awaits a drain: its timer keeps the process alive.
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

  /** Whether requests are taken. */
  get isAccepting(): boolean {
    return this.#state === 'running';
  }

  crashed(ci: string): void {
    this.incidents.note('crashed', ci);
    this.#actor.send({ type: 'connection.crashed', ci, at: this.#clock.now() });
  }

  /** One connection of each of these CIs is kept up from now on. */
  keepUp(cis: readonly string[], how: 'warm' | 'carried'): void {
    this.#actor.send({ type: 'cis.keep_up', cis, how });
  }

  /** How a CI is kept up; `undefined` if it is not. */
  upkeepOf(ci: string): 'warm' | 'carried' | undefined {
    const { keptUp } = this.#context;
    return Object.hasOwn(keptUp, ci) ? keptUp[ci] : undefined;
  }

  removing(ci: string): void {
    this.#actor.send({ type: 'ci.remove', ci });
  }

  removed(ci: string): void {
    // Its pool may have closed while it drained.
    if (this.#state !== 'closed') this.#actor.send({ type: 'ci.removed', ci });
  }

  /** Lifts a quarantine by hand. Returns false if there is none, or the pool takes nothing any more. */
  readmit(ci: string): boolean {
    if (!this.isAccepting || !Object.hasOwn(this.#context.quarantined, ci)) return false;
    this.#actor.send({ type: 'ci.readmit', ci });
    return true;
  }

  /** Reports to an observer what the pool's actor does from now on, its present state first. */
  tap(observer: Inspect): () => void {
    return tapActor(this.#actor, observer);
  }

  drain(timeoutMs: number): void {
    this.#actor.send({ type: 'drain', timeoutMs });
  }

  drained(): void {
    if (this.#state === 'draining') this.#actor.send({ type: 'drained' });
  }

  /** Every connection is closed. */
  closed(): void {
    this.#actor.send({ type: 'connections.closed' });
    this.incidents.complete();
  }

  get #context(): PoolContext {
    return this.#actor.getSnapshot().context;
  }
}
