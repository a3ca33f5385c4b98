import type { Connection } from '../connection/connection.js';
import { lost } from '../errors/index.js';

/** Does what an operator asked for. Returns false if the connection's state does not allow it. */
export function intervene(connection: Connection, what: 'reconnect' | 'retire' | 'ping'): boolean {
  const { state, isLinked } = connection;
  if (state === 'closed' || state === 'idle' || (what === 'ping' && !isLinked)) return false;
  if (what === 'ping') connection.ping();
  else if (what === 'retire') connection.unfit({ reason: 'retired', how: 'must' });
  else connection.close(() => lost('the connection was closed by hand'), 'by_hand', 'at_once');
  return true;
}
