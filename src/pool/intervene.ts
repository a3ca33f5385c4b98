import type { Connection } from '../connection/connection.js';
import { lost } from '../errors/index.js';

/** Carries out an operator's action. Returns false if the connection's state does not allow it. */
export function intervene(connection: Connection, what: 'reconnect' | 'retire' | 'ping'): boolean {
  const { state, isLinked } = connection;
  if (state === 'closed' || state === 'idle' || (what === 'ping' && !isLinked)) return false;
  if (what === 'ping') connection.ping();
  else if (what === 'retire') connection.unfit({ reason: 'retired', how: 'must' });
  else connection.close(() => lost('an operator closed the connection'), 'by_hand', 'at_once');
  return true;
}
