import type { Connection } from '../connection/connection.js';
import type { Departure } from '../connection/connection-owner.js';
import type { Clock } from '../contract/index.js';

/** Interval for finding unused connections, in ms. */
const LOOK_MS = 2_000;
/**
 * A connection that carried nothing for this time, in ms, is unused. With the interval, it closes within 30 s after its
 * last request.
 */
const UNUSED_MS = 25_000;

/** The time since which a connection has carried this number of requests. */
interface Use {
  readonly carried: number;
  readonly sinceMs: number;
}

/** Reports unused connections, all but one. Returns a function that stops it. */
export function trimIdle(
  set: { readonly serving: readonly Connection[]; unfit(connection: Connection, departure: Departure): void },
  clock: Clock,
): () => void {
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
    const [, ...others] = set.serving;
    uses = new Map(others.map((connection) => [connection, useOf(connection, nowMs)]));
    for (const [connection, { sinceMs }] of uses) {
      if (connection.isLinked && nowMs - sinceMs >= UNUSED_MS)
        set.unfit(connection, { reason: 'retired', how: 'must' });
    }
    timer = clock.setTimeout(look, LOOK_MS, 'background');
  };
  timer = clock.setTimeout(look, LOOK_MS, 'background');
  return () => clock.clearTimeout(timer);
}
