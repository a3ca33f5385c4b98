import { type Observable, Subject, takeUntil } from 'rxjs';
import { createActor, type Subscription } from 'xstate';
import type { ConnectionActor, LinkRecord, StateEntered } from '../../machines/index.js';
import type { Channel, Clock, ConnectionState, ConnectionStatus } from '../contract/index.js';
import type { ChoragusError } from '../errors/index.js';
import { lost, retired } from '../errors/index.js';
import { type Inspect, tapActor } from '../observe/inspect.js';
import type { Ci } from '../pool/ci.js';
import type { Runtime } from '../pool/runtime.js';
import type { PendingRequest } from '../request/pending-request.js';
import { limitAge } from './age-limit.js';
import type { HeartbeatPort, LinkPort } from './provide-connection.js';
import { Session, type SessionOwner } from './session.js';
import { StateHistory } from './state-history.js';

/**
 * One connection: its machine, which decides the state, and its present session, which carries the requests. Requests
 * and frames pass the machine by, because an event costs more than a whole request.
 */
export class Connection implements LinkPort, HeartbeatPort, SessionOwner {
  readonly name: string;
  readonly ci: Ci;
  readonly clock: Clock;
  readonly #runtime: Runtime;
  readonly #actor: ConnectionActor;
  readonly #watching: Subscription;
  readonly #gone = new Subject<void>();
  readonly #history: StateHistory;
  #role: 'serving' | 'retiring' = 'serving';
  /** Why it takes no more requests. */
  #leaving = 'retired';
  #session: Session | undefined;
  #endAge: () => void = () => {};
  /** Why the link goes, once that is known. Not made before it is asked for: an error costs its stack. */
  #cause: (() => ChoragusError) | undefined;

  constructor(name: string, ci: Ci, runtime: Runtime) {
    this.name = name;
    this.ci = ci;
    this.clock = runtime.clock;
    this.#runtime = runtime;
    this.#history = new StateHistory(runtime.clock.now());
    runtime.connections.set(name, this);
    this.#actor = createActor(runtime.connectionMachine, {
      id: name,
      systemId: name,
      clock: runtime.machineClock,
      inspect: runtime.inspect,
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
    this.#watching = this.#actor.subscribe({ error: (error) => this.#actorCrashed(error) });
    this.#actor.start();
  }

  get state(): ConnectionState {
    return this.#history.state;
  }

  get attempt(): number {
    return this.#history.attempt;
  }

  get isLinked(): boolean {
    return this.#session?.isUp === true;
  }

  /** Whether its link is gone, and its machine about to say so. */
  get isGoingDown(): boolean {
    return (this.state === 'healthy' || this.state === 'degraded') && !this.isLinked;
  }

  /** Whether its link was lost, and upkeep will dial it again after a while. */
  get isResting(): boolean {
    return this.state === 'idle' && this.#history.delayMs > 0;
  }

  get isRetiring(): boolean {
    return this.#role === 'retiring';
  }

  /** Requests that are outstanding. */
  get inFlight(): number {
    return this.#session?.inFlight ?? 0;
  }

  /** Whether it can take one more request now. */
  get hasPlace(): boolean {
    return this.#role === 'serving' && this.#session?.hasPlace === true;
  }

  /** Its present link, as requests see it. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Whether what keeps its place from being free is a request that was given up. */
  get isBlocked(): boolean {
    return this.#session?.isBlocked === true;
  }

  /** A link is wanted: dial, or dial again when the backoff is over. */
  connect(): void {
    this.#actor.send({ type: 'connect' });
  }

  /** A request asks for it: dial now, whatever is left of the backoff. */
  hurry(): void {
    this.#actor.send({ type: 'hurry' });
  }

  /** Nothing waits for a link any more. */
  unwant(): void {
    this.#actor.send({ type: 'release' });
  }

  /** Takes a request; only while it has a place. */
  take(request: PendingRequest, nowMs: number): void {
    this.#session?.take(request, nowMs);
  }

  /** Has an observer told of what its actors go through from now on, the present state first. Returns what ends that. */
  tap(observer: Inspect): () => void {
    return tapActor(this.#actor, observer);
  }

  /** Ends it for good. Whatever is outstanding fails with `cause`. */
  close(cause: () => ChoragusError, reason: string): void {
    if (this.state === 'closed') return;
    this.#cause ??= cause;
    this.#session?.cut();
    this.#actor.send({ type: 'close', reason });
  }

  /** `since` is the wall-clock time at which it came into its state. */
  status(since: number): ConnectionStatus {
    return {
      connection: this.name,
      state: this.state,
      since,
      attempt: this.attempt,
      delayMs: this.#history.delayMs,
      inFlight: this.inFlight,
      abandoned: this.#session?.abandoned ?? 0,
      correlation: this.#session?.isEchoing === true ? 'byId' : 'ordered',
      isRetiring: this.isRetiring,
      history: this.#history.history,
    };
  }

  inStateMs(nowMs: number): number {
    return nowMs - this.#history.sinceMs;
  }

  // What the link actor asks.

  permit(start: (dialled: () => void) => void): () => void {
    return this.#runtime.dialGate.permit(start);
  }

  dial(): Observable<Channel> {
    const prefix = Math.floor(this.#runtime.random() * 36 ** 6).toString(36);
    this.#session = new Session(this, `${prefix.padStart(6, '0')}.`);
    // A crashed machine does not stop its actors: its socket must go all the same.
    return this.ci.dial(this.#session).pipe(takeUntil(this.#gone));
  }

  attach(channel: Channel): void {
    const session = this.#session as Session;
    session.open(channel);
    this.ci.linkUp(session.upMs - session.dialledMs);
    this.#endAge = limitAge(this, this.#runtime);
  }

  losing(error: ChoragusError, tell: (record: LinkRecord) => void): void {
    // An answer that waits for its proof may be handed on by this.
    if (error.code === 'connection_lost') this.#session?.lost();
    const record = this.record();
    const isOutOfStep = error.code === 'protocol_error' || error.code === 'reply_too_large';
    const { inFlight } = this;
    // Where its order was proved before, each such loss costs a request: that is no loop.
    const isKnown = this.#session?.hasAnswered === true || (inFlight > 0 && this.ci.ordering.probes.length > 0);
    this.#session?.shut();
    this.#cause = () => error;
    this.ci.noteLinkError(error, inFlight);
    // A peer that answers, and once says what nobody asked, is not down: it is replaced, without a backoff. One that has
    // answered nothing yet backs off like any that cannot be talked to.
    if (isOutOfStep && isKnown) this.close(this.#cause, 'out_of_step');
    else this.#runtime.losses.run(() => tell(record));
  }

  crashed(error: unknown): void {
    this.#session?.shut();
    this.#cause = () => lost('the link crashed', error);
    this.ci.linkCrashed(this, error);
  }

  detach(): void {
    this.#endAge();
    const session = this.#session;
    const cause = this.#cause ?? (() => lost('the connection was given up: it did not answer'));
    this.#session = undefined;
    this.#cause = undefined;
    session?.end(cause);
  }

  // What the heartbeat actor asks.

  get healthIntervalMs(): number {
    return this.ci.limits.healthIntervalMs;
  }

  get heartbeatTimeoutMs(): number {
    return this.ci.limits.heartbeatTimeoutMs;
  }

  isBusy(): boolean {
    return this.#session?.isBusy === true;
  }

  lastByteMs(): number {
    return this.#session?.lastByteMs ?? 0;
  }

  ping(): void {
    this.#session?.ping();
  }

  record(): LinkRecord {
    const session = this.#session;
    const uptimeMs = session?.isUp === true ? this.clock.now() - session.upMs : 0;
    const isUseful = session?.hasAnswered === true;
    const isProven = isUseful && uptimeMs >= this.ci.limits.provenUptimeMs;
    const record = isProven ? 'proven' : isUseful ? 'useful' : 'unproven';
    return { record, demand: this.ci.wants(this) ? 'wanted' : 'unwanted' };
  }

  // What the session tells.

  placeFreed(): void {
    this.ci.placeFreed(this);
  }

  released(): void {
    if (this.#role === 'retiring') this.#closeIfDone();
    else this.ci.placeFreed(this);
  }

  strayed(): void {
    this.ci.strayed(this);
  }

  violated(line: string | undefined): void {
    this.ci.violated(this, line);
  }

  /** One that has nothing to do closes at once; of the others, a bounded number may linger. */
  get mayRetire(): boolean {
    return this.#isDone || this.ci.mayRetire;
  }

  get mayLinger(): boolean {
    return this.ci.mayRetire;
  }

  /** Takes no more requests; closes once those that it has are over. */
  retire(): void {
    if (this.#role === 'retiring') return;
    if (!this.mayRetire) {
      const message = 'the connection was given up: its peer is out of step, and too many others retire already';
      return this.close(() => lost(message), 'out_of_step');
    }
    this.#role = 'retiring';
    this.ci.retiring(this);
    this.#closeIfDone();
  }

  /** The same in good standing: it did what it was opened for. It stays where too many others linger: then it is asked again when its request is over. */
  leave(reason: string): void {
    if (this.#role === 'retiring' || this.state === 'closed' || !this.mayRetire) return;
    this.#role = 'retiring';
    this.#leaving = reason;
    this.ci.leaving(this);
    this.#closeIfDone();
  }

  succeeded(): void {
    if (this.state === 'degraded') this.#actor.send({ type: 'requests.succeeding' });
  }

  failed(): void {
    // A retiring one may have closed with this very request.
    if (this.state !== 'closed') this.#actor.send({ type: 'requests.failing' });
  }

  get #isDone(): boolean {
    return this.inFlight === 0 && this.#session?.isExamined !== true;
  }

  #closeIfDone(): void {
    if (this.#isDone) this.close(retired, this.#leaving);
  }

  #entered(entered: StateEntered): void {
    const nowMs = this.clock.now();
    this.ci.metrics.stateMs[this.state] += this.inStateMs(nowMs);
    const past = this.#history.enter(entered, nowMs);
    if (entered.state === 'closed') this.#forget();
    this.ci.stateChanged(this, { ci: this.ci.name, connection: this.name, ...past });
  }

  #actorCrashed(error: unknown): void {
    this.#cause ??= () => lost('the actor of the connection crashed', error);
    this.#history.state = 'closed';
    this.#session?.shut();
    this.#gone.next();
    this.#forget();
    this.detach();
    this.ci.connectionCrashed(this, error);
  }

  #forget(): void {
    this.#watching.unsubscribe();
    this.#runtime.connections.delete(this.name);
  }
}
