import { expect } from 'vitest';
import type { ConnectionInput } from '../../machines/index.js';
import { createPool, type Frame, type Pool, type StateChange } from '../../src/index.js';
import type { MemoryPeer } from '../../src/testing/index.js';
import { type Watched, watch } from '../support/watch.js';
import type { Fortune } from './connection-paths.js';
import { type HeldDial, HeldWire, settled } from './held-wire.js';
import { HEALTH_INTERVAL_MS, HEARTBEAT_TIMEOUT_MS, WatchedClock } from './watched-clock.js';

const PROVEN_UPTIME_MS = 100;
/** Longer than any path takes. */
const FOREVER_MS = 1e9;

/** The real runtime with one connection, and around it the world that makes happen to it what a path says. */
export class ConnectionWorld {
  readonly clock = new WatchedClock();
  readonly wire = new HeldWire(this.clock);
  readonly pool: Pool;
  /** Changes of the connection that no step has claimed yet. */
  readonly changes: StateChange[] = [];
  readonly requests: Watched<unknown>[] = [];
  readonly #fortune: Fortune;
  readonly #input: ConnectionInput;
  #waiters: Watched<unknown>[] = [];
  #peer: MemoryPeer | undefined;
  /** Requests that the peer has, unanswered. */
  #held: Frame[] = [];
  #isEchoing = false;

  constructor(input: ConnectionInput, fortune: Fortune) {
    this.#input = input;
    this.#fortune = fortune;
    this.pool = createPool({
      cis: { apollo: 'held://apollo' },
      transports: { held: { prepare: (target) => this.#prepare(target) } },
      clock: this.clock,
      logger: false,
      // The seed of the connection's jitter is made of it: so delays are the model's to the millisecond.
      random: () => input.seed / 2 ** 31,
      maxDials: 1,
      maxConnections: 1,
      maxRestarts: 1_000,
      connectTimeoutMs: input.connectTimeoutMs,
      reconnectDelayMs: input.reconnectDelayMs,
      maxReconnectDelayMs: input.maxReconnectDelayMs,
      maxMissedHeartbeats: input.maxMissedHeartbeats,
      healthIntervalMs: HEALTH_INTERVAL_MS,
      heartbeatTimeoutMs: HEARTBEAT_TIMEOUT_MS,
      provenUptimeMs: fortune === 'proven' ? PROVEN_UPTIME_MS : FOREVER_MS,
      degradeAfterFailures: 1,
      // The answers that are owed after a failure by deadline never come, and must not retire the connection here.
      lateReplyGraceMs: FOREVER_MS,
    });
    this.pool.states$.subscribe((change) => {
      if (change.ci === 'apollo') this.changes.push(change);
    });
  }

  #prepare(target: Parameters<HeldWire['transport']['prepare']>[0]) {
    return this.wire.transport.prepare({ ...target, url: target.url.replace('held:', 'memory:') });
  }

  /** Does what causes the event; `ahead` are the events of the path that follow it. */
  async act(name: string, leaf: string, ahead: readonly string[], isFatal: boolean): Promise<void> {
    const bugs = ahead.findIndex((next) => next !== 'heartbeat actor failed');
    if (name !== 'heartbeat actor failed') this.clock.bugs = bugs === -1 ? ahead.length : bugs;
    if (ahead[0] === 'queued') await this.#holdGate();
    await this.#acts[name]?.(leaf, isFatal);
    await settled();
  }

  readonly #acts: Readonly<Record<string, (leaf: string, isFatal: boolean) => void | Promise<void>>> = {
    connect: (leaf) => {
      if (leaf.startsWith('linked')) void this.pool.warm(['apollo']);
      else this.#ask(FOREVER_MS);
    },
    release: () => this.#unwant(),
    close: () => this.#close(),
    // The gate was held when the link began.
    queued: () => {},
    dialling: () => this.#openGate(),
    up: () => this.#linkUp(),
    'refused, wanted': () => this.#refuse(() => this.#want()),
    'refused, unwanted': () => this.#refuse(() => this.#unwant()),
    'lost, wanted': () => this.#lose(() => this.#want()),
    'lost, unwanted': () => this.#lose(() => this.#unwant()),
    'link actor failed': () => {
      this.#want();
      this.#dial.crash();
    },
    'connect timeout': async () => {
      this.#want();
      this.wire.hangs('apollo');
      this.#dial.go();
      await settled();
      this.clock.advance(this.#input.connectTimeoutMs);
    },
    'backoff over': () => this.clock.advance(this.#backoffMs),
    answered: () => this.#judged(() => this.#peer?.sendRaw('\n')),
    'missed, wanted': (_leaf, isFatal) => {
      if (isFatal) this.#want();
      return this.#judged(() => {});
    },
    'missed, unwanted': () => this.#judged(() => {}),
    // It was made to fail when it began.
    'heartbeat actor failed': () => {},
    failing: () => this.#failOne(),
    succeeding: () => this.#succeed(),
  };

  get #dial(): HeldDial {
    return this.wire.open('apollo').at(-1) as HeldDial;
  }

  #backoffMs = 0;
  /** What the machine has announced last as its delay. */
  set backoffMs(delayMs: number) {
    this.#backoffMs = delayMs;
  }

  #ask(deadlineMs: number): Watched<unknown> {
    const request = watch(this.pool.ask('apollo', 'hello', { waitForReady: true, deadlineMs }));
    this.requests.push(request);
    if (deadlineMs === FOREVER_MS) this.#waiters.push(request);
    return request;
  }

  /** Makes a request wait for the CI: while a link stands, since the socket takes no more. */
  #want(): void {
    this.#peer?.setWritable(false);
    if (!this.#waiters.some((waiter) => waiter.ends === 0)) this.#ask(FOREVER_MS);
  }

  #unwant(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.subscription.unsubscribe();
  }

  /** Lets another CI have the one dial that the pool allows, so that ours has to queue for it. */
  async #holdGate(): Promise<void> {
    if (this.pool.cis.includes('other') || this.wire.open('apollo').length > 0) return;
    this.pool.add('other', { url: 'held://other', connectTimeoutMs: FOREVER_MS });
    void this.pool.warm(['other']);
    await settled();
  }

  async #openGate(): Promise<void> {
    await this.pool.remove('other');
  }

  async #linkUp(): Promise<void> {
    this.#isEchoing = false;
    // A request under way would answer for the link: one whose heartbeat is to fail has none.
    const isQuiet = this.clock.bugs > 0;
    if (isQuiet) this.#unwant();
    else this.#want();
    // The second heartbeat that fails takes the link with it.
    if (this.clock.bugs > 1) void this.pool.warm(['apollo']);
    this.wire.listen('apollo', (peer) => {
      this.#peer = peer;
      this.#held = [];
      peer.onRequest((request) => this.#held.push(request));
    });
    this.#dial.go();
    await settled();
    if (isQuiet) return;
    this.#answerAll();
    await settled();
    this.#waiters = [];
    if (this.#fortune === 'proven') this.clock.advance(PROVEN_UPTIME_MS);
  }

  #answerAll(): void {
    this.#isEchoing = true;
    for (const { type, request_id } of this.#held.splice(0)) {
      if (type === 'chat') this.#peer?.send({ type: 'chat_response', content: 'fine', request_id });
      else this.#peer?.send({ type: 'pong', request_id });
    }
  }

  async #succeed(): Promise<void> {
    this.#unwant();
    this.#peer?.setWritable(true);
    this.#ask(FOREVER_MS);
    await settled();
    if (this.clock.bugs > 1) this.#want();
    this.#answerAll();
    await settled();
    if (this.#fortune === 'proven' && this.clock.bugs === 0) this.clock.advance(PROVEN_UPTIME_MS);
  }

  async #failOne(): Promise<void> {
    this.#unwant();
    this.#peer?.setWritable(true);
    const request = this.#ask(50);
    await settled();
    // A heartbeat that fails at once takes the link with it: who wants it back waits already.
    if (this.clock.bugs > 0) this.#want();
    // Without ids the answer that is owed would retire the connection: there an error is the failure.
    if (this.#isEchoing) this.clock.advance(60);
    else
      for (const { request_id } of this.#held.splice(0)) this.#peer?.send({ type: 'error', error: 'no', request_id });
    await settled();
    expect(request.ends).toBe(1);
    // Only now: a late answer is dropped by its id.
    this.#held = [];
  }

  async #refuse(prepare: () => void): Promise<void> {
    prepare();
    this.wire.listen('apollo', () => {})();
    this.#dial.go();
    await settled();
  }

  async #lose(prepare: () => void): Promise<void> {
    prepare();
    this.#peer?.fail();
    await settled();
  }

  /** Moves the time from timer to timer until a heartbeat is judged; `onTheWay` is what the peer does meanwhile. */
  async #judged(onTheWay: () => void): Promise<void> {
    const { judgements } = this.clock;
    if (this.clock.bugs > 0) this.#want();
    for (let timers = 0; timers < 50 && this.clock.judgements === judgements; timers += 1) {
      onTheWay();
      await settled();
      this.clock.advance(this.clock.nextTimerInMs() ?? 0);
    }
    expect(this.clock.judgements).toBe(judgements + 1);
  }

  async #close(): Promise<void> {
    const removing = this.pool.remove('apollo', { drainTimeoutMs: 0 });
    this.clock.advance(1);
    await removing;
  }

  /** Ends it all, and sees that nothing is left. */
  async end(): Promise<void> {
    for (const { subscription } of this.requests) subscription.unsubscribe();
    await this.pool.close();
    expect(this.requests.filter(({ ends }) => ends > 1)).toEqual([]);
    expect(this.wire.dials.filter(({ isOpen }) => isOpen)).toEqual([]);
    expect(this.clock.pending).toBe(0);
  }
}
