import { type Observable, Subject, takeUntil } from 'rxjs';
import type { Subscription } from 'xstate';
import type { ConnectionActor, ConnectionEvent, LinkRecord, StateEntered, Successor } from '../../machines/index.js';
import type { Channel, Clock, ConnectionState, ConnectionStatus } from '../contract/index.js';
import { type ChoragusError, dialTimedOut, lost, retired } from '../errors/index.js';
import { type Inspect, tapActor } from '../observe/inspect.js';
import type { PendingRequest } from '../request/pending-request.js';
import type { DialGate } from '../schedule/dial-gate.js';
import type { TurnBudget } from '../schedule/turn-budget.js';
import { limitAge } from './age-limit.js';
import type { ActorPorts, ConnectionMachines } from './connection-machines.js';
import type { ConnectionCi, Departure, Entered, LinkNote } from './connection-owner.js';
import { inNeutralScope } from './neutral-scope.js';
import { Session, type SessionOwner } from './session.js';
import { StateHistory } from './state-history.js';

/** What all connections of a pool share. */
export interface ConnectionParts {
  readonly clock: Clock;
  readonly random: () => number;
  readonly machines: ConnectionMachines<Connection>;
  readonly dialGate: DialGate;
  /** Schedules link-loss notifications, separately from dials. */
  readonly losses: TurnBudget;
}

/**
 * One connection: its machine, which decides the state, and its session, which carries the requests. Requests and
 * frames bypass the machine, because one event costs more than a whole request.
 */
export class Connection implements ActorPorts, SessionOwner {
  readonly name: string;
  readonly ci: ConnectionCi<Connection>;
  readonly clock: Clock;
  readonly #parts: ConnectionParts;
  readonly #actor: ConnectionActor;
  readonly #watching: Subscription;
  readonly #gone = new Subject<void>();
  readonly #history: StateHistory;
  #session: Session | undefined;
  #endAge: () => void = () => {};
  /** Creates the error that the link ends with. Lazy, because an error costs its stack. */
  #cause: (() => ChoragusError) | undefined;

  constructor(name: string, ci: ConnectionCi<Connection>, parts: ConnectionParts) {
    this.name = name;
    this.ci = ci;
    this.clock = parts.clock;
    this.#parts = parts;
    this.#history = new StateHistory(parts.clock.now());
    const { limits } = ci;
    this.#actor = parts.machines.create(this, {
      ci: ci.name,
      connection: name,
      seed: Math.floor(parts.random() * 2 ** 31),
      connectTimeoutMs: limits.connectTimeoutMs,
      reconnectDelayMs: limits.reconnectDelayMs,
      maxReconnectDelayMs: limits.maxReconnectDelayMs,
      maxMissedHeartbeats: limits.maxMissedHeartbeats,
      degradeAfterFailures: limits.degradeAfterFailures,
      provenUptimeMs: limits.provenUptimeMs,
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

  /** Returns whether its link is up and takes requests. */
  get isLinked(): boolean {
    return this.state === 'healthy' || this.state === 'degraded';
  }

  /** Returns whether its link was lost, and upkeep will redial it after a delay. */
  get isResting(): boolean {
    return this.state === 'idle' && this.#history.delayMs > 0;
  }

  get wantedBy(): 'nobody' | 'requests' | 'upkeep' {
    return this.#actor.getSnapshot().context.wantedBy;
  }

  /** Returns the number of requests in flight. */
  get inFlight(): number {
    return this.#session?.inFlight ?? 0;
  }

  /** Returns whether it can take one more request now. */
  get hasSlot(): boolean {
    return this.isLinked && this.#session?.hasSlot === true;
  }

  /** Returns whether it can close without cutting a request. */
  get isDone(): boolean {
    return this.inFlight === 0 && this.#session?.isExamined !== true;
  }

  /** Returns whether its link is up and about to have a slot: it waits to see whether the CI closes it. */
  get isSettling(): boolean {
    return this.#session?.isSettling === true;
  }

  /** Returns whether an abandoned request keeps its slot from being free. */
  get isBlocked(): boolean {
    return this.#session?.isBlocked === true;
  }

  /** Returns its current link; undefined if there is none. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** Wants a link: dials, now or when the backoff is over. */
  want(by: 'requests' | 'upkeep'): void {
    this.#actor.send({ type: 'wanted', by });
  }

  /** Dials now, without waiting for the end of the backoff: a request asks for it. */
  hurry(): void {
    this.#actor.send({ type: 'hurry' });
  }

  /** Cancels a redial that only requests wanted. */
  unwant(): void {
    this.#actor.send({ type: 'unwanted' });
  }

  /** Takes no more requests; closes when those in flight have ended. */
  retire(reason: string): void {
    const { isDone } = this;
    if (isDone) this.#cause = retired;
    this.#actor.send({ type: 'retire', reason, requests: isDone ? 'none' : 'under_way' });
  }

  /** Takes a request. Call it only if it has a slot. */
  take(request: PendingRequest, nowMs: number): void {
    this.#session?.take(request, nowMs);
  }

  /** Reports what its actors do to an observer, the current state first. Returns a function that stops it. */
  tap(observer: Inspect): () => void {
    return tapActor(this.#actor, observer);
  }

  /** Closes it for good. Requests in flight fail with `cause`. */
  close(cause: () => ChoragusError, reason: string, successor: Successor = 'when_wanted'): void {
    if (this.state === 'closed') return;
    this.#cause = cause;
    this.#session?.cut();
    this.#actor.send({ type: 'close', reason, successor });
  }

  /** @param since - When it entered its state, ms since the epoch. */
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
      history: this.#history.changes,
    };
  }

  inStateMs(nowMs: number): number {
    return nowMs - this.#history.sinceMs;
  }

  // Called by the link actor.

  permit(start: (dialled: () => void) => void): () => void {
    return this.#parts.dialGate.permit(start);
  }

  dial(): Observable<Channel> {
    const prefix = Math.floor(this.#parts.random() * 36 ** 6).toString(36);
    this.#session = new Session(this, `${prefix.padStart(6, '0')}.`);
    // A crashed machine does not stop its actors, but its socket must be closed.
    return inNeutralScope(this.ci.dial(this.#session)).pipe(takeUntil(this.#gone));
  }

  attach(channel: Channel): void {
    const session = this.#session as Session;
    session.open(channel);
    this.noted({ type: 'up', connectMs: session.upMs - session.dialledMs });
    const { clock, random } = this.#parts;
    this.#endAge = limitAge(this.ci.limits.maxConnectionAgeMs, clock, random, () => {
      this.unfit({ reason: 'retired', how: 'may' });
    });
  }

  losing(error: ChoragusError, tell: (loss: Extract<ConnectionEvent, { type: 'link.lost' }>) => void): void {
    const session = this.#session as Session;
    session.shut();
    this.#parts.losses.run(() => {
      // It was closed meanwhile, and may have another link.
      if (this.#session !== session) return;
      // This may deliver an answer that waits for its proof.
      if (error.code === 'connection_lost') session.lost();
      const record = this.record();
      const { inFlight } = this;
      this.#cause = () => error;
      this.noted({ type: 'failed', error, inFlight });
      tell({
        type: 'link.lost',
        reason: error.code,
        how: error.code === 'protocol_error' || error.code === 'reply_too_large' ? 'out_of_step' : 'down',
        // If the order was proved before, each such loss costs a request, so this cannot loop.
        isPeerKnown: record.hasAnswered || (inFlight > 0 && this.ci.ordering.probes.length > 0),
        ...record,
      });
    });
  }

  crashed(error: unknown): void {
    this.#session?.shut();
    this.#cause = () => lost('the link crashed', error);
    this.ci.crashed(this, error);
  }

  detach(): void {
    this.#endAge();
    const session = this.#session;
    const cause = this.#cause ?? this.#givenUp(session);
    this.#session = undefined;
    this.#cause = undefined;
    session?.end(cause);
  }

  // Called by the heartbeat actor.

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
    return { hasAnswered: session?.hasAnswered === true, uptimeMs: session?.uptimeMs ?? 0 };
  }

  // Called by the session.

  slotFreed(): void {
    this.ci.slotFreed(this);
  }

  released(): void {
    if (this.state !== 'retiring') this.ci.slotFreed(this);
    else if (this.isDone) this.#over();
  }

  unfit(departure: Departure): void {
    this.ci.unfit(this, departure);
  }

  noted(note: LinkNote): void {
    this.ci.noted(this, note);
  }

  /** Reports a success to the machine if it can change the state: after a failure or a silence. */
  requestSucceeded(): void {
    if (!this.isLinked) return;
    const { failuresInRow, suspicion } = this.#actor.getSnapshot().context;
    if (failuresInRow > 0 || suspicion !== 'none') this.#actor.send({ type: 'request.succeeded' });
  }

  /** Reports a failure to the machine, until it considers the connection failing. */
  requestFailed(): void {
    if (this.isLinked && this.#actor.getSnapshot().context.suspicion !== 'failing') {
      this.#actor.send({ type: 'request.failed' });
    }
  }

  suspect(): void {
    if (this.isLinked) this.#actor.send({ type: 'link.suspect' });
  }

  /** Returns the cause of a close that no error and no caller explains: a time limit. */
  #givenUp(session: Session | undefined): () => ChoragusError {
    if (session?.wasUp !== false) return () => lost('the connection was closed: it did not answer');
    const error = dialTimedOut(this.ci.limits.connectTimeoutMs);
    this.noted({ type: 'failed', error, inFlight: 0 });
    return () => error;
  }

  #over(): void {
    this.#cause = retired;
    this.#actor.send({ type: 'requests.over', reason: this.#history.reason });
  }

  #entered(entered: StateEntered): void {
    // The machine starts in `idle`, and two of its states are `idle` to the public.
    if (entered.state === this.state) return;
    if (entered.state === 'closed') this.#forget();
    this.#announce(entered);
  }

  #announce(entered: Entered): void {
    const nowMs = this.clock.now();
    this.ci.metrics.stateMs[this.state] += this.inStateMs(nowMs);
    const past = this.#history.enter(entered, nowMs);
    this.ci.stateChanged(this, { ci: this.ci.name, connection: this.name, ...past }, entered.successor);
  }

  #actorCrashed(error: unknown): void {
    this.#cause ??= () => lost('the actor of the connection crashed', error);
    this.#session?.shut();
    this.#gone.next();
    this.#forget();
    this.detach();
    this.#announce({ state: 'closed', reason: 'crashed', attempt: 0, delayMs: 0, successor: 'if_restarted' });
    this.ci.crashed(this, error);
  }

  #forget(): void {
    this.#watching.unsubscribe();
    this.#parts.machines.forget(this.name);
  }
}
