import type { Connection } from '../connection/connection.js';
import type { Departure } from '../connection/connection-owner.js';
import type { Clock, ConnectionState, Limits } from '../contract/index.js';
import { lost } from '../errors/index.js';
import type { PendingRequest } from '../request/pending-request.js';
import type { TurnBudget } from '../schedule/turn-budget.js';
import { type CiView, type ConnectionView, isDown, isFull, plan, type Step } from './dial-plan.js';
import { type Placing, sharedLinks } from './placing.js';

/** During a backoff, requests may cause one dial of their CI in this time, in ms. */
const BETWEEN_EARLY_DIALS_MS = 1_000;

/** What the connections of a CI need of it. */
export interface SetOwner {
  readonly limits: Limits;
  /** Whether it may have connections: it is neither quarantined nor closed. */
  readonly isOpen: boolean;
  /** Number of requests that wait for a slot. */
  readonly waiting: number;
  /** Number of those that wait, however long the CI is down. */
  readonly patient: number;
  readonly isKeptUp: boolean;
  /** Whether the last dial failed because its address or wire can never work. */
  readonly isUndiallable: boolean;
  failWaiting(which: 'impatient' | 'all'): void;
  /** Reports that a connection takes no more requests. */
  retires(connection: Connection, departure: Departure): void;
}

/** What happened since the last plan. */
export interface Occasion {
  readonly turn?: 'now';
  /** A connection closed, and the CI is not at fault. */
  readonly successors?: 1;
  /** A request had to take a suspect link. */
  readonly besideSuspect?: true;
  /** `warm()` asks for a dial. */
  readonly upkeep?: 'asked';
  /** A request asks for a dial during the backoff. */
  readonly hurry?: 'now' | 'soon';
}

/** Holds the connections of one CI: carries out the dial plan, and gives it the facts. */
export class ConnectionSet {
  readonly #ci: SetOwner;
  readonly #turns: TurnBudget;
  readonly #clock: Clock;
  readonly #make: (number: number) => Connection;
  readonly #all: Connection[] = [];
  #made = 0;
  /** Decides which connection may carry which request. */
  placing: Placing = sharedLinks;
  /** Connections that should take no more requests. */
  #departures: Map<Connection, Departure> | undefined;
  #turn: 'due' | 'not due' = 'not due';
  #timer: { readonly handle: unknown; readonly dueMs: number } | undefined;
  #phase: 'idle' | 'reviewing' | 'ended' = 'idle';
  /** What happened while a plan was carried out. */
  #occasions: Occasion[] = [];
  #lostLinks = 0;
  #isRedialling = false;
  #hurry: CiView['hurry'] = 'no';
  #lastDialMs = Number.NEGATIVE_INFINITY;
  #lastRedialMs = Number.NEGATIVE_INFINITY;

  /** @param make - Creates the connection with this number, from 1 on. */
  constructor(ci: SetOwner, turns: TurnBudget, clock: Clock, make: (number: number) => Connection) {
    this.#ci = ci;
    this.#turns = turns;
    this.#clock = clock;
    this.#make = make;
  }

  /** Returns all connections, the retiring ones included. */
  get all(): readonly Connection[] {
    return this.#all;
  }

  /** Returns the connections that take requests, or will. */
  get serving(): readonly Connection[] {
    return this.#retiring === 0 ? this.#all : this.#all.filter(({ state }) => state !== 'retiring');
  }

  /** Returns whether a connection is up: a request then waits for capacity, not for a dial. */
  get isLinked(): boolean {
    return this.#all.some(({ isLinked }) => isLinked);
  }

  get isDown(): boolean {
    return isDown(this.#all);
  }

  /** Returns whether one more connection may retire. */
  get mayRetire(): boolean {
    return this.#retiring < this.#ci.limits.maxConnections;
  }

  /** Returns the best state among them; `idle` if there are none. */
  get state(): ConnectionState {
    let best: ConnectionState = 'idle';
    for (const { state } of this.#all) if (rank[state] > rank[best]) best = state;
    return best;
  }

  /** Returns the connection for a request, if one has a slot for it. */
  pick(request: PendingRequest): Connection | undefined {
    return this.placing.pick(this.#all, request, this.#ci.limits.maxConnections);
  }

  /** Returns whether this connection may take a request now. */
  mayTake(connection: Connection, request: PendingRequest): boolean {
    return this.placing.mayTake(connection, request, this.#all, this.#ci.limits.maxConnections);
  }

  /** Notes that a dial begins. */
  dialled(): void {
    this.#lastDialMs = this.#clock.now();
  }

  /** Notes that a connection should take no more requests. */
  unfit(connection: Connection, departure: Departure): void {
    const { state } = connection;
    if (state === 'retiring' || state === 'closed') return;
    this.#departures ??= new Map();
    // A `must` overrides an earlier `may`: it does not wait for room.
    if (!this.#departures.has(connection) || departure.how === 'must') this.#departures.set(connection, departure);
    this.review();
  }

  /** Notes what a change of state says about the CI. */
  changed(connection: Connection, from: ConnectionState, to: ConnectionState): void {
    if (to === 'closed') this.#all.splice(this.#all.indexOf(connection), 1);
    // A reason to retire ends with its link.
    if (to !== 'degraded' && to !== 'healthy') this.#departures?.delete(connection);
    if (to === 'healthy' && from === 'connecting') this.#isRedialling = false;
    if (to === 'reconnecting') {
      this.#isRedialling = false;
      // From now on it has a backoff.
      this.#lostLinks = 0;
    }
    if (to === 'idle' && from !== 'reconnecting') {
      this.#lostLinks = Math.min(this.#lostLinks + 1, this.#ci.limits.maxConnections);
    }
  }

  /** Plans in the next turn of the event loop that has time for dials. */
  reviewSoon(): void {
    // A busy CI asks this for each request: a plan costs ten times as much.
    if (this.#turn === 'due' || (!this.#isAnyLeaving && isFull(this.#all, this.#ci.limits.maxConnections))) return;
    this.#turn = 'due';
    this.#turns.run(() => {
      this.#turn = 'not due';
      if (this.#ci.waiting > 0) this.review({ turn: 'now' });
    });
  }

  /** Plans, and carries out the plan. During another review, runs right after it. */
  review(occasion: Occasion = {}): void {
    if (this.#phase === 'ended') return;
    if (occasion.hurry === 'soon') this.#hurry = 'soon';
    this.#occasions.push(occasion);
    if (this.#phase === 'reviewing') return;
    this.#phase = 'reviewing';
    try {
      while (this.#occasions.length > 0) this.#carryOut(this.#occasions.splice(0));
    } finally {
      if (this.#phase === 'reviewing') this.#phase = 'idle';
      this.#occasions.length = 0;
    }
  }

  /** Stops all dials. */
  end(): void {
    this.#phase = 'ended';
    this.#clock.clearTimeout(this.#timer?.handle);
  }

  get #retiring(): number {
    let count = 0;
    for (const { state } of this.#all) if (state === 'retiring') count += 1;
    return count;
  }

  get #isAnyLeaving(): boolean {
    return this.#departures !== undefined && this.#departures.size > 0;
  }

  #carryOut(occasions: readonly Occasion[]): void {
    // A copy, because the steps change the list.
    const connections = [...this.serving];
    for (const step of plan(this.#view(connections, occasions))) {
      // A step can cause a crash that quarantines the CI, or a callback that closes it.
      if (!this.#ci.isOpen) return;
      this.#take(
        step,
        'connection' in step && step.connection !== undefined ? connections[step.connection] : undefined,
      );
    }
  }

  #view(connections: readonly Connection[], occasions: readonly Occasion[]): CiView {
    const { limits, isOpen, waiting, patient, isKeptUp, isUndiallable } = this.#ci;
    const nowMs = this.#clock.now();
    if (waiting === 0) this.#hurry = 'no';
    return {
      isOpen,
      waiting,
      patient,
      besideSuspect: occasions.some(({ besideSuspect }) => besideSuspect === true),
      upkeep: !isKeptUp ? 'none' : occasions.some(({ upkeep }) => upkeep === 'asked') ? 'asked' : 'kept',
      maxConnections: limits.maxConnections,
      connections: connections.map((connection) => this.#viewOf(connection)),
      retiring: this.#retiring,
      successors: occasions.filter(({ successors }) => successors === 1).length,
      lostLinks: this.#lostLinks,
      redialInMs: Math.max(this.#lastRedialMs + limits.minRedialIntervalMs - nowMs, 0),
      isRedialling: this.#isRedialling,
      hurry: occasions.some(({ hurry }) => hurry === 'now') ? 'now' : this.#hurry,
      hurryInMs: Math.max(this.#lastDialMs + BETWEEN_EARLY_DIALS_MS - nowMs, 0),
      isUndiallable,
      turn: occasions.some(({ turn }) => turn === 'now') ? 'now' : 'later',
    };
  }

  #viewOf(connection: Connection): ConnectionView {
    const { state, attempt, wantedBy, isResting, isDone, isSettling, isBlocked } = connection;
    return {
      state,
      attempt,
      wantedBy,
      isResting,
      isDone,
      isSettling,
      isBlocked,
      departure: this.#departures?.get(connection),
    };
  }

  #take(step: Step, connection: Connection | undefined): void {
    switch (step.do) {
      case 'open':
        return this.#open().want(step.by);
      case 'wake':
        return connection?.want(step.by);
      case 'replace':
        return (connection ?? this.#open()).want('requests');
      case 'hurry':
        if (this.#hurry === 'soon') this.#hurry = 'no';
        return connection?.hurry();
      case 'unwant':
        return connection?.unwant();
      case 'retire':
        return this.#retire(connection as Connection, step.departure);
      case 'cut':
        return connection?.close(() => lost(CUT), 'out_of_step', 'if_requests_wait');
      case 'fail waiting':
        return this.#ci.failWaiting(step.which);
      case 'redial':
        this.#lostLinks = Math.max(this.#lostLinks - 1, 0);
        this.#isRedialling = true;
        this.#lastRedialMs = this.#clock.now();
        return;
      case 'plan again':
        return step.when === 'in a turn' ? this.reviewSoon() : this.#reviewIn(step.when);
    }
  }

  #open(): Connection {
    this.#made += 1;
    const connection = this.#make(this.#made);
    this.#all.push(connection);
    // Plans once more, so that the new connection is kept up.
    if (this.#ci.isKeptUp) this.#occasions.push({});
    return connection;
  }

  #retire(connection: Connection, departure: Departure): void {
    this.#departures?.delete(connection);
    this.#ci.retires(connection, departure);
    connection.retire(departure.reason);
  }

  #reviewIn(delayMs: number): void {
    const dueMs = this.#clock.now() + delayMs;
    if (this.#timer !== undefined && this.#timer.dueMs <= dueMs) return;
    this.#clock.clearTimeout(this.#timer?.handle);
    const strike = (): void => {
      this.#timer = undefined;
      this.review({ turn: 'now' });
    };
    this.#timer = { handle: this.#clock.setTimeout(strike, delayMs, 'background'), dueMs };
  }
}

const CUT = 'the connection was closed: its peer is out of step, and too many others retire already';

const rank: Readonly<Record<ConnectionState, number>> = {
  closed: 0,
  idle: 1,
  retiring: 2,
  reconnecting: 3,
  connecting: 4,
  degraded: 5,
  healthy: 6,
};
