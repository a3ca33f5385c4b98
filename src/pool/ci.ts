import type { Observable } from 'rxjs';
import { Connection } from '../connection/connection.js';
import { inNeutralScope } from '../connection/neutral-scope.js';
import { OrderJudge } from '../connection/order-judge.js';
import { Reuse } from '../connection/reuse.js';
import type { Session } from '../connection/session.js';
import type { Channel, ChannelSink, ConnectionState, Dial, Limits, StateChange, Transport } from '../contract/index.js';
import type { ChoragusError, Timings } from '../errors/index.js';
import { dialTimedOut, failuresOfPeer, lost, overloaded, refusal, unavailable } from '../errors/index.js';
import { CiLog } from '../observe/log.js';
import type { CiMetrics } from '../observe/metrics.js';
import type { AbortWatch } from '../request/abort-watch.js';
import type { ExchangeTaps } from '../request/exchange-taps.js';
import type { PendingRequest } from '../request/pending-request.js';
import { RequestStats } from '../request/request-stats.js';
import { defaultTerms, type ReplyMode, type RequestTerms } from '../request/request-terms.js';
import type { DeadlineWheel } from '../schedule/deadline-wheel.js';
import { ConnectionSet } from './connection-set.js';
import { freeName } from './free-name.js';
import { once } from './once.js';
import type { CiSettings } from './options.js';
import { OwnLinks } from './placing.js';
import type { Runtime } from './runtime.js';
import { trimIdle } from './trim.js';
import { WaitQueue } from './wait-queue.js';

/** Answers out of order are told of as incidents once in this time for each CI, in ms. */
const BETWEEN_INCIDENTS_MS = 1_000;

/** One CI of a pool: joins its connections, the requests that wait for a place on one, and the account of both. */
export class Ci {
  readonly name: string;
  readonly url: string;
  limits: Limits;
  readonly transport: Transport;
  /** The terms of its requests that name no options. */
  terms: Readonly<Record<ReplyMode, RequestTerms>>;
  /** The account of its requests. */
  readonly stats: RequestStats;
  readonly metrics: CiMetrics;
  readonly sinceMs: number;
  readonly aborts: AbortWatch;
  /** Who tells requests that their time is over. */
  readonly wheel: DeadlineWheel;
  readonly exchanges: ExchangeTaps;
  /** How its answers are told apart. */
  readonly ordering: OrderJudge;
  /** Whether it leaves its links up. */
  readonly reuse = new Reuse();
  /** The names of its own options that were given. */
  readonly given: ReadonlySet<string>;
  readonly #runtime: Runtime;
  readonly #dial: Dial;
  readonly #log: CiLog;
  readonly #waiting = new WaitQueue<PendingRequest>();
  readonly #connections: ConnectionSet;
  #phase: 'open' | 'quarantined' | 'closed' = 'open';
  upkeep: 'on demand' | 'warm' | 'carried' = 'on demand';
  #endTrim: () => void = () => {};
  /** When it was last told that an answer came out of order. */
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(name: string, settings: CiSettings, transport: Transport, runtime: Runtime) {
    const { url, tls, headers, apiKey, limits } = settings;
    this.name = name;
    // It is shown in snapshots; what stands before an @ is secret.
    this.url = url.replace(/\/\/[^/@]*@/, '//…@');
    this.limits = limits;
    this.given = settings.given;
    this.ordering = new OrderJudge(settings.ordering ?? runtime.ordering, () => runtime.clock.now());
    this.terms = defaultTerms(limits);
    this.sinceMs = runtime.clock.now();
    this.#runtime = runtime;
    this.aborts = runtime.aborts;
    this.wheel = runtime.wheel;
    this.exchanges = runtime.exchanges;
    this.stats = new RequestStats(runtime.past.durations);
    this.metrics = this.stats.metrics;
    this.#log = new CiLog(runtime.logger, name, runtime.clock);
    const { maxReplyBytes, connectTimeoutMs } = limits;
    this.transport = transport;
    this.#dial = transport.prepare({ ci: name, url, tls, headers, apiKey, maxReplyBytes, connectTimeoutMs });
    this.#connections = new ConnectionSet(
      () => this.limits,
      () => (this.#phase === 'open' ? this.#waiting.size : 0),
      runtime,
      (number) => new Connection(freeName(name, number, runtime), this, runtime),
    );
  }

  get connections(): readonly Connection[] {
    return this.#connections.all;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether a connection is up, so that who waits waits for a place and not for a link. */
  get isLinked(): boolean {
    return this.#connections.isLinked;
  }

  /** Whether one more connection may retire: sockets stay under twice `maxConnections`. */
  get mayRetire(): boolean {
    return this.#connections.mayRetire;
  }

  get state(): ConnectionState | 'quarantined' {
    return this.#phase === 'open' ? this.#connections.state : this.#phase;
  }

  now(): number {
    return this.#runtime.clock.now();
  }

  /** Takes a request: places it, lets it wait, or fails it at once. */
  admit(request: PendingRequest, nowMs: number): void {
    this.stats.begun();
    this.wheel.add(request);
    if (this.#phase !== 'open') return request.fail(refusal(this.#phase));
    if (this.#waiting.size === 0) {
      const connection = this.#connections.pick(request);
      if (connection !== undefined) return this.#place(request, connection, nowMs);
    }
    if (request.whenDown === 'fail' && this.#connections.isDown) {
      this.#connections.hurry('now');
      return request.fail(unavailable(this.stats.linkError));
    }
    if (this.#waiting.size >= this.limits.maxWaiting) return request.fail(overloaded(this.limits.maxWaiting));
    request.waits();
    this.#waiting.push(request);
    this.#open();
    if (request.whenDown === 'wait' && this.#connections.isDown) this.#connections.hurry('soon');
  }

  /** Keeps a connection up from now on, whether or not a request wants it. */
  warm(upkeep: 'warm' | 'carried' = 'warm'): void {
    if (this.upkeep !== 'carried') this.upkeep = upkeep;
    if (this.#phase === 'open') this.#connections.openOne();
  }

  /** From now on its requests have links of their own, as far as these limits go, and one stays up. */
  carry(limits: Limits): void {
    this.limits = limits;
    this.terms = defaultTerms(limits);
    this.#connections.placing = new OwnLinks(() => this.now());
    this.#endTrim = trimIdle(() => this.#connections.serving, this.#runtime.clock);
    this.warm('carried');
  }

  /** Whether anything wants this connection's link. */
  wants(connection: Connection): boolean {
    if (this.#phase !== 'open' || connection.isRetiring) return false;
    return this.#waiting.size > 0 || (this.upkeep !== 'on demand' && this.#connections.first === connection);
  }

  leaveQueue(request: PendingRequest): void {
    this.#waiting.remove(request);
    if (this.#waiting.size === 0) this.#connections.unwant((connection) => !this.wants(connection));
  }

  // How requests end.

  succeeded(timings: Timings, session: Session): void {
    session.succeeded();
    this.stats.succeeded(timings);
  }

  failed(error: ChoragusError, session: Session | undefined): void {
    if (failuresOfPeer.has(error.code)) session?.failed(error.code);
    this.stats.failed(error);
  }

  // What the connections tell.

  dial(sink: ChannelSink): Observable<Channel> {
    this.#connections.dialled();
    return inNeutralScope(this.#dial(sink));
  }

  linkUp(connectMs: number): void {
    this.metrics.connects += 1;
    this.metrics.durations.connect.record(connectMs);
  }

  noteLinkError(error: ChoragusError, inFlight = 0): void {
    this.stats.linkFailed(error);
    this.#connections.placing.linkDied?.(inFlight);
  }

  linkCrashed(connection: Connection, error: unknown): void {
    this.#log.crashed(connection.name, error);
    this.#runtime.crashed(this);
  }

  strayed(connection: Connection): void {
    this.#log.anomaly('stray_frame', connection.name);
  }

  /** A frame came out of order. Its text is content. */
  violated(connection: Connection, line: string | undefined): void {
    this.metrics.orderViolations += 1;
    this.#log.anomaly('out_of_order', connection.name);
    // All are counted; a CI that does it all the time must not crowd out what else there is to tell.
    if (this.now() - this.#toldMs < BETWEEN_INCIDENTS_MS) return;
    this.#toldMs = this.now();
    this.#runtime.violated(this.name, line);
  }

  /** How its answers are told apart may be known now: links that are of no use any more go, and others may have a place. */
  ordered(): void {
    for (const connection of [...this.#connections.serving]) {
      if (connection.session?.isSpent === true && connection.session.isEmpty) connection.leave('used_once');
      else if (connection.hasPlace) this.placeFreed(connection);
    }
  }

  /** A place is free on this connection: serve those who wait. */
  placeFreed(connection: Connection): void {
    for (let next = this.#waiting.first; next !== undefined; next = this.#waiting.first) {
      if (!this.#connections.mayTake(connection, next)) return this.#open();
      this.#waiting.remove(next);
      connection.take(next, this.now());
    }
  }

  stateChanged(connection: Connection, change: StateChange): void {
    if (change.to === 'closed') this.#connections.remove(connection);
    if (change.to === 'reconnecting') this.metrics.countLoss(change.reason);
    if (change.reason === 'connect_timeout') this.noteLinkError(dialTimedOut(this.limits.connectTimeoutMs));
    if (change.to === 'healthy') this.#connections.settled('up');
    if (change.to === 'reconnecting') {
      this.#connections.settled('failed');
      this.reuse.foundDown();
    }
    if (change.to === 'idle' && change.from !== 'reconnecting') this.#connections.lostUseful();
    this.#runtime.states.next(change);
    if (change.to === 'healthy') this.placeFreed(connection);
    else if (change.to === 'reconnecting' || change.to === 'idle') this.#wentDown(connection);
    else if (change.to === 'closed') this.#left(change.reason);
    // Last: a logger that throws must not keep requests from being served.
    this.#log.stateChanged(change, change.to === 'reconnecting' ? this.stats.linkError?.plainReason : undefined);
  }

  /** A connection is to close once its requests are over; another may take its place at once. */
  retiring(connection: Connection): void {
    this.metrics.retired += 1;
    this.leaving(connection);
    this.#log.anomaly('retired', connection.name);
  }

  /** The same, in good standing. */
  leaving(connection: Connection): void {
    this.#connections.retire(connection);
    if (this.#phase === 'open' && this.#waiting.size > 0) this.#connections.replace();
    this.#keepUp();
  }

  connectionCrashed(connection: Connection, error: unknown): void {
    this.#log.crashed(connection.name, error);
    this.#connections.remove(connection);
    // Whether it may open another is the supervisor's to say.
    this.#runtime.crashed(this);
    this.#failIfDown();
  }

  // What the supervisor decides.

  /** Opens connections again after a crash, where any are wanted. */
  restart(): void {
    this.#open();
    this.#keepUp();
  }

  quarantine(): void {
    if (this.#phase !== 'open') return;
    this.#phase = 'quarantined';
    this.#log.quarantined();
    this.#failAll();
  }

  /** Takes requests again. Returns false where there was no quarantine. */
  liftQuarantine(): boolean {
    if (this.#phase !== 'quarantined') return false;
    this.#phase = 'open';
    this.#keepUp();
    return true;
  }

  /** Ends it: what is outstanding fails with `closed`, all connections close. */
  close(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#connections.end();
    this.#endTrim();
    this.#failAll();
  }

  #place(request: PendingRequest, connection: Connection, nowMs: number): void {
    connection.take(request, nowMs);
    // Suspect, and no other has a place: one is opened beside it, or a dead link under load would never be left.
    if (connection.state === 'degraded') this.#connections.open(1);
  }

  #failAll(): void {
    const cause = once(() => refusal(this.#phase));
    for (const request of this.#waiting.toArray()) request.fail(cause());
    // What is under way is not refused: it loses its connection.
    const why = this.#phase === 'closed' ? cause : () => lost(cause().reason);
    for (const connection of [...this.#connections.all]) connection.close(why, this.#phase);
  }

  #open(): void {
    if (this.#waiting.size > 0) this.#connections.openSoon();
  }

  #keepUp(): void {
    if (this.#phase === 'open' && this.upkeep !== 'on demand') this.#connections.keepOneUp();
  }

  /** A connection is gone for good. One whose peer was only out of step is replaced without a backoff. */
  #left(reason: string): void {
    if (this.#phase !== 'open') return;
    if (reason === 'by_hand' || (reason === 'out_of_step' && this.#waiting.size > 0)) this.#connections.replace();
    else this.#open();
    this.#keepUp();
    this.#failIfDown();
  }

  #failIfDown(): void {
    if (!this.#connections.isDown) return;
    const error = unavailable(this.stats.linkError);
    for (const request of this.#waiting.toArray()) {
      // Waiting does not mend an address or a missing package.
      if (request.whenDown === 'fail' || error.code === 'invalid_config') request.fail(error);
    }
  }

  #wentDown(connection: Connection): void {
    this.#failIfDown();
    if (connection.state === 'reconnecting' && !this.wants(connection)) connection.unwant();
    else this.#open();
  }
}
