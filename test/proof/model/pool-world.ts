import { expect } from 'vitest';
import type { PoolContext, PoolEvent } from '../../../machines/index.js';
import { LINE_CARRIER, type LineCarrier } from '../../../src/contract/line-carrier.js';
import { createPool, type DrainReport, type Logger, type Pool } from '../../../src/index.js';
import { watchableOf } from '../../../src/observe/watchable.js';
import { ManualClock, type MemoryPeer } from '../../../src/testing/index.js';
import { isProbe, probeReply } from '../../support/probes.js';
import { type Watched, watch } from '../../support/watch.js';
import { type HeldDial, HeldWire, settled } from './held-wire.js';

const FOREVER_MS = 1e9;

/** A real pool of two CIs, one whose links crash and a healthy one, with the causes of a path's events. */
export class PoolWorld {
  readonly clock = new ManualClock();
  readonly wire = new HeldWire(this.clock);
  readonly pool: Pool;
  /** The lines logged as errors. */
  readonly logged: string[] = [];
  report: DrainReport | undefined;
  readonly #requests: Watched<unknown>[] = [];
  /** Those about the CI that crashes. */
  readonly #ofApollo: Watched<unknown>[] = [];
  #answerSound: () => void = () => {};
  #closing: Promise<DrainReport> | undefined;
  /** Dials of CIs that were removed: the supervisor ignores them. */
  readonly #left = new Set<HeldDial>();
  /** Removals in progress. */
  readonly #removals: Promise<DrainReport>[] = [];
  /** The machine's context. */
  context: PoolContext | undefined;

  constructor(options: { readonly maxRestarts: number; readonly restartWindowMs: number }) {
    const silent = (): void => {};
    const logger: Logger = {
      info: silent,
      warn: silent,
      debug: silent,
      error: (_fields, message) => this.logged.push(message.replace(/:.*/, '')),
      child: () => logger,
    };
    this.pool = createPool({
      ...options,
      cis: { apollo: 'memory://apollo', sound: 'memory://sound' },
      transports: { memory: this.wire.transport },
      clock: this.clock,
      logger,
      random: () => 0.5,
      maxConnections: 3,
      connectTimeoutMs: FOREVER_MS,
    });
    watchableOf(this.pool).tapPool((event) => {
      if (event.type !== '@xstate.snapshot') return;
      this.context = (event.snapshot as unknown as { readonly context: PoolContext }).context;
    });
    this.wire.listen('sound', (peer: MemoryPeer) => {
      peer.onRequest((request) => {
        // The pool checks whether its answers come in order before it passes on the first of them.
        if (isProbe(request)) peer.send(probeReply(request));
        else this.#answerSound = () => peer.send({ type: 'chat_response', content: 'fine' });
      });
    });
  }

  /** Causes the event; `crashesAtOnce` if the next event is a crash that this one must cause, too. */
  async act(event: PoolEvent | { readonly type: `xstate.${string}` }, crashesAtOnce: boolean): Promise<void> {
    if (event.type === 'connection.crashed') await this.#crash(crashesAtOnce);
    else if (event.type === 'cis.keep_up') this.#keepUp(event.how);
    else if (event.type === 'ci.readmit') expect(this.lift()).toBe(true);
    else if (event.type === 'ci.remove') this.#remove();
    else if (event.type === 'ci.removed') this.#finishRemoval();
    else if (event.type === 'drain') await this.#drain();
    else if (event.type === 'drained') this.#finish();
    // The end of all connections follows by itself.
    else if (event.type.startsWith('xstate.after')) this.clock.advance(500);
    await settled();
    if (this.pool.state === 'closed') this.report = await this.#closing;
  }

  /** Open dials of the CI, without those of removed CIs of the same name. */
  get open(): readonly HeldDial[] {
    return this.wire.open('apollo').filter((dial) => !this.#left.has(dial));
  }

  /** Lifts the quarantine by hand. Returns whether there was one. */
  lift(): boolean {
    return watchableOf(this.pool).intervene({ do: 'lift-quarantine', ci: 'apollo' });
  }

  #keepUp(how: 'warm' | 'carried'): void {
    if (how === 'warm') void this.pool.warm(['apollo']);
    else (this.pool as unknown as { readonly [LINE_CARRIER]: LineCarrier })[LINE_CARRIER].carries('apollo');
  }

  #ask(ci: string): void {
    const request = watch(this.pool.ask(ci, 'hello', { waitForReady: true, deadlineMs: FOREVER_MS }));
    this.#requests.push(request);
    if (ci === 'apollo') this.#ofApollo.push(request);
  }

  /** Crashes one of three dials; a fourth crash in one life of the CI would need another dial. */
  async #crash(crashesAtOnce: boolean): Promise<void> {
    // In a quarantined CI, a connection can crash only while all of them are being closed: it has by now.
    if (this.pool.snapshot().cis.apollo?.state === 'quarantined') return;
    if (this.open.length < 2) for (let i = 0; i < 3; i += 1) this.#ask('apollo');
    await settled();
    const [victim, next] = this.open;
    if (crashesAtOnce && victim !== undefined) victim.onClosed = () => next?.crash();
    victim?.crash();
  }

  /** Removes the CI, with a request that delays its end, if it accepts any; then adds one with its name. */
  #remove(): void {
    if (this.pool.snapshot().cis.apollo?.state !== 'quarantined') this.#ask('apollo');
    for (const dial of this.wire.open('apollo')) this.#left.add(dial);
    this.#removals.push(this.pool.remove('apollo', { drainTimeoutMs: FOREVER_MS }));
    this.pool.add('apollo', 'memory://apollo');
  }

  #finishRemoval(): void {
    for (const { subscription } of this.#ofApollo.splice(0)) subscription.unsubscribe();
  }

  async #drain(): Promise<void> {
    this.#ask('sound');
    this.wire.open('sound')[0]?.go();
    await settled();
    this.#closing = this.pool.close({ drainTimeoutMs: 500 });
  }

  /** Ends everything in progress. */
  #finish(): void {
    this.#answerSound();
    for (const { subscription } of this.#requests.slice(0, -1)) subscription.unsubscribe();
  }

  /** Ends everything, and checks that nothing is left. */
  async end(): Promise<void> {
    for (const { subscription } of this.#requests) subscription.unsubscribe();
    await this.pool.close();
    await Promise.all(this.#removals);
    expect(this.#requests.filter(({ ends }) => ends > 1)).toEqual([]);
    expect(this.wire.dials.filter(({ isOpen }) => isOpen)).toEqual([]);
    expect(this.clock.pending).toBe(0);
  }
}
