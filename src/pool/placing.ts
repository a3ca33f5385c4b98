import type { Connection } from '../connection/connection.js';
import type { PendingRequest } from '../request/pending-request.js';

/**
 * After a link died with several requests on it, each request has its own link for this time, in ms: one of them may
 * have caused it.
 */
const SUSPICION_MS = 30_000;

/** Decides which connection may carry which request. */
export interface Placing {
  /**
   * Returns the connection for a request; undefined if none may take it now. `most`: the largest number of connections.
   */
  pick(connections: readonly Connection[], request: PendingRequest, most: number): Connection | undefined;
  /** Returns whether this connection may take the request now. */
  mayTake(connection: Connection, request: PendingRequest, connections: readonly Connection[], most: number): boolean;
  /** Notes that a link died with `inFlight` requests on it. */
  linkDied?(inFlight: number): void;
}

/**
 * Shares connections: of those with a free slot, prefers a healthy one, then the one with the fewest requests in
 * flight.
 */
export const sharedLinks: Placing = {
  pick(connections) {
    let best: Connection | undefined;
    for (const connection of connections) {
      if (!connection.hasSlot) continue;
      if (best === undefined || isBetter(connection, best)) best = connection;
    }
    return best;
  },
  mayTake: ({ hasSlot }) => hasSlot,
};

/**
 * Gives each request its own connection while one is empty or can be opened; after that, they share. A CI may
 * disconnect because of one client's message, and would cut all others on that link.
 */
export class OwnLinks implements Placing {
  readonly #now: () => number;
  #suspicionEndsMs = Number.NEGATIVE_INFINITY;

  constructor(now: () => number) {
    this.#now = now;
  }

  linkDied(inFlight: number): void {
    if (inFlight > 1) this.#suspicionEndsMs = this.#now() + SUSPICION_MS;
  }

  pick(connections: readonly Connection[], request: PendingRequest, most: number): Connection | undefined {
    const empty = sharedLinks.pick(connections.filter(isEmpty), request, most);
    if (empty !== undefined || !this.#mayShare(request, connections, most)) return empty;
    return sharedLinks.pick(connections, request, most);
  }

  mayTake(connection: Connection, request: PendingRequest, connections: readonly Connection[], most: number): boolean {
    return connection.hasSlot && (isEmpty(connection) || this.#mayShare(request, connections, most));
  }

  #mayShare({ isAlone }: PendingRequest, connections: readonly Connection[], most: number): boolean {
    if (isAlone || this.#now() < this.#suspicionEndsMs) return false;
    const serving = connections.filter(({ state }) => state !== 'retiring');
    return serving.length >= most && serving.every(({ isLinked }) => isLinked);
  }
}

function isEmpty({ session }: Connection): boolean {
  return session?.isEmpty === true;
}

function isBetter(a: Connection, b: Connection): boolean {
  if (a.state !== b.state) return a.state === 'healthy';
  return a.inFlight < b.inFlight;
}
