import type { Observable } from 'rxjs';
import type { Successor } from '../../machines/index.js';
import type { Connection } from '../connection/connection.js';
import type { ConnectionCi, Departure, LinkNote } from '../connection/connection-owner.js';
import { OrderJudge } from '../connection/order-judge.js';
import { Reuse } from '../connection/reuse.js';
import type {
  Channel,
  ChannelSink,
  ConnectionState,
  Dial,
  Limits,
  Pool,
  ReplyMode,
  StateChange,
  Transport,
} from '../contract/index.js';
import {
  type ChoragusError,
  failuresOfPeer,
  lost,
  overloaded,
  refusal,
  type Timings,
  unavailable,
} from '../errors/index.js';
import { publishLateReply, publishState } from '../observe/channels.js';
import { CiLog } from '../observe/log.js';
import type { CiMetrics } from '../observe/metrics.js';
import type { RequestTrace } from '../observe/request-trace.js';
import type { AbortWatch } from '../request/abort-watch.js';
import type { ExchangeTaps } from '../request/exchange-taps.js';
import type { PendingRequest } from '../request/pending-request.js';
import type { RequestCi, RequestSession } from '../request/request-ports.js';
import { RequestStats } from '../request/request-stats.js';
import { defaultTerms, type RequestTerms } from '../request/request-terms.js';
import { WaitQueue } from '../request/wait-queue.js';
import type { DeadlineWheel } from '../schedule/deadline-wheel.js';
import { once } from '../schedule/once.js';
import type { CiParts } from './ci-parts.js';
import { ConnectionSet, type SetOwner } from './connection-set.js';
import type { CiSettings } from './options.js';
import { Outage } from './outage.js';
import { OwnLinks } from './placing.js';
import { trimIdle } from './trim.js';

/** For each CI, at most one incident about answers out of order is reported in this time, in ms. */
const BETWEEN_INCIDENTS_MS = 1_000;

/** One CI of a pool: joins its connections, the requests that wait for a slot, and the counters of both. */
export class Ci implements ConnectionCi<Connection>, RequestCi, SetOwner {
  readonly name: string;
  readonly url: string;
  limits: Limits;
  readonly transport: Transport;
  /** Whether requests carry the trace context. */
  readonly isTraceSent: boolean;
  /** The terms of requests without options. */
  terms: Readonly<Record<ReplyMode, RequestTerms>>;
  /** The counters of its requests. */
  readonly stats: RequestStats;
  readonly metrics: CiMetrics;
  readonly sinceMs: number;
  readonly aborts: AbortWatch;
  readonly wheel: DeadlineWheel;
  readonly exchanges: ExchangeTaps;
  readonly ordering: OrderJudge;
  readonly reuse = new Reuse();
  /** The names of the options that it was given itself. */
  readonly given: ReadonlySet<string>;
  readonly #parts: CiParts;
  readonly #dial: Dial;
  readonly #log: CiLog;
  readonly #waiting = new WaitQueue<PendingRequest>();
  readonly #connections: ConnectionSet;
  readonly #outage = new Outage();
  /** As the supervisor announced it. */
  #standing: 'admitted' | 'quarantined' | 'removing' | 'closed' = 'admitted';
  #endTrim: () => void = () => {};
  /** When an answer out of order was last reported. */
  #reportedMs = Number.NEGATIVE_INFINITY;

  constructor(name: string, settings: CiSettings, transport: Transport, parts: CiParts) {
    const { url, tls, headers, apiKey, limits } = settings;
    const { clock } = parts;
    this.name = name;
    // Snapshots show it, and the part before an @ is secret.
    this.url = url.replace(/\/\/[^/@]*@/, '//…@');
    this.limits = limits;
    this.given = settings.given;
    this.ordering = new OrderJudge(settings.ordering ?? parts.ordering, () => clock.now());
    this.terms = defaultTerms(limits);
    this.sinceMs = clock.now();
    this.#parts = parts;
    this.aborts = parts.aborts;
    this.wheel = parts.wheel;
    this.exchanges = parts.exchanges;
    this.stats = new RequestStats(parts.durations);
    this.metrics = this.stats.metrics;
    this.#log = new CiLog(parts.logger, name, clock);
    const { maxReplyBytes, connectTimeoutMs } = limits;
    this.transport = transport;
    this.isTraceSent = settings.traceContext ?? transport.traceContext === true;
    this.#dial = transport.prepare({ ci: name, url, tls, headers, apiKey, maxReplyBytes, connectTimeoutMs });
    this.#connections = new ConnectionSet(this, parts.openings, clock, (number) => parts.connect(this, number));
  }

  get connections(): readonly Connection[] {
    return this.#connections.all;
  }

  get isLinked(): boolean {
    return this.#connections.isLinked;
  }

  get mayRetire(): boolean {
    return this.#connections.mayRetire;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get state(): ConnectionState | 'quarantined' {
    const { state } = this.#connections;
    return this.isOpen ? state : this.#standing === 'quarantined' ? 'quarantined' : 'closed';
  }

  /** Returns the number of requests sent and not settled. */
  get inFlight(): number {
    return this.connections.reduce((sum, { inFlight }) => sum + inFlight, 0);
  }

  get ageMs(): number {
    return this.now() - this.sinceMs;
  }

  /** Returns when it lost its last usable connection, ms since the epoch; undefined if it is not down. */
  get downSince(): number | undefined {
    return this.#outage.since;
  }

  now(): number {
    return this.#parts.clock.now();
  }

  get pool(): Pool {
    return this.#parts.pool;
  }

  /** Takes a request: gives it a slot, queues it, or fails it at once. */
  admit(request: PendingRequest, nowMs: number, trace?: RequestTrace): void {
    this.stats.begun();
    this.wheel.add(request);
    if (trace !== undefined && !request.begins(trace)) return;
    if (!this.isOpen) return request.fail(refusal(this.#standing));
    if (this.#waiting.size === 0) {
      const connection = this.#connections.pick(request);
      if (connection !== undefined) return this.#place(request, connection, nowMs);
    }
    const { isDown } = this.#connections;
    if (request.whenDown === 'fail' && isDown) {
      this.#connections.review({ hurry: 'now' });
      return request.fail(unavailable(this.stats.linkError));
    }
    if (this.#waiting.size >= this.limits.maxWaiting) return request.fail(overloaded(this.limits.maxWaiting));
    request.waits();
    this.#waiting.push(request);
    this.#connections.reviewSoon();
    if (isDown) this.#connections.review({ hurry: 'soon' });
  }

  /** Dials, and keeps a connection up from now on. */
  warm(): void {
    this.#connections.review({ upkeep: 'asked' });
  }

  /** Gives each of its requests its own link from now on, as far as these limits allow, and keeps one link up. */
  carry(limits: Limits): void {
    this.limits = limits;
    this.terms = defaultTerms(limits);
    this.#connections.placing = new OwnLinks(() => this.now());
    this.#endTrim = trimIdle(this.#connections, this.#parts.clock);
    this.warm();
  }

  // Called by its requests.

  leaveQueue(request: PendingRequest): void {
    this.#waiting.remove(request);
    if (this.#waiting.size === 0) this.#connections.review();
  }

  succeeded(timings: Timings, session: RequestSession): void {
    session.succeeded();
    this.stats.succeeded(timings);
  }

  failed(error: ChoragusError, session: RequestSession | undefined): void {
    if (failuresOfPeer.has(error.code)) session?.failed(error.code);
    this.stats.failed(error);
  }

  cancelled(): void {
    this.stats.cancelled();
  }

  // Called by its connections.

  dial(sink: ChannelSink): Observable<Channel> {
    this.#connections.dialled();
    return this.#dial(sink);
  }

  stateChanged(connection: Connection, change: StateChange, successor: Successor): void {
    const { from, to, reason } = change;
    this.#connections.changed(connection, from, to);
    this.#noteOutage(from, change.at, to === 'reconnecting' || successor === 'if_restarted');
    if (to === 'reconnecting') {
      this.metrics.countLoss(reason);
      this.reuse.foundDown();
    }
    this.#parts.states.next(change);
    publishState(this.pool, change);
    if (to === 'healthy') this.slotFreed(connection);
    else if (to !== 'connecting' && to !== 'degraded') this.#lostOne(successor);
    // Last, because a logger that throws must not keep requests from being served.
    this.#log.stateChanged(change, to === 'reconnecting' ? this.stats.linkError?.plainReason : undefined);
  }

  slotFreed(connection: Connection): void {
    for (let next = this.#waiting.first; next !== undefined; next = this.#waiting.first) {
      if (!this.#connections.mayTake(connection, next)) return this.#connections.reviewSoon();
      this.#waiting.remove(next);
      connection.take(next, this.now());
    }
  }

  unfit(connection: Connection, departure: Departure): void {
    this.#connections.unfit(connection, departure);
  }

  noted(connection: Connection, note: LinkNote): void {
    switch (note.type) {
      case 'up':
        return this.metrics.countConnect(note.connectMs);
      case 'failed':
        this.stats.linkFailed(note.error);
        return this.#connections.placing.linkDied?.(note.inFlight);
      case 'stray frame':
        if (note.isLate) publishLateReply(this.pool, this.name, connection.name);
        return this.#log.anomaly('stray_frame', connection.name);
      case 'out of order':
        return this.#violated(connection, note.line);
      case 'order learnt':
        return this.#ordered();
    }
  }

  crashed(connection: Connection, error: unknown): void {
    this.#log.crashed(connection.name, error);
    // The supervisor decides whether the CI may open another.
    this.#parts.crashed(this);
  }

  // Called by its set of connections.

  get isOpen(): boolean {
    return this.#standing === 'admitted' || this.#standing === 'removing';
  }

  get patient(): number {
    return this.#waiting.patient;
  }

  get isKeptUp(): boolean {
    return this.#standing === 'admitted' && this.#parts.isKeptUp(this.name);
  }

  get isUndiallable(): boolean {
    return this.stats.linkError?.code === 'invalid_config';
  }

  failWaiting(which: 'impatient' | 'all'): void {
    const error = once(() => unavailable(this.stats.linkError));
    for (const request of this.#waiting.toArray()) {
      if (which === 'all' || request.whenDown === 'fail') request.fail(error());
    }
  }

  retires(connection: Connection, { how }: Departure): void {
    if (how === 'done') return;
    this.metrics.retired += 1;
    this.#log.anomaly('retired', connection.name);
  }

  // Called by the supervisor's decisions.

  /** Opens connections again after a crash. Returns whether any was wanted. */
  restart(): boolean {
    const before = this.connections.length;
    this.#connections.review({ turn: 'now' });
    const isRestarted = this.connections.length > before;
    if (!isRestarted) this.#noteOutage();
    return isRestarted;
  }

  quarantine(): void {
    if (this.#standing === 'closed') return;
    this.#standing = 'quarantined';
    this.#log.quarantined();
    this.#failAll();
    this.#outage.blocked(Date.now());
  }

  /** Takes requests again: its quarantine was lifted. */
  readmit(): void {
    if (this.#standing !== 'quarantined') return;
    this.#standing = 'admitted';
    this.#connections.review();
    this.#noteOutage();
  }

  /** Finishes the requests that it has, after its removal from the pool. It is no longer kept up. */
  leave(): void {
    if (this.#standing === 'admitted') this.#standing = 'removing';
  }

  /** Closes all connections; outstanding requests fail with `closed`. */
  close(): void {
    if (this.#standing === 'closed') return;
    this.#standing = 'closed';
    this.#connections.end();
    this.#endTrim();
    this.#failAll();
  }

  /** Notes a change of a connection's state, or without arguments, that a connection may be no longer wanted. */
  #noteOutage(from: ConnectionState = 'idle', at = Date.now(), isFailure = false): void {
    const isWanted = this.isOpen ? this.waiting > 0 || this.isKeptUp : this.#standing === 'quarantined';
    this.#outage.changed({ from, states: this.connections, isWanted, isFailure, at });
  }

  #place(request: PendingRequest, connection: Connection, nowMs: number): void {
    connection.take(request, nowMs);
    // Only a suspect link has a slot: opens another beside it, or a dead link under load would be used for ever.
    if (connection.state === 'degraded') this.#connections.review({ besideSuspect: true });
  }

  #failAll(): void {
    const cause = once(() => refusal(this.#standing));
    for (const request of this.#waiting.toArray()) request.fail(cause());
    // Requests in flight were not refused: they lose their connection.
    const why = this.#standing === 'closed' ? cause : () => lost(cause().reason);
    for (const connection of [...this.connections]) connection.close(why, this.#standing);
  }

  /** Handles a connection that takes no more requests: another may have to replace it. */
  #lostOne(successor: Successor): void {
    // After a crash, the supervisor decides whether to open another.
    if (successor === 'if_restarted') return;
    const isReplaced = successor === 'at_once' || (successor === 'if_requests_wait' && this.waiting > 0);
    this.#connections.review(isReplaced ? { successors: 1 } : {});
  }

  /** Handles a frame that came out of order. Its text is content. */
  #violated(connection: Connection, line: string | undefined): void {
    this.metrics.orderViolations += 1;
    this.#log.anomaly('out_of_order', connection.name);
    // All are counted, but one CI must not crowd out other incidents.
    if (this.now() - this.#reportedMs < BETWEEN_INCIDENTS_MS) return;
    this.#reportedMs = this.now();
    this.#parts.violated(this.name, line);
  }

  /** Acts on new knowledge of the ordering: retires links that are used up, and serves those with a free slot. */
  #ordered(): void {
    for (const connection of [...this.connections]) {
      const { session } = connection;
      if (session?.isSpent === true && session.isEmpty) connection.unfit({ reason: 'used_once', how: 'done' });
      else if (connection.hasSlot) this.slotFreed(connection);
    }
  }
}
