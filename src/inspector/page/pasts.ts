import type { PastTransition } from '../feed/records.js';

/** Most past transitions of one connection. The page keeps more than the service. */
const MOST_OF_ONE = 256;
/** Most closed connections whose past is kept. */
const MOST_CLOSED = 1_000;

/** Keeps the past transitions of the connections: each once, although the whole state repeats some. */
export class Pasts {
  readonly #all = new Map<string, readonly PastTransition[]>();
  /** The number of the newest transition in each list. */
  readonly #seqs = new Map<string, number>();
  /** Closed connections, in the order of their ends. */
  readonly #closed = new Set<string>();

  get all(): ReadonlyMap<string, readonly PastTransition[]> {
    return this.#all;
  }

  /** Adds a transition, unless the list contains it. */
  push(connection: string, past: PastTransition, seq: number): void {
    if (seq <= (this.#seqs.get(connection) ?? -1)) return;
    const known = this.#all.get(connection) ?? [];
    this.#set(connection, [...known.slice(1 - MOST_OF_ONE), past], seq);
    if (past.to === 'closed') this.#close(connection);
  }

  /** Takes the list of a row, and keeps what is older than it. */
  take(connection: string, list: readonly PastTransition[], seq: number): void {
    if (seq < (this.#seqs.get(connection) ?? -1)) return;
    const from = list[0]?.at ?? Number.POSITIVE_INFINITY;
    const older = (this.#all.get(connection) ?? []).filter(({ at }) => at < from);
    this.#set(connection, [...older, ...list].slice(-MOST_OF_ONE), seq);
  }

  forget(connection: string): void {
    this.#all.delete(connection);
    this.#seqs.delete(connection);
    this.#closed.delete(connection);
  }

  /** Forgets the numbers: another stream counts from another start. */
  restart(): void {
    this.#seqs.clear();
  }

  clear(): void {
    this.#all.clear();
    this.#seqs.clear();
    this.#closed.clear();
  }

  #set(connection: string, list: readonly PastTransition[], seq: number): void {
    this.#all.set(connection, list);
    this.#seqs.set(connection, seq);
  }

  #close(connection: string): void {
    this.#closed.add(connection);
    if (this.#closed.size > MOST_CLOSED) this.forget(this.#closed.keys().next().value as string);
  }
}
