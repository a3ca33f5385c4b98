import { createActor } from 'xstate';
import { type PoolActor, type PoolInput, poolMachine } from '../../machines/index.js';
import type { Clock } from '../contract/index.js';
import { type Inspect, tapActor } from '../observe/inspect.js';
import { IncidentLog } from './incident-log.js';
import type { Runtime } from './runtime.js';

/** What the supervisor's decisions do. */
export interface Supervised {
  restart(ci: string): void;
  quarantine(ci: string): void;
  /** The drain is over: what is left is to be cut. */
  closed(): void;
}

/**
 * The pool actor, at work: the machine decides (restart or quarantine, drain or cut), this carries it out. Connections
 * are root actors that are supervised by reference, since children of one parent cost more the more there are.
 */
export class Supervisor {
  readonly #actor: PoolActor;
  readonly #clock: Clock;
  /** What it saw and did. */
  readonly incidents = new IncidentLog();
  #isAccepting = true;

  constructor(
    { maxRestarts, restartWindowMs }: PoolInput,
    { clock, inspect }: Pick<Runtime, 'clock' | 'inspect'>,
    supervised: Supervised,
  ) {
    this.#clock = clock;
    this.#actor = createActor(poolMachine, {
      id: 'pool',
      systemId: 'pool',
      inspect,
      // No more than it needs: what is in a context is shown to whoever inspects it.
      input: { maxRestarts, restartWindowMs },
      // A drain is awaited by somebody: its timer keeps the process alive.
      clock: {
        setTimeout: (fn: () => void, ms: number) => clock.setTimeout(fn, ms, 'keepsAlive'),
        clearTimeout: (handle) => clock.clearTimeout(handle),
      },
    });
    this.#actor.on('ci.restarted', ({ ci }) => {
      supervised.restart(ci);
      this.incidents.note('restarted', ci);
    });
    this.#actor.on('ci.quarantined', ({ ci }) => {
      supervised.quarantine(ci);
      this.incidents.note('quarantined', ci);
    });
    this.#actor.on('pool.closed', () => supervised.closed());
    this.#actor.start();
  }

  get state(): 'running' | 'draining' | 'closed' {
    return this.#actor.getSnapshot().value;
  }

  /** Whether requests are taken: the machine's tag, kept, since every request asks. */
  get isAccepting(): boolean {
    return this.#isAccepting;
  }

  crashed(ci: string): void {
    this.incidents.note('crashed', ci);
    if (this.isAccepting) this.#actor.send({ type: 'connection.crashed', ci, at: this.#clock.now() });
  }

  /** Tells the machine only where it has a record: a CI that never crashed goes without an event. */
  removed(ci: string): void {
    const { crashes, quarantined } = this.#actor.getSnapshot().context;
    const isOnRecord = Object.hasOwn(crashes, ci) || Object.hasOwn(quarantined, ci);
    if (isOnRecord && this.isAccepting) this.#actor.send({ type: 'ci.forgotten', ci });
  }

  /** Its quarantine was lifted by hand. */
  lifted(ci: string): void {
    this.removed(ci);
    this.incidents.note('lifted', ci);
  }

  /** Has an observer told of what the pool's actor goes through from now on, its present state first. */
  tap(observer: Inspect): () => void {
    return tapActor(this.#actor, observer);
  }

  drain(timeoutMs: number): void {
    this.#actor.send({ type: 'drain', timeoutMs });
    this.#isAccepting = this.#actor.getSnapshot().hasTag('accepting');
  }

  drained(): void {
    if (this.state === 'draining') this.#actor.send({ type: 'drained' });
    this.incidents.complete();
  }
}
