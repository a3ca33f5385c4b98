import { expect } from 'vitest';
import type { SnapshotFrom } from 'xstate';
import type { ConnectionInput, connectionMachine } from '../../../machines/index.js';
import { createPool, type Frame, type Pool, type StateChange } from '../../../src/index.js';
import type { MemoryPeer } from '../../../src/testing/index.js';
import { type Watched, watch } from '../../support/watch.js';
import { BETWEEN_DIALS_MS, type Fortune, isDialledAtOnce, leafOf } from './connection-paths.js';
import { type HeldDial, HeldWire, settled } from './held-wire.js';
import { HEALTH_INTERVAL_MS, HEARTBEAT_TIMEOUT_MS, WatchedClock } from './watched-clock.js';

const PROVEN_UPTIME_MS = 100;
/** As short as may be: so long at least passes before a link is lost. */
const REDIAL_MS = 1;
/** Longer than any path takes. */
const FOREVER_MS = 1e9;

/** A step of a path: its event, with what comes before and after it. */
interface Step {
  readonly name: string;
  /** The event before it. */
  readonly behind: string | undefined;
  readonly before: SnapshotFrom<typeof connectionMachine>;
  readonly ahead: readonly string[];
  readonly after: SnapshotFrom<typeof connectionMachine>;
}

/** Whether a request that waits is made in this step, and will dial early: perhaps at once. */
function mayDialEarly({ name, before, ahead }: Step): boolean {
  return name === 'connect' && leafOf(before) === 'reconnecting' && ahead[0] === 'hurry';
}

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
  #isWarm = false;

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
      // The storms are about the pace of redials: here each is made at once.
      minRedialIntervalMs: REDIAL_MS,
    });
    this.pool.states$.subscribe((change) => {
      if (change.ci === 'apollo') this.changes.push(change);
    });
  }

  #prepare(target: Parameters<HeldWire['transport']['prepare']>[0]) {
    return this.wire.transport.prepare({ ...target, url: target.url.replace('held:', 'memory:') });
  }

  /** Does what causes the event of a step. */
  async act(step: Step): Promise<void> {
    const { name, ahead } = step;
    const bugs = ahead.findIndex((next) => next !== 'heartbeat actor failed');
    if (name !== 'heartbeat actor failed') this.clock.bugs = bugs === -1 ? ahead.length : bugs;
    const isNextAtOnce = isDialledAtOnce(name, ahead[0], this.#fortune) || mayDialEarly(step);
    if (isNextAtOnce && ahead[1] === 'queued') await this.#takeGate();
    if (ahead[0] === 'queued') await this.#holdGate();
    await this.#acts[name]?.(step);
    await settled();
  }

  readonly #acts: Readonly<Record<string, (step: Step) => void | Promise<void>>> = {
    connect: ({ before, ahead }) => {
      const leaf = leafOf(before);
      // The request that waited when a useful link was lost has dialled already.
      if (leaf === 'resting' && this.#isAnyWaiting) return;
      // A request that waits for a CI that is down dials early, unless it is given up before that.
      const isAsked = leaf === 'reconnecting' ? /hurry|release/.test(ahead[0] ?? '') : !leaf.startsWith('linked');
      if (isAsked) this.#ask(FOREVER_MS);
      else this.#warm();
    },
    hurry: (step) => this.#hurry(step),
    release: () => this.#unwant(),
    close: () => this.#close(),
    // The gate was held when the link began.
    queued: () => {},
    dialling: () => this.#openGate(),
    up: (step) => this.#linkUp(step),
    'refused, wanted': () => this.#refuse(() => this.#want()),
    'refused, unwanted': () => this.#refuse(() => this.#unwant()),
    'lost, wanted': (step) => this.#lose(() => this.#wantBack(step)),
    'lost, unwanted': () => this.#lose(() => this.#unwant()),
    'link actor failed': ({ before }) => {
      this.#keepDemand(before);
      this.#dial.crash();
    },
    'connect timeout': async ({ before }) => {
      this.#keepDemand(before);
      this.wire.hangs('apollo');
      this.#dial.go();
      await settled();
      this.clock.advance(this.#input.connectTimeoutMs);
    },
    'backoff over': () => this.clock.advance(this.#backoffMs),
    rested: () => this.clock.advance(this.#backoffMs),
    answered: (step) => this.#judged(step, () => this.#peer?.sendRaw('\n')),
    'missed, wanted': (step) => {
      if (step.after.hasTag('reconnecting')) this.#want();
      return this.#judged(step, () => {});
    },
    'missed, unwanted': (step) => this.#judged(step, () => {}),
    // It was made to fail when it began.
    'heartbeat actor failed': () => {},
    failing: (step) => this.#failOne(step),
    succeeding: (step) => this.#succeed(step),
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

  get #isUp(): boolean {
    const { state } = this.pool.snapshot().cis.apollo ?? {};
    return state === 'healthy' || state === 'degraded';
  }

  get #isAnyWaiting(): boolean {
    return this.#waiters.some(({ ends }) => ends === 0);
  }

  #warm(): void {
    this.#isWarm = true;
    void this.pool.warm(['apollo']);
  }

  /** Makes a request wait for the CI: while a link stands, since the socket takes no more. */
  #want(): void {
    this.#peer?.setWritable(false);
    // A request would have a link without ids replaced on which the answer to a heartbeat is owed.
    if (this.#isUp && !this.#isEchoing) this.#warm();
    else if (!this.#isAnyWaiting) this.#ask(FOREVER_MS);
  }

  /** The same for a link that is about to be lost: one that was of use rests, unless a request waits. */
  #wantBack({ name, ahead }: Step): void {
    if (this.#isWarm) return;
    if (this.#fortune === 'unproven' || isDialledAtOnce(name, ahead[0], this.#fortune)) this.#want();
    else this.#warm();
  }

  /** What becomes of a link that fails by a bug is what was wanted last. */
  #keepDemand({ context }: Step['before']): void {
    if (context.demand === 'wanted') this.#want();
    else this.#unwant();
  }

  #unwant(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.subscription.unsubscribe();
  }

  /** Lets another CI have the one dial that the pool allows, so that ours has to queue for it. */
  async #holdGate(): Promise<void> {
    if (this.wire.open('apollo').length === 0) await this.#takeGate();
  }

  async #takeGate(): Promise<void> {
    if (this.pool.cis.includes('other')) return;
    this.pool.add('other', { url: 'held://other', connectTimeoutMs: FOREVER_MS });
    void this.pool.warm(['other']);
    await settled();
  }

  async #openGate(): Promise<void> {
    await this.pool.remove('other');
  }

  /** A request dials early, once the last dial is a second ago: one that waits, or one that does not, and fails at once. */
  async #hurry({ behind }: Step): Promise<void> {
    this.clock.advance(Math.max(0, (this.wire.lastDialMs('apollo') ?? 0) + BETWEEN_DIALS_MS - this.clock.now()));
    await settled();
    if (behind === 'connect') return;
    const hasty = watch(this.pool.ask('apollo', 'hello'));
    this.requests.push(hasty);
    expect(hasty.outcome).toBe('unavailable not_sent connect');
  }

  async #linkUp({ before, ahead }: Step): Promise<void> {
    this.#isEchoing = false;
    // A request under way would answer for the link: one whose heartbeat is to fail has none, but for the one that is to succeed.
    const isQuiet = this.clock.bugs > 0;
    if (isQuiet && ahead[1] !== 'succeeding') this.#unwant();
    else this.#want();
    // The second heartbeat that fails takes the link with it.
    if (this.clock.bugs > 1 && before.context.demand === 'wanted') this.#warm();
    this.wire.listen('apollo', (peer) => {
      this.#peer = peer;
      this.#held = [];
      peer.onRequest((request) => this.#held.push(request));
    });
    this.#dial.go();
    await settled();
    if (isQuiet) return;
    // An answer that comes too late is of no use to anybody.
    if (this.#fortune === 'unproven') this.#unwant();
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

  async #succeed({ before }: Step): Promise<void> {
    if (!this.#held.some(({ type }) => type === 'chat')) {
      this.#unwant();
      this.#peer?.setWritable(true);
      this.#ask(FOREVER_MS);
      await settled();
    }
    if (this.clock.bugs > 1) this.#keepDemand(before);
    this.#answerAll();
    await settled();
    this.#waiters = this.#waiters.filter(({ ends }) => ends === 0);
    if (this.#fortune === 'proven' && this.clock.bugs === 0) this.clock.advance(PROVEN_UPTIME_MS);
  }

  async #failOne({ before }: Step): Promise<void> {
    this.#unwant();
    this.#peer?.setWritable(true);
    const request = this.#ask(50);
    await settled();
    // A heartbeat that fails at once takes the link with it: who wants it back waits already.
    if (this.clock.bugs > 0) this.#keepDemand(before);
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
    this.clock.advance(REDIAL_MS);
    prepare();
    this.#peer?.fail();
    await settled();
  }

  /** Moves the time from timer to timer until a heartbeat is judged; `onTheWay` is what the peer does meanwhile. */
  async #judged({ before }: Step, onTheWay: () => void): Promise<void> {
    const { judgements } = this.clock;
    if (this.clock.bugs > 0) this.#keepDemand(before);
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
