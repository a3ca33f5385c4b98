import type { Connection } from '../connection/connection.js';
import type { PendingRequest } from '../request/pending-request.js';

/** After a link died with several requests on it, each request has a link to itself for so long, in ms: one of them may have killed it. */
const SUSPICION_MS = 30_000;

/** Which connection may carry which request. */
export interface Placing {
  /** The connection for a request; `undefined` when none may take it now. `most` is how many connections there may be. */
  pick(connections: readonly Connection[], request: PendingRequest, most: number): Connection | undefined;
  /** Whether this one may take it now. */
  mayTake(connection: Connection, request: PendingRequest, connections: readonly Connection[], most: number): boolean;
  /** A link died with so many requests on it. */
  linkDied?(inFlight: number): void;
}

/** Requests share connections: of those with a free slot, a healthy one before a degraded one, then the one with the least in flight. */
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
 * Each request has a connection to itself, as long as one is empty or could be opened; beyond, they share. What one client sends may make
 * the CI hang up, and would take the requests of all others with it that share its link.
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
