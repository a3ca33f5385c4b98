import type { Connection } from '../connection/connection.js';
import type { Clock } from '../contract/index.js';

/** How often it is looked for connections that nobody uses, in ms. */
const LOOK_MS = 2_000;
/** A connection that has carried nothing for so long is closed, in ms: with the time until it is looked, within 30 s of its last request. */
const UNUSED_MS = 25_000;

/** Since when a connection has carried so many requests. */
interface Use {
  readonly carried: number;
  readonly sinceMs: number;
}

/** Closes connections that nobody uses, but for one. Returns what ends that. */
export function trimIdle(connectionsOf: () => readonly Connection[], clock: Clock): () => void {
  let uses = new Map<Connection, Use>();
  let timer: unknown;
  const useOf = (connection: Connection, nowMs: number): Use => {
    const carried = connection.session?.carried ?? 0;
    const before = uses.get(connection);
    const isUnused = connection.inFlight === 0 && before?.carried === carried;
    return isUnused ? before : { carried, sinceMs: nowMs };
  };
  const look = (): void => {
    const nowMs = clock.now();
    const [, ...others] = connectionsOf();
    uses = new Map(others.map((connection) => [connection, useOf(connection, nowMs)]));
    for (const [connection, { sinceMs }] of uses) {
      if (connection.isLinked && nowMs - sinceMs >= UNUSED_MS) connection.retire();
    }
    lookAgain();
  };
  const lookAgain = (): void => {
    timer = clock.setTimeout(look, LOOK_MS, 'background');
  };
  lookAgain();
  return () => clock.clearTimeout(timer);
}
