import { type Observable, Subject, takeUntil } from 'rxjs';
import { createActor, type Subscription } from 'xstate';
import type { ConnectionActor, LinkRecord, StateEntered } from '../../machines/index.js';
import type { HeartbeatPort, LinkPort } from '../actors/index.js';
import type { Channel, ChannelSink, Clock, ConnectionState, ConnectionStatus, Frame } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import type { Verdict } from '../protocol/awaiting.js';
import { Correlator } from '../protocol/correlator.js';
import type { Ci } from './ci.js';
import type { PendingRequest } from './pending-request.js';
import { Ping } from './ping.js';
import type { Runtime } from './runtime.js';

/** After this many dropped frames the peer is talking to nobody: the connection is replaced. */
const MAX_STRAY_FRAMES = 10_000;

/**
 * One connection as requests see it: which state it is in, how many more it can take, who is answered. Its machine
 * decides the state; requests and frames pass it by, because an event costs more than a whole request.
 */
export class Connection implements LinkPort, HeartbeatPort, ChannelSink {
  readonly name: string;
  readonly clock: Clock;
  readonly healthIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly #ci: Ci;
  readonly #runtime: Runtime;
  readonly #actor: ConnectionActor;
  readonly #watching: Subscription;
  readonly #gone = new Subject<void>();
  #state: ConnectionState = 'idle';
  #sinceMs: number;
  #attempt = 0;
  #channel: Channel | undefined;
  #correlator: Correlator;
  #cause: ChoragusError | undefined;
  #role: 'serving' | 'retiring' = 'serving';
  #lastByteMs = 0;
  #failuresInRow = 0;
  #strayFrames = 0;
  #ping: Ping | undefined;
  #graceTimer: unknown;
  /** When the present link was dialled, and came up. */
  dialledMs = 0;
  upMs = 0;
  /** Requests handed to the present link. */
  carried = 0;
  /** Answers had from the present link. */
  answered = 0;

  constructor(name: string, ci: Ci, runtime: Runtime) {
    this.name = name;
    this.clock = runtime.clock;
    this.healthIntervalMs = ci.limits.healthIntervalMs;
    this.heartbeatTimeoutMs = ci.limits.heartbeatTimeoutMs;
    this.#ci = ci;
    this.#runtime = runtime;
    this.#sinceMs = runtime.clock.now();
    this.#correlator = this.#newCorrelator();
    runtime.connections.set(name, this);
    this.#actor = createActor(runtime.connectionMachine, {
      id: name,
      systemId: name,
      clock: runtime.machineClock,
      input: {
        ci: ci.name,
        connection: name,
        seed: Math.floor(runtime.random() * 2 ** 31),
        connectTimeoutMs: ci.limits.connectTimeoutMs,
        reconnectDelayMs: ci.limits.reconnectDelayMs,
        maxReconnectDelayMs: ci.limits.maxReconnectDelayMs,
        maxMissedHeartbeats: ci.limits.maxMissedHeartbeats,
      },
    });
    this.#actor.on('state.entered', (entered) => this.#entered(entered));
    this.#watching = this.#actor.subscribe({ error: (error) => this.#crashed(error) });
    this.#actor.start();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get isLinked(): boolean {
    return this.#channel !== undefined;
  }

  get isRetiring(): boolean {
    return this.#role === 'retiring';
  }

  /** Requests that are outstanding, a ping not counted. */
  get inFlight(): number {
    return this.#correlator.live - (this.#ping === undefined ? 0 : 1);
  }

  /** Requests that were given up and whose replies are owed. */
  get tombstones(): number {
    return this.#correlator.tombstones;
  }

  /** Whether it can take one more request now. */
  get hasPlace(): boolean {
    return (
      this.#channel?.isWritable === true &&
      this.#role === 'serving' &&
      this.#correlator.canTake(this.#ci.limits.pipelining, this.#ci.limits.maxInFlight)
    );
  }

  /** Whether what keeps its place from being free is a request that was given up. */
  get isBlocked(): boolean {
    return this.#channel !== undefined && !this.#correlator.isEchoing && this.#correlator.tombstones > 0;
  }

  /** A link is wanted: dial, or dial again when the backoff is over. */
  connect(): void {
    this.#actor.send({ type: 'connect' });
  }

  /** Nothing waits for a link any more. */
  unwant(): void {
    this.#actor.send({ type: 'release' });
  }

  /** Ends it for good. Whatever is outstanding fails with `cause`. */
  close(cause: ChoragusError, reason: string): void {
    if (this.#state === 'closed') return;
    this.#cause ??= cause;
    this.#actor.send({ type: 'close', reason });
  }

  /** Takes no more requests; closes once those that it has are over. */
  retire(): void {
    if (this.#role === 'retiring') return;
    this.#role = 'retiring';
    this.#ci.retiring(this);
    this.#closeIfDone();
  }

  /** Takes a request: it is written at the end of the tick. */
  take(request: PendingRequest, nowMs: number): void {
    request.placed(this, this.#correlator.add(request), nowMs);
    this.carried += 1;
    (this.#channel as Channel).send(request);
  }

  /** A request is over. What may have been written and was not answered leaves a tombstone. */
  release(number: number, stage: 'placed' | 'sent', nowMs: number): void {
    if (stage === 'placed') this.#correlator.withdraw(number);
    else this.#correlator.abandon(number, nowMs);
    if (this.#correlator.tombstones > 0) this.#watchTombstones(nowMs);
    if (this.#role === 'retiring') this.#closeIfDone();
    else this.#ci.placeFreed(this);
  }

  idOf(number: number): string {
    return this.#correlator.idOf(number);
  }

  /** A request on this connection got what it asked for. */
  succeeded(): void {
    this.answered += 1;
    this.#failuresInRow = 0;
    if (this.#state === 'degraded') this.#actor.send({ type: 'requests.succeeding' });
  }

  /** A request on this connection timed out, or was answered with an error. */
  failed(): void {
    this.#failuresInRow += 1;
    if (this.#failuresInRow < this.#ci.limits.degradeAfterFailures || this.#state !== 'healthy') return;
    this.#actor.send({ type: 'requests.failing' });
  }

  status(toWallMs: (clockMs: number) => number): ConnectionStatus {
    return {
      connection: this.name,
      state: this.#state,
      since: toWallMs(this.#sinceMs),
      attempt: this.#attempt,
      inFlight: this.inFlight,
      tombstones: this.#correlator.tombstones,
      manner: this.#correlator.isEchoing ? 'echoing' : 'fifo',
      isRetiring: this.isRetiring,
    };
  }

  /** How long the present state has lasted. */
  inStateMs(nowMs: number): number {
    return nowMs - this.#sinceMs;
  }

  // What the link actor asks.

  permit(start: (dialled: () => void) => void): () => void {
    return this.#runtime.dialGate.permit((dialled) => {
      this.dialledMs = this.clock.now();
      start(dialled);
    });
  }

  dial(): Observable<Channel> {
    // A crashed machine does not stop its actors: its socket must go all the same.
    return this.#ci.dial(this).pipe(takeUntil(this.#gone));
  }

  attach(channel: Channel): void {
    this.upMs = this.clock.now();
    this.#lastByteMs = this.upMs;
    this.carried = 0;
    this.answered = 0;
    this.#failuresInRow = 0;
    this.#strayFrames = 0;
    this.#correlator = this.#newCorrelator();
    this.#cause = undefined;
    this.#channel = channel;
    this.#ci.linkUp(this.upMs - this.dialledMs);
  }

  losing(error: ChoragusError): LinkRecord {
    const record = this.record();
    this.#channel = undefined;
    this.#cause = error;
    this.#ci.noteError(error);
    return record;
  }

  crashed(error: unknown): void {
    this.#channel = undefined;
    this.#cause = new ChoragusError('connection_lost', 'the link crashed', { ci: this.#ci.name, cause: error });
    this.#ci.linkCrashed(this);
  }

  detach(): void {
    this.#channel = undefined;
    this.clock.clearTimeout(this.#graceTimer);
    this.#graceTimer = undefined;
    this.#ping = undefined;
    const cause =
      this.#cause ?? new ChoragusError('connection_lost', 'the connection was given up: it no longer answered');
    this.#cause = undefined;
    for (const request of this.#correlator.drain()) request.failed(cause);
  }

  // What the heartbeat actor asks.

  isBusy(): boolean {
    return this.inFlight > 0;
  }

  lastByteMs(): number {
    return this.#lastByteMs;
  }

  ping(): void {
    if (this.#ping !== undefined || this.#channel === undefined) return;
    const ping = new Ping(() => {
      this.#ping = undefined;
    });
    this.#ping = ping;
    ping.place(this.idOf(this.#correlator.add(ping)));
    this.#channel.send(ping);
  }

  record(): LinkRecord {
    const isProven = this.answered > 0 && this.clock.now() - this.upMs >= this.#ci.limits.provenUptimeMs;
    return { record: isProven ? 'proven' : 'unproven', demand: this.#ci.wants(this) ? 'wanted' : 'unwanted' };
  }

  // What the channel tells.

  alive(): void {
    this.#lastByteMs = this.clock.now();
  }

  frame(frame: Frame): void {
    const strays = this.#ci.strayFrames;
    const verdict = this.#correlator.receive(frame);
    if (this.#ci.strayFrames !== strays) this.#noteStray();
    if (verdict !== 'fine') this.#sentence(verdict);
  }

  drained(): void {
    this.#ci.placeFreed(this);
  }

  #newCorrelator(): Correlator {
    const prefix = Math.floor(this.#runtime.random() * 36 ** 6).toString(36);
    return new Correlator(`${prefix.padStart(6, '0')}.`, this.#ci.metrics);
  }

  #noteStray(): void {
    this.#ci.strayed(this);
    this.#strayFrames += 1;
    if (this.#strayFrames > MAX_STRAY_FRAMES) this.retire();
  }

  #sentence(verdict: Exclude<Verdict, 'fine'>): void {
    if (verdict === 'retire') return this.retire();
    // Thrown into the channel's data handler, which ends the link with it.
    throw new ChoragusError(
      'protocol_error',
      'an answer came that nobody had asked for, or that could be for several',
      {
        ci: this.#ci.name,
      },
    );
  }

  /** A tombstone on a FIFO wire blocks its place; it may do so for `lateReplyGraceMs`, then the connection is retired. */
  #watchTombstones(nowMs: number): void {
    const { lateReplyGraceMs, maxInFlight } = this.#ci.limits;
    if (this.#correlator.tombstones * 2 >= maxInFlight && this.#correlator.isEchoing) return this.retire();
    if (this.#correlator.isEchoing || this.#graceTimer !== undefined) return;
    const oldestMs = this.#correlator.oldestTombstoneMs() ?? nowMs;
    const check = (): void => {
      this.#graceTimer = undefined;
      const oldest = this.#correlator.oldestTombstoneMs();
      if (oldest === undefined || this.#correlator.isEchoing) return;
      if (this.clock.now() - oldest >= lateReplyGraceMs) this.retire();
      else this.#watchTombstones(this.clock.now());
    };
    const delayMs = Math.max(oldestMs + lateReplyGraceMs - nowMs, 0);
    this.#graceTimer = this.clock.setTimeout(() => this.clock.afterIo(check), delayMs, 'background');
  }

  #closeIfDone(): void {
    if (this.inFlight > 0) return;
    this.close(new ChoragusError('closed', 'the connection was retired'), 'retired');
  }

  #entered(entered: StateEntered): void {
    const nowMs = this.clock.now();
    const from = this.#state;
    this.#ci.metrics.stateMs[from] += nowMs - this.#sinceMs;
    this.#state = entered.state;
    this.#sinceMs = nowMs;
    this.#attempt = entered.attempt;
    if (entered.state === 'closed') this.#forget();
    this.#ci.stateChanged(this, {
      ci: this.#ci.name,
      connection: this.name,
      from,
      to: entered.state,
      reason: entered.reason,
      attempt: entered.attempt,
      delayMs: entered.delayMs,
      at: Date.now(),
    });
  }

  #crashed(error: unknown): void {
    this.#cause ??= new ChoragusError('connection_lost', 'the actor of the connection crashed', { cause: error });
    this.#state = 'closed';
    this.#gone.next();
    this.detach();
    this.#forget();
    this.#ci.connectionCrashed(this);
  }

  #forget(): void {
    this.#watching.unsubscribe();
    this.#runtime.connections.delete(this.name);
  }
}
