import { expect } from 'vitest';
import type { SnapshotFrom } from 'xstate';
import type { ConnectionInput, connectionMachine } from '../../../machines/index.js';
import { createPool, type Frame, type Pool, type StateChange } from '../../../src/index.js';
import { type Intervention, watchableOf } from '../../../src/observe/watchable.js';
import type { MemoryPeer } from '../../../src/testing/index.js';
import { type Watched, watch } from '../../support/watch.js';
import {
  BETWEEN_DIALS_MS,
  FOREVER_MS,
  type Fortune,
  followerOf,
  leafOf,
  PROVEN_UPTIME_MS,
} from './connection-paths.js';
import { type HeldDial, HeldWire, settled } from './held-wire.js';
import { HEALTH_INTERVAL_MS, HEARTBEAT_TIMEOUT_MS, MAX_AGE_MS, WatchedClock } from './watched-clock.js';

/** The minimum: at least this time passes before a link is lost. */
const REDIAL_MS = 1;

/** A step of a path: its event, with the one before and after it. */
interface Step {
  readonly name: string;
  /** The event before it. */
  readonly behind: string | undefined;
  readonly before: SnapshotFrom<typeof connectionMachine>;
  readonly ahead: readonly string[];
  readonly after: SnapshotFrom<typeof connectionMachine>;
}

/** Whether a waiting request is made in this step, and dials early: perhaps at once. */
export function mayDialEarly({ name, before, ahead }: Pick<Step, 'name' | 'before' | 'ahead'>): boolean {
  return name === 'wanted by a request' && leafOf(before) === 'reconnecting' && ahead[0] === 'hurry';
}

/** The real runtime with one connection, and a world that makes the events of a path happen to it. */
export class ConnectionWorld {
  readonly clock = new WatchedClock();
  readonly wire = new HeldWire(this.clock);
  readonly pool: Pool;
  /** Changes of the connection that no step has checked yet. */
  readonly changes: StateChange[] = [];
  readonly requests: Watched<unknown>[] = [];
  readonly #fortune: Fortune;
  readonly #input: ConnectionInput;
  /** The dial of the present link. */
  #link: HeldDial | undefined;
  #waiters: Watched<unknown>[] = [];
  #peer: MemoryPeer | undefined;
  /** The peer's unanswered requests. */
  #held: Frame[] = [];
  #isEchoing = false;
  /** Whether the waiting request was made during a backoff, and so dials early. */
  #isHurrying = false;

  constructor(input: ConnectionInput, fortune: Fortune) {
    this.#input = input;
    this.#fortune = fortune;
    this.pool = createPool({
      cis: { apollo: 'held://apollo' },
      transports: { held: { prepare: (target) => this.#prepare(target) } },
      clock: this.clock,
      logger: false,
      // It is the seed of the connection's jitter: delays match the model's to the millisecond.
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
      provenUptimeMs: input.provenUptimeMs,
      degradeAfterFailures: input.degradeAfterFailures,
      maxConnectionAgeMs: MAX_AGE_MS,
      // The answers owed after a timeout never come, and must not retire the connection here.
      lateReplyGraceMs: FOREVER_MS,
      // The storm tests check the pace of redials: here each one comes at once.
      minRedialIntervalMs: REDIAL_MS,
    });
    this.pool.states$.subscribe((change) => {
      if (change.connection === 'apollo#1') this.changes.push(change);
    });
  }

  #prepare(target: Parameters<HeldWire['transport']['prepare']>[0]) {
    return this.wire.transport.prepare({ ...target, url: target.url.replace('held:', 'memory:') });
  }

  /** Causes the event of a step. */
  async act(step: Step): Promise<void> {
    const { name, ahead } = step;
    const bugs = ahead.findIndex((next) => next !== 'heartbeat actor failed');
    if (name !== 'heartbeat actor failed') this.clock.bugs = bugs === -1 ? ahead.length : bugs;
    const isNextAtOnce = followerOf(name, step.after) === 'wanted by a request' || mayDialEarly(step);
    if (isNextAtOnce && ahead[1] === 'queued') await this.#takeGate();
    if (ahead[0] === 'queued') await this.#holdGate();
    await this.#acts[name]?.(step);
    await settled();
  }

  readonly #acts: Readonly<Record<string, (step: Step) => void | Promise<void>>> = {
    'wanted by a request': ({ before }) => {
      // A request that waited before the link was lost does not hurry.
      this.#isHurrying = leafOf(before) === 'reconnecting' && !this.#isAnyWaiting;
      this.#want();
    },
    'wanted by upkeep': () => this.#warm(),
    hurry: (step) => this.#hurry(step),
    unwanted: () => this.#unwant(),
    removed: () => this.#remove(),
    'closed by hand': () => this.#intervene('reconnect'),
    'retired by hand, unused': () => this.#intervene('retire'),
    'retired by hand, in use': async (step) => {
      await this.#use(step);
      this.#intervene('retire');
    },
    'too old, unused': () => this.clock.endAge(),
    'too old, in use': async (step) => {
      await this.#use(step);
      this.clock.endAge();
    },
    'requests over': () => this.#answerAll(),
    // The gate was blocked when the link began.
    queued: () => {},
    dialling: () => this.#openGate(),
    up: (step) => this.#linkUp(step),
    refused: () => this.#refuse(),
    'refused, forsaken': () => {
      this.#unwant();
      return this.#refuse();
    },
    lost: () => this.#lose(() => this.#peer?.fail()),
    'lost, awaited': () => {
      this.#wantBehind();
      return this.#lose(() => this.#peer?.fail());
    },
    'out of step': () => this.#lose(() => this.#link?.outOfStep()),
    'out of step, awaited': () => {
      this.#wantBehind();
      return this.#lose(() => this.#link?.outOfStep());
    },
    'link actor failed': ({ before }) => (leafOf(before).endsWith('dialling') ? this.#dial : this.#link)?.crash(),
    'connect timeout': async () => {
      this.wire.hangs('apollo');
      this.#dial.go();
      await settled();
      this.clock.advance(this.#input.connectTimeoutMs);
    },
    'backoff over': () => this.clock.advance(this.#backoffMs),
    rested: () => this.clock.advance(this.#backoffMs),
    answered: () => this.#judged(() => this.#peer?.sendRaw('\n')),
    missed: () => this.#judged(() => {}),
    'missed, awaited': () => {
      this.#wantBehind();
      return this.#judged(() => {});
    },
    // It was made to fail when it began.
    'heartbeat actor failed': () => {},
    suspect: () => {
      // The link has been quiet for a moment when its heartbeat begins.
      this.clock.advance(1);
      this.#link?.suspect();
    },
    failed: () => this.#failOne(),
    succeeded: () => this.#succeed(),
  };

  get #dial(): HeldDial {
    return this.wire.open('apollo').at(-1) as HeldDial;
  }

  #backoffMs = 0;
  /** Returns the delay that the machine announced last. */
  set backoffMs(delayMs: number) {
    this.#backoffMs = delayMs;
  }

  #ask(deadlineMs: number): Watched<unknown> {
    const request = watch(this.pool.ask('apollo', 'hello', { waitForReady: true, deadlineMs }));
    this.requests.push(request);
    if (deadlineMs === FOREVER_MS) this.#waiters.push(request);
    return request;
  }

  get #isAnyWaiting(): boolean {
    return this.#waiters.some(({ ends }) => ends === 0);
  }

  #warm(): void {
    void this.pool.warm(['apollo']);
  }

  /** Makes a request wait for the CI, unless one waits already. */
  #want(): void {
    if (!this.#isAnyWaiting) this.#ask(FOREVER_MS);
  }

  /** Makes a request wait behind a link that is up: its socket is full. */
  #wantBehind(): void {
    this.#peer?.setWritable(false);
    this.#want();
  }

  /** Sends a request that the CI does not answer. */
  async #use({ before }: Step): Promise<void> {
    // A retiring link has one already.
    if (before.hasTag('retiring')) return;
    this.#unwant();
    this.#peer?.setWritable(true);
    this.#ask(FOREVER_MS);
    await settled();
    this.#waiters = [];
  }

  #intervene(what: 'reconnect' | 'retire'): void {
    const intervention: Intervention = { do: what, connection: 'apollo#1' };
    expect(watchableOf(this.pool).intervene(intervention)).toBe(true);
  }

  #unwant(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.subscription.unsubscribe();
  }

  /** Gives the only dial that the pool allows to another CI, so that ours has to queue for it. */
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

  /** A request dials early, once the last dial is a second ago: a waiting one, or one that does not wait and fails at once. */
  async #hurry({ behind }: Step): Promise<void> {
    this.clock.advance(Math.max(0, (this.wire.lastDialMs('apollo') ?? 0) + BETWEEN_DIALS_MS - this.clock.now()));
    await settled();
    if (behind === 'wanted by a request' && this.#isHurrying) return;
    // A request that came before has dialled when its time came.
    if (this.#isHurrying && this.pool.snapshot().cis.apollo?.state === 'connecting') return;
    const hasty = watch(this.pool.ask('apollo', 'hello'));
    this.requests.push(hasty);
    expect(hasty.outcome).toBe('unavailable not_sent connect');
  }

  async #linkUp({ ahead }: Step): Promise<void> {
    this.#isEchoing = false;
    // A request in flight would keep the link alive: if its heartbeat must fail, it has none, except the one that must succeed.
    const isQuiet = this.clock.bugs > 0;
    if (isQuiet && ahead[1] !== 'succeeded') this.#unwant();
    else this.#want();
    this.wire.listen('apollo', (peer) => {
      this.#peer = peer;
      this.#held = [];
      peer.onRequest((request) => this.#held.push(request));
    });
    this.#link = this.#dial;
    this.#link.go();
    await settled();
    if (isQuiet) return;
    // An answer that comes too late.
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

  async #succeed(): Promise<void> {
    if (!this.#held.some(({ type }) => type === 'chat')) {
      this.#unwant();
      this.#peer?.setWritable(true);
      this.#ask(FOREVER_MS);
      await settled();
    }
    this.#answerAll();
    await settled();
    this.#waiters = this.#waiters.filter(({ ends }) => ends === 0);
    if (this.#fortune === 'proven' && this.clock.bugs === 0) this.clock.advance(PROVEN_UPTIME_MS);
  }

  async #failOne(): Promise<void> {
    this.#unwant();
    this.#peer?.setWritable(true);
    // A late answer with an id is recognized; without one, the owed answer would retire the connection.
    expect(this.#isEchoing).toBe(true);
    const request = this.#ask(50);
    await settled();
    this.clock.advance(60);
    await settled();
    expect(request.ends).toBe(1);
    this.#held = [];
  }

  async #refuse(): Promise<void> {
    this.wire.listen('apollo', () => {})();
    this.#dial.go();
    await settled();
  }

  async #lose(end: () => void): Promise<void> {
    this.clock.advance(REDIAL_MS);
    end();
    await settled();
  }

  /** Moves the time from timer to timer until a heartbeat is judged; the peer does `onTheWay` meanwhile. */
  async #judged(onTheWay: () => void): Promise<void> {
    const { judgements } = this.clock;
    for (let timers = 0; timers < 50 && this.clock.judgements === judgements; timers += 1) {
      onTheWay();
      await settled();
      this.clock.advance(this.clock.nextTimerInMs() ?? 0);
    }
    expect(this.clock.judgements).toBe(judgements + 1);
  }

  async #remove(): Promise<void> {
    const removing = this.pool.remove('apollo', { drainTimeoutMs: 0 });
    this.clock.advance(1);
    await removing;
  }

  /** Ends everything, and checks that nothing is left. */
  async end(): Promise<void> {
    for (const { subscription } of this.requests) subscription.unsubscribe();
    await this.pool.close();
    expect(this.requests.filter(({ ends }) => ends > 1)).toEqual([]);
    expect(this.wire.dials.filter(({ isOpen }) => isOpen)).toEqual([]);
    expect(this.clock.pending).toBe(0);
  }
}
