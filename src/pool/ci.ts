import type { Observable } from 'rxjs';
import type { Channel, ChannelSink, ConnectionState, ErrorSummary, Limits, StateChange } from '../contract/index.js';
import type { Dial } from '../contract/transport.js';
import { ChoragusError, type Timings } from '../errors/index.js';
import { CiLog } from '../observe/log.js';
import { CiMetrics } from '../observe/metrics.js';
import { Connection } from './connection.js';
import type { CiSettings } from './options.js';
import { notSent, type PendingRequest } from './pending-request.js';
import { pick } from './pick.js';
import type { Runtime } from './runtime.js';
import { WaitQueue } from './wait-queue.js';

/** One CI of a pool: its connections, and the requests that wait for a place on one. */
export class Ci {
  readonly name: string;
  readonly url: string;
  readonly limits: Limits;
  readonly metrics = new CiMetrics();
  /** When it was made, on the clock. */
  readonly sinceMs: number;
  readonly #runtime: Runtime;
  readonly #dial: Dial;
  readonly #log: CiLog;
  readonly #waiting = new WaitQueue<PendingRequest>();
  readonly #connections: Connection[] = [];
  readonly #retiring = new Set<Connection>();
  #phase: 'open' | 'quarantined' | 'closed' = 'open';
  /** Requests between subscription and settlement. */
  #outstanding = 0;
  #made = 0;
  #isWarm = false;
  #lastError: ErrorSummary | undefined;
  #onIdle: (() => void) | undefined;

  constructor(name: string, settings: CiSettings, runtime: Runtime) {
    this.name = name;
    this.url = settings.url;
    this.limits = settings.limits;
    this.#runtime = runtime;
    this.sinceMs = runtime.clock.now();
    this.#log = new CiLog(runtime.logger, name, runtime.clock);
    const { url, tls } = settings;
    this.#dial = runtime.prepare({ ci: name, url, tls, maxReplyBytes: settings.limits.maxReplyBytes });
  }

  /** All its connections, those that retire included. */
  get connections(): readonly Connection[] {
    return this.#retiring.size === 0 ? this.#connections : [...this.#connections, ...this.#retiring];
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get outstanding(): number {
    return this.#outstanding;
  }

  get lastError(): ErrorSummary | undefined {
    return this.#lastError;
  }

  get isQuarantined(): boolean {
    return this.#phase === 'quarantined';
  }

  /** Whether a connection is up, so that who waits waits for a place and not for a link. */
  get isLinked(): boolean {
    return this.#connections.some((connection) => connection.isLinked);
  }

  /** Frames that were dropped, of all kinds. */
  get strayFrames(): number {
    return this.metrics.lateReplies + this.metrics.duplicates + this.metrics.unsolicited;
  }

  now(): number {
    return this.#runtime.clock.now();
  }

  /** Takes a request: places it, lets it wait, or fails it at once. */
  admit(request: PendingRequest, nowMs: number): void {
    this.#outstanding += 1;
    this.watch(request);
    if (this.#phase !== 'open') return request.fail(this.#refusal());
    if (this.#waiting.size === 0) {
      const connection = pick(this.#connections);
      if (connection !== undefined) return connection.take(request, nowMs);
    }
    if (request.whenDown === 'fail' && this.#isDown()) return request.fail(this.#unavailable());
    if (this.#waiting.size >= this.limits.maxWaiting) {
      return request.fail(
        notSent('overloaded', `${this.limits.maxWaiting} requests wait already (maxWaiting)`, this.name, 'queue'),
      );
    }
    this.#waiting.push(request);
    this.#open();
  }

  /** Keeps a connection up from now on, whether or not a request wants it. */
  warm(): void {
    this.#isWarm = true;
    if (this.#phase === 'open') this.#keepWarm();
  }

  /** Whether anything wants this connection's link. */
  wants(connection: Connection): boolean {
    if (this.#phase !== 'open' || connection.isRetiring) return false;
    return this.#waiting.size > 0 || (this.#isWarm && this.#connections[0] === connection);
  }

  watch(request: PendingRequest): void {
    this.#runtime.wheel.add(request);
  }

  unwatch(request: PendingRequest): void {
    this.#runtime.wheel.remove(request);
  }

  leaveQueue(request: PendingRequest): void {
    this.#waiting.remove(request);
  }

  // How requests end.

  succeeded(timings: Timings, connection: Connection): void {
    this.metrics.succeeded += 1;
    this.metrics.queue.record(timings.queuedMs);
    this.metrics.service.record(timings.serviceMs);
    connection.succeeded();
    this.ended();
  }

  failed(error: ChoragusError, connection: Connection | undefined): void {
    this.metrics.countFailure(error);
    this.noteError(error);
    if (connection !== undefined && (error.code === 'deadline_exceeded' || error.code === 'ci_error'))
      connection.failed();
    this.ended();
  }

  cancelled(): void {
    this.metrics.cancelled += 1;
    this.ended();
  }

  /** A request is over, however. */
  ended(): void {
    this.#outstanding -= 1;
    if (this.#outstanding === 0) this.#onIdle?.();
  }

  // What the connections tell.

  dial(sink: ChannelSink): Observable<Channel> {
    return this.#dial(sink);
  }

  linkUp(connectMs: number): void {
    this.metrics.connects += 1;
    this.metrics.connect.record(connectMs);
  }

  /** A place is free on this connection: serve those who wait. */
  placeFreed(connection: Connection): void {
    if (this.#waiting.size === 0) return;
    while (connection.hasPlace) {
      const request = this.#waiting.shift();
      if (request === undefined) return;
      connection.take(request, this.now());
    }
    this.#open();
  }

  stateChanged(connection: Connection, change: StateChange): void {
    if (change.to === 'closed') this.#remove(connection);
    if (change.to === 'reconnecting') {
      this.metrics.countLoss(change.reason);
      if (change.reason === 'connect_timeout') {
        this.noteError(
          notSent('unavailable', `cannot connect: no connection within ${this.limits.connectTimeoutMs} ms`, this.name),
        );
      }
    }
    this.#log.stateChanged(change);
    this.#runtime.states.next(change);
    if (change.to === 'healthy') this.placeFreed(connection);
    if (change.to === 'reconnecting' || change.to === 'idle') this.#wentDown(connection);
  }

  /** A connection is to close once its requests are over; another may take its place at once. */
  retiring(connection: Connection): void {
    this.metrics.retired += 1;
    this.#log.anomaly('retired', { connection: connection.name });
    this.#leaveServing(connection);
    this.#retiring.add(connection);
    this.#open();
    if (this.#isWarm && this.#phase === 'open') this.#keepWarm();
  }

  connectionCrashed(connection: Connection): void {
    this.#log.anomaly('crashed', { connection: connection.name, error: this.#lastError });
    this.#remove(connection);
    this.#runtime.crashed(this.name);
  }

  linkCrashed(connection: Connection): void {
    this.#log.anomaly('crashed', { connection: connection.name });
    this.#runtime.crashed(this.name);
  }

  strayed(connection: Connection): void {
    this.#log.anomaly('stray_frame', { connection: connection.name });
  }

  /** Keeps the last failure for the snapshot: the code, and our own words only, never the peer's. */
  noteError(error: ChoragusError): void {
    const message = error.code === 'ci_error' ? '[ci_error] the CI answered with an error' : error.message;
    this.#lastError = { code: error.code, message, at: Date.now() };
  }

  // What the supervisor decides.

  /** Opens connections again after a crash, where any are wanted. */
  restart(): void {
    if (this.#phase !== 'open') return;
    this.#open();
    if (this.#isWarm) this.#keepWarm();
  }

  quarantine(): void {
    if (this.#phase !== 'open') return;
    this.#phase = 'quarantined';
    this.#log.quarantined();
    this.#failAll(this.#refusal());
  }

  /** Resolves once nothing is outstanding. */
  idle(): Promise<void> {
    if (this.#outstanding === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** Ends it: what is outstanding fails with `closed`, all connections close. */
  close(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#failAll(this.#refusal());
  }

  #failAll(cause: ChoragusError): void {
    for (const request of this.#waiting.toArray()) request.fail(cause);
    for (const connection of [...this.connections]) connection.close(cause, this.#phase);
  }

  #refusal(): ChoragusError {
    if (this.#phase === 'quarantined') {
      return new ChoragusError('unavailable', 'the CI is quarantined: its connections crashed too often');
    }
    return new ChoragusError('closed', 'the CI was removed, or the pool closed');
  }

  /** Down: nothing is up or on its way, and the backoff of the last failure runs. */
  #isDown(): boolean {
    let isDown = false;
    for (const { state } of this.#connections) {
      if (state === 'healthy' || state === 'degraded' || state === 'connecting') return false;
      if (state === 'reconnecting') isDown = true;
    }
    return isDown;
  }

  #unavailable(): ChoragusError {
    const reason = this.#lastError === undefined ? '' : `: ${this.#lastError.message.replace(/^\[\w+\] /, '')}`;
    return new ChoragusError('unavailable', `the CI is down${reason}`, { ci: this.name, phase: 'connect' });
  }

  /** Opens as many connections as those who wait could use, within bounds. */
  #open(): void {
    if (this.#phase !== 'open' || this.#waiting.size === 0) return;
    let onTheirWay = 0;
    for (const connection of this.#connections) {
      if (connection.state === 'connecting') onTheirWay += 1;
      // Its backoff is the CI's: another connection opened meanwhile would go round it.
      else if (connection.state === 'reconnecting') return connection.connect();
    }
    for (const connection of this.#connections) {
      if (onTheirWay >= this.#waiting.size) return;
      if (connection.state !== 'idle') continue;
      connection.connect();
      onTheirWay += 1;
    }
    while (onTheirWay < this.#waiting.size && this.#connections.length < this.limits.maxConnections) {
      this.#make().connect();
      onTheirWay += 1;
    }
    if (onTheirWay === 0) this.#retireOneBlocked();
  }

  /** All places are taken, one of them by a request that was given up: better a new connection than its late reply. */
  #retireOneBlocked(): void {
    if (this.#retiring.size >= this.limits.maxConnections) return;
    const blocked = this.#connections.find((connection) => connection.isBlocked);
    blocked?.retire();
  }

  #keepWarm(): void {
    const [first] = this.#connections;
    (first ?? this.#make()).connect();
  }

  #make(): Connection {
    this.#made += 1;
    const connection = new Connection(`${this.name}#${this.#made}`, this, this.#runtime);
    this.#connections.push(connection);
    return connection;
  }

  #wentDown(connection: Connection): void {
    if (this.#isDown()) {
      const error = this.#unavailable();
      for (const request of this.#waiting.toArray()) {
        if (request.whenDown === 'fail') request.fail(error);
      }
    }
    if (connection.state === 'reconnecting' && !this.wants(connection)) connection.unwant();
    else this.#open();
  }

  #remove(connection: Connection): void {
    this.#retiring.delete(connection);
    this.#leaveServing(connection);
    this.#open();
  }

  #leaveServing(connection: Connection): void {
    const index = this.#connections.indexOf(connection);
    if (index !== -1) this.#connections.splice(index, 1);
  }

  /** The best state among its connections. */
  get state(): ConnectionState | 'quarantined' {
    if (this.#phase === 'quarantined') return 'quarantined';
    if (this.#phase === 'closed') return 'closed';
    for (const state of bestFirst) {
      if (this.#connections.some((connection) => connection.state === state)) return state;
    }
    return 'idle';
  }
}

const bestFirst = ['healthy', 'degraded', 'connecting', 'reconnecting'] as const;
