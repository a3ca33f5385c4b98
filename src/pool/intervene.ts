import type { Connection } from '../connection/connection.js';
import { lost } from '../errors/index.js';

/** Does what somebody asked for by hand. Returns false where the connection's state does not allow it. */
export function intervene(connection: Connection, what: 'reconnect' | 'retire' | 'ping'): boolean {
  const { state, isLinked } = connection;
  if (state === 'closed' || state === 'idle' || (what === 'ping' && !isLinked)) return false;
  if (what === 'ping') connection.ping();
  else if (what === 'retire') connection.retire();
  else connection.close(() => lost('the connection was closed by hand'), 'by_hand');
  return true;
}
