import { expect } from 'vitest';
import { createPool, type DrainReport, type Logger, type Pool } from '../../../src/index.js';
import { ManualClock, type MemoryPeer } from '../../../src/testing/index.js';
import { isProbe, probeReply } from '../../support/probes.js';
import { type Watched, watch } from '../../support/watch.js';
import { HeldWire, settled } from './held-wire.js';

const FOREVER_MS = 1e9;

/** A real pool of two CIs, one whose links crash and one that is sound, and what makes happen what a path says. */
export class PoolWorld {
  readonly clock = new ManualClock();
  readonly wire = new HeldWire(this.clock);
  readonly pool: Pool;
  /** What was logged as an error. */
  readonly logged: string[] = [];
  report: DrainReport | undefined;
  readonly #requests: Watched<unknown>[] = [];
  #answerSound: () => void = () => {};
  #closing: Promise<DrainReport> | undefined;

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
    this.wire.listen('sound', (peer: MemoryPeer) => {
      peer.onRequest((request) => {
        // The pool asks whether its answers come in order before it hands the first of them on.
        if (isProbe(request)) peer.send(probeReply(request));
        else this.#answerSound = () => peer.send({ type: 'chat_response', content: 'fine' });
      });
    });
  }

  /** Does what causes the event; `crashesAtOnce` when the next event is a crash that this one must bring with it. */
  async act(type: string, crashesAtOnce: boolean): Promise<void> {
    if (type === 'connection.crashed') await this.#crash(crashesAtOnce);
    else if (type === 'ci.forgotten') await this.#remove();
    else if (type === 'drain') await this.#drain();
    else if (type === 'drained') this.#finish();
    else this.clock.advance(500);
    await settled();
    if (this.pool.state === 'closed') this.report = await this.#closing;
  }

  #ask(ci: string): void {
    this.#requests.push(watch(this.pool.ask(ci, 'hello', { waitForReady: true, deadlineMs: FOREVER_MS })));
  }

  /** Crashes one of three dials; a fourth crash in one life of the CI would need another dial. */
  async #crash(crashesAtOnce: boolean): Promise<void> {
    // Of a CI that is given up on, a connection can crash only while all of them are being closed: it has by now.
    if (this.pool.snapshot().cis.apollo?.state === 'quarantined') return;
    if (this.wire.open('apollo').length === 0) for (let i = 0; i < 3; i += 1) this.#ask('apollo');
    const [victim, next] = this.wire.open('apollo');
    if (crashesAtOnce && victim !== undefined) victim.onClosed = () => next?.crash();
    victim?.crash();
  }

  async #remove(): Promise<void> {
    const removing = this.pool.remove('apollo', { drainTimeoutMs: 0 });
    this.clock.advance(1);
    await removing;
    this.pool.add('apollo', 'memory://apollo');
  }

  async #drain(): Promise<void> {
    this.#ask('sound');
    this.wire.open('sound')[0]?.go();
    await settled();
    this.#closing = this.pool.close({ drainTimeoutMs: 500 });
  }

  /** All that is under way comes to its end. */
  #finish(): void {
    this.#answerSound();
    for (const { subscription } of this.#requests.slice(0, -1)) subscription.unsubscribe();
  }

  /** Ends it all, and sees that nothing is left. */
  async end(): Promise<void> {
    for (const { subscription } of this.#requests) subscription.unsubscribe();
    await this.pool.close();
    expect(this.#requests.filter(({ ends }) => ends > 1)).toEqual([]);
    expect(this.wire.dials.filter(({ isOpen }) => isOpen)).toEqual([]);
    expect(this.clock.pending).toBe(0);
  }
}
