import type { Connection } from '../connection/connection.js';
import type { Clock, ConnectionState, Limits } from '../contract/index.js';
import type { PendingRequest } from '../request/pending-request.js';
import type { TurnBudget } from '../schedule/turn-budget.js';
import { DialPace } from './dial-pace.js';
import { type Placing, sharedLinks } from './placing.js';

/** The connections of one CI: those that serve, and those that retire. */
export class ConnectionSet {
  readonly #limits: () => Limits;
  readonly #waiting: () => number;
  readonly #turns: TurnBudget;
  readonly #pace: DialPace;
  readonly #make: (number: number) => Connection;
  readonly #serving: Connection[] = [];
  readonly #retiring = new Set<Connection>();
  #made = 0;
  /** Which of them may carry which request. */
  placing: Placing = sharedLinks;
  #opening: 'due' | 'not due' = 'not due';
  /** Links that were lost after they had been of use, and are not dialled again. */
  #lost = 0;
  /** Whether the first dial after such a loss is under way: it finds out whether the CI is still up. */
  #redial: 'none' | 'made' = 'none';

  /** `waiting` tells how many requests wait for a place; `make` makes the connection with this number, from 1 on. */
  constructor(
    limits: () => Limits,
    waiting: () => number,
    { openings, clock }: { readonly openings: TurnBudget; readonly clock: Clock },
    make: (number: number) => Connection,
  ) {
    this.#limits = limits;
    this.#waiting = waiting;
    this.#turns = openings;
    this.#pace = new DialPace(clock, () => limits().minRedialIntervalMs);
    this.#make = make;
  }

  /** All of them, those that retire included. */
  get all(): readonly Connection[] {
    return this.#retiring.size === 0 ? this.#serving : [...this.#serving, ...this.#retiring];
  }

  /** The one that a warm CI keeps up. */
  get first(): Connection | undefined {
    return this.#serving[0];
  }

  /** Whether a connection is up, so that who waits waits for a place and not for a link. */
  get isLinked(): boolean {
    return this.#serving.some((connection) => connection.isLinked);
  }

  /** Whether one more may retire. */
  get mayRetire(): boolean {
    return this.#retiring.size < this.#most;
  }

  /** Down: none is up or on its way, and the backoff of the last failure runs. */
  get isDown(): boolean {
    let isDown = false;
    for (const { state } of this.#serving) {
      if (state === 'healthy' || state === 'degraded' || state === 'connecting') return false;
      if (state === 'reconnecting') isDown = true;
    }
    return isDown;
  }

  /** The best state among them; `idle` without any. */
  get state(): ConnectionState {
    let best: ConnectionState = 'idle';
    for (const { state } of this.#serving) if (goodness[state] > goodness[best]) best = state;
    return best;
  }

  /** Those that serve. */
  get serving(): readonly Connection[] {
    return this.#serving;
  }

  get #most(): number {
    return this.#limits().maxConnections;
  }

  /** The one for a request, if one has a place. */
  pick(request: PendingRequest): Connection | undefined {
    return this.placing.pick(this.#serving, request, this.#most);
  }

  /** Whether this one may take a request now. */
  mayTake(connection: Connection, request: PendingRequest): boolean {
    return this.placing.mayTake(connection, request, this.#serving, this.#most);
  }

  /** The same as `open`, in a turn that has time for it; how many wait is asked then. */
  openSoon(): void {
    if (this.#opening === 'due') return;
    this.#opening = 'due';
    this.#turns.run(() => {
      this.#opening = 'not due';
      const wanted = this.#waiting();
      if (wanted > 0) this.open(wanted);
    });
  }

  /** A dial begins. */
  dialled(): void {
    this.#pace.dialled();
  }

  /** A link was lost that had been of use. */
  lostUseful(): void {
    this.#lost = Math.min(this.#lost + 1, this.#most);
  }

  /** A dial has ended. */
  settled(how: 'up' | 'failed'): void {
    this.#redial = 'none';
    // From now on it has a backoff.
    if (how === 'failed') this.#lost = 0;
  }

  /** A request came while the CI is down: dials out of turn, if the last dial is long enough ago, or (`soon`) as soon as it is. */
  hurry(when: 'now' | 'soon'): void {
    if (when === 'soon') this.#pace.early(() => this.#waiting() > 0 && this.#dialEarly());
    else if (this.#pace.isEarlyDue) this.#dialEarly();
  }

  /** Nothing will be dialled any more. */
  end(): void {
    this.#pace.end();
  }

  /** Opens as many as those who wait could use, within bounds. */
  open(waiting: number): void {
    if (this.#lost > 0) this.#pace.redial(() => this.#openLost());
    else this.#open(waiting);
  }

  /** One at a time, so that no loop is hot in which a peer answers once and leaves. */
  #openLost(): void {
    if (this.#waiting() === 0) return;
    this.#lost = Math.max(this.#lost - 1, 0);
    this.#redial = 'made';
    this.#open(1);
  }

  #open(waiting: number): void {
    let onTheirWay = 0;
    let idle = 0;
    // While another is up, the CI is not down: what became of one link says nothing of the next.
    const mayBeDown = !this.isLinked;
    for (const connection of this.#serving) {
      // It probes whether the CI is back: until that is known, one dial is enough.
      if (connection.state === 'connecting' && mayBeDown && (connection.attempt > 0 || this.#redial === 'made')) return;
      if (connection.state === 'connecting' || connection.session?.isSettling === true) onTheirWay += 1;
      // Its backoff is the CI's: another connection opened meanwhile would go round it.
      else if (connection.state === 'reconnecting' && mayBeDown) return connection.connect();
      // Losing its link this moment: what becomes of it is about to be known.
      else if (connection.isGoingDown && mayBeDown) return;
      else if (connection.state === 'idle') idle += 1;
    }
    if (idle > 0) onTheirWay += this.#wake(waiting - onTheirWay);
    while (onTheirWay < waiting && this.#serving.length < this.#most) {
      this.#add().connect();
      onTheirWay += 1;
    }
    if (onTheirWay === 0) this.#retireOneBlocked();
  }

  /** Opens one in the place of one that left in good standing, whatever the others do: no backoff is owed for it. */
  replace(): void {
    const idle = this.#serving.find(({ state }) => state === 'idle');
    if (idle !== undefined) idle.connect();
    else if (this.#serving.length < this.#most) this.#add().connect();
  }

  /** Tells those that back off, and that nothing wants, to dial no more. */
  unwant(isUnwanted: (connection: Connection) => boolean): void {
    for (const connection of this.#serving) {
      if (connection.state === 'reconnecting' && isUnwanted(connection)) connection.unwant();
    }
  }

  /** Opens the first, or tells it that it is wanted. */
  keepOneUp(): void {
    const { first } = this;
    if (first?.isResting !== true) (first ?? this.#add()).connect();
  }

  /** The same, and now, though it rests. */
  openOne(): void {
    (this.first ?? this.#add()).connect();
  }

  /** A serving one is to close once its requests are over; another may take its place. */
  retire(connection: Connection): void {
    this.remove(connection);
    this.#retiring.add(connection);
  }

  remove(connection: Connection): void {
    this.#retiring.delete(connection);
    const index = this.#serving.indexOf(connection);
    if (index !== -1) this.#serving.splice(index, 1);
  }

  #dialEarly(): void {
    if (!this.isDown) return;
    this.#serving.find(({ state }) => state === 'reconnecting')?.hurry();
  }

  /** Opens up to so many of those that are idle, and returns how many. */
  #wake(most: number): number {
    const idle = this.#serving.filter(({ state }) => state === 'idle').slice(0, Math.max(most, 0));
    for (const connection of idle) connection.connect();
    return idle.length;
  }

  /** All places are taken, one of them by a request that was given up: better a new connection than its late reply. */
  #retireOneBlocked(): void {
    for (const connection of this.#serving) {
      if (connection.isBlocked && connection.mayRetire) return connection.retire();
    }
  }

  #add(): Connection {
    this.#made += 1;
    const connection = this.#make(this.#made);
    this.#serving.push(connection);
    return connection;
  }
}

const goodness: Readonly<Record<ConnectionState, number>> = {
  closed: 0,
  idle: 1,
  reconnecting: 2,
  connecting: 3,
  degraded: 4,
  healthy: 5,
};
