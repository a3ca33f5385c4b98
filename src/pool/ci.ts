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
import { CiLog } from '../observe/log.js';
import type { CiMetrics } from '../observe/metrics.js';
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
import { OwnLinks } from './placing.js';
import { trimIdle } from './trim.js';

/** Answers out of order are reported as incidents at most once in this time for each CI, in ms. */
const BETWEEN_INCIDENTS_MS = 1_000;

/** One CI of a pool: joins its connections, the requests that wait for a slot on one, and the account of both. */
export class Ci implements ConnectionCi<Connection>, RequestCi, SetOwner {
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
  readonly wheel: DeadlineWheel;
  readonly exchanges: ExchangeTaps;
  readonly ordering: OrderJudge;
  readonly reuse = new Reuse();
  /** The names of its own options that were given. */
  readonly given: ReadonlySet<string>;
  readonly #parts: CiParts;
  readonly #dial: Dial;
  readonly #log: CiLog;
  readonly #waiting = new WaitQueue<PendingRequest>();
  readonly #connections: ConnectionSet;
  /** As the supervisor has announced it. */
  #standing: 'admitted' | 'quarantined' | 'removing' | 'closed' = 'admitted';
  #endTrim: () => void = () => {};
  /** When an answer out of order was last reported. */
  #reportedMs = Number.NEGATIVE_INFINITY;

  constructor(name: string, settings: CiSettings, transport: Transport, parts: CiParts) {
    const { url, tls, headers, apiKey, limits } = settings;
    const { clock } = parts;
    this.name = name;
    // Snapshots show it; what stands before an @ is secret.
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

  now(): number {
    return this.#parts.clock.now();
  }

  /** Takes a request: places it, lets it wait, or fails it at once. */
  admit(request: PendingRequest, nowMs: number): void {
    this.stats.begun();
    this.wheel.add(request);
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

  /** From now on its requests have links of their own, as far as these limits go, and one stays up. */
  carry(limits: Limits): void {
    this.limits = limits;
    this.terms = defaultTerms(limits);
    this.#connections.placing = new OwnLinks(() => this.now());
    this.#endTrim = trimIdle(this.#connections, this.#parts.clock);
    this.warm();
  }

  // What its requests tell.

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

  // What its connections tell.

  dial(sink: ChannelSink): Observable<Channel> {
    this.#connections.dialled();
    return this.#dial(sink);
  }

  stateChanged(connection: Connection, change: StateChange, successor: Successor): void {
    const { from, to, reason } = change;
    this.#connections.changed(connection, from, to);
    if (to === 'reconnecting') {
      this.metrics.countLoss(reason);
      this.reuse.foundDown();
    }
    this.#parts.states.next(change);
    if (to === 'healthy') this.slotFreed(connection);
    else if (to !== 'connecting' && to !== 'degraded') this.#lostOne(successor);
    // Last: a logger that throws must not keep requests from being served.
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
        this.metrics.connects += 1;
        return this.metrics.durations.connect.record(note.connectMs);
      case 'failed':
        this.stats.linkFailed(note.error);
        return this.#connections.placing.linkDied?.(note.inFlight);
      case 'stray frame':
        return this.#log.anomaly('stray_frame', connection.name);
      case 'out of order':
        return this.#violated(connection, note.line);
      case 'order learnt':
        return this.#ordered();
    }
  }

  crashed(connection: Connection, error: unknown): void {
    this.#log.crashed(connection.name, error);
    // The supervisor decides whether it may open another.
    this.#parts.crashed(this);
  }

  // What its set of connections needs.

  get isOpen(): boolean {
    return this.#standing === 'admitted' || this.#standing === 'removing';
  }

  get patient(): number {
    return this.#waiting.toArray().filter(({ whenDown }) => whenDown === 'wait').length;
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

  // What the supervisor decides.

  /** Opens connections again after a crash. Returns whether any was wanted. */
  restart(): boolean {
    const before = this.connections.length;
    this.#connections.review({ turn: 'now' });
    return this.connections.length > before;
  }

  quarantine(): void {
    if (this.#standing === 'closed') return;
    this.#standing = 'quarantined';
    this.#log.quarantined();
    this.#failAll();
  }

  /** Its quarantine is lifted: takes requests again. */
  readmit(): void {
    if (this.#standing !== 'quarantined') return;
    this.#standing = 'admitted';
    this.#connections.review();
  }

  /** It was removed from the pool: finishes what it has, and is not kept up any more. */
  leave(): void {
    if (this.#standing === 'admitted') this.#standing = 'removing';
  }

  /** Ends it: what is outstanding fails with `closed`, all connections close. */
  close(): void {
    if (this.#standing === 'closed') return;
    this.#standing = 'closed';
    this.#connections.end();
    this.#endTrim();
    this.#failAll();
  }

  #place(request: PendingRequest, connection: Connection, nowMs: number): void {
    connection.take(request, nowMs);
    // Suspect, and no other has a slot: one is opened beside it, or a dead link under load would never be left.
    if (connection.state === 'degraded') this.#connections.review({ besideSuspect: true });
  }

  #failAll(): void {
    const cause = once(() => refusal(this.#standing));
    for (const request of this.#waiting.toArray()) request.fail(cause());
    // What is under way is not refused: it loses its connection.
    const why = this.#standing === 'closed' ? cause : () => lost(cause().reason);
    for (const connection of [...this.connections]) connection.close(why, this.#standing);
  }

  /** A connection takes no more requests: another may have to take its place. */
  #lostOne(successor: Successor): void {
    // Whether it opens another after a crash is the supervisor's decision.
    if (successor === 'if_restarted') return;
    const isReplaced = successor === 'at_once' || (successor === 'if_requests_wait' && this.waiting > 0);
    this.#connections.review(isReplaced ? { successors: 1 } : {});
  }

  /** A frame came out of order. Its text is content. */
  #violated(connection: Connection, line: string | undefined): void {
    this.metrics.orderViolations += 1;
    this.#log.anomaly('out_of_order', connection.name);
    // All are counted; a CI that does it all the time must not crowd out other incidents.
    if (this.now() - this.#reportedMs < BETWEEN_INCIDENTS_MS) return;
    this.#reportedMs = this.now();
    this.#parts.violated(this.name, line);
  }

  /** How its answers are matched may be known now: retires links that are used up, and serves those with a free slot. */
  #ordered(): void {
    for (const connection of [...this.connections]) {
      const { session } = connection;
      if (session?.isSpent === true && session.isEmpty) connection.unfit({ reason: 'used_once', how: 'done' });
      else if (connection.hasSlot) this.slotFreed(connection);
    }
  }
}
