import type { ConnectionState } from '../../contract/index.js';
import type { CiChange, CiRow, ConnectionRow, Transition } from '../feed/records.js';

/** Most transitions of one CI that are newer than its row. The next row contains them. */
const MOST_MOVES = 256;

/**
 * Combines the rows and the transitions of one CI. They arrive in any order: of two statements about a connection, the one
 * with the larger number holds.
 */
export class KnownCi {
  /** The number of the newest row; -1 before the first. */
  #rowSeq = -1;
  /** Transitions newer than the row, by connection, oldest first. */
  readonly #moves = new Map<string, Transition>();
  #row: CiRow | undefined;

  /** The CI's newest state; `undefined` before its first row. */
  get row(): CiRow | undefined {
    return this.#row;
  }

  /** The transitions that are newer than the newest row, and already part of `row`. */
  get moves(): readonly Transition[] {
    return [...this.#moves.values()];
  }

  /** Takes a whole row. Drops it if a newer one is known. */
  state(row: CiRow): void {
    if (row.seq < this.#rowSeq) return;
    // Fields that it lacks are absent now, too.
    this.#row = undefined;
    this.change(row);
  }

  /** Takes the changed fields of a row. Drops them if a newer row is known, or none. */
  change(change: CiChange): void {
    // A new CI's change has all fields.
    if (change.seq < this.#rowSeq || (this.#row === undefined && change.connections === undefined)) return;
    this.#rowSeq = change.seq;
    for (const [name, { seq }] of this.#moves) if (seq <= change.seq) this.#moves.delete(name);
    let row = { ...this.#row, ...change } as CiRow;
    for (const move of this.#moves.values()) row = moved(row, move);
    this.#row = row;
  }

  /** Takes a transition. Drops it if the row, or another transition of the connection, is newer. */
  move(transition: Transition): void {
    const { connection, seq } = transition;
    if (seq <= this.#rowSeq || seq <= (this.#moves.get(connection)?.seq ?? -1)) return;
    // At the end: the oldest is the first to go.
    this.#moves.delete(connection);
    this.#moves.set(connection, transition);
    if (this.#moves.size > MOST_MOVES) this.#moves.delete(this.#moves.keys().next().value as string);
    if (this.#row !== undefined) this.#row = moved(this.#row, transition);
  }

  /** Lets the next row hold whatever its number: another stream counts from another start. */
  restart(): void {
    this.#rowSeq = -1;
    this.#moves.clear();
  }
}

/** Returns a CI with a connection in its new state. */
function moved(row: CiRow, { connection: name, to, at, attempt, delayMs }: Transition): CiRow {
  const others = row.connections.filter(({ connection }) => connection !== name);
  const index = row.connections.findIndex(({ connection }) => connection === name);
  const known = row.connections[index] ?? newConnection(name);
  const now = { ...known, state: to, since: at, attempt, delayMs };
  const connections =
    to === 'closed'
      ? others
      : index < 0
        ? [...others, now]
        : row.connections.map((one, i) => (i === index ? now : one));
  if (row.state === 'quarantined') return { ...row, connections };
  const best = bestOf(connections);
  if (best === undefined) return { ...row, connections, state: 'idle', since: at };
  const since = best.state === row.state ? row.since : best.since;
  return { ...row, connections, state: best.state, since, attempt: connections.length === 1 ? attempt : row.attempt };
}

/** Returns the connection in the best state, as the pool ranks them. */
function bestOf(connections: readonly ConnectionRow[]): ConnectionRow | undefined {
  let best: ConnectionRow | undefined;
  for (const one of connections) if (best === undefined || rank[one.state] > rank[best.state]) best = one;
  return best;
}

const rank: Readonly<Record<ConnectionState, number>> = {
  closed: 0,
  idle: 1,
  retiring: 2,
  reconnecting: 3,
  connecting: 4,
  degraded: 5,
  healthy: 6,
};

function newConnection(connection: string): ConnectionRow {
  return {
    connection,
    state: 'idle',
    since: 0,
    attempt: 0,
    delayMs: 0,
    inFlight: 0,
    abandoned: 0,
    correlation: 'ordered',
  };
}
