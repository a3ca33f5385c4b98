import type { Connection } from './connection.js';

/**
 * The connection for the next request: of those with a place, a healthy one before a degraded one, then the one with
 * the least in flight. `undefined` when none has a place.
 */
export function pick(connections: readonly Connection[]): Connection | undefined {
  let best: Connection | undefined;
  for (const connection of connections) {
    if (!connection.hasPlace) continue;
    if (best === undefined || isBetter(connection, best)) best = connection;
  }
  return best;
}

function isBetter(a: Connection, b: Connection): boolean {
  if (a.state !== b.state) return a.state === 'healthy';
  return a.inFlight < b.inFlight;
}
