import type { Intervention } from '../../observe/watchable.js';
import type { Hello, Recorded } from './records.js';

/** The source of the records that a server shows: a pool, or other programs. Costs nothing without subscribers. */
export interface Feed {
  /** Returns the first record. */
  hello(): Hello;
  /** Returns the current state in small pieces, so that none blocks the event loop. Ends with `ready`. */
  state(): Iterable<Recorded>;
  /** Calls `onRecord` with each change from now on, until the returned function is called. */
  subscribe(onRecord: (record: Recorded) => void): () => void;
  /** Starts or ends the trace of a connection. Returns why it cannot, or `undefined` for success. */
  trace(connection: string, wish: 'on' | 'off'): 'unknown' | 'too many' | 'nobody watches' | undefined;
  /** Performs an action of the page. Returns false if the name is unknown, or if the state does not allow the action. */
  intervene(what: Intervention): boolean;
}
