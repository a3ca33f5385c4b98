import type { Intervention } from '../../observe/watchable.js';
import type { Hello, Recorded } from './records.js';

/** Where the records come from that a server shows: a pool, or other programs. Costs nothing until somebody subscribes. */
export interface Feed {
  /** The first record. */
  hello(): Hello;
  /** The present state in pieces, each small enough to be made without a stall; ends with `ready`. */
  state(): Iterable<Recorded>;
  /** Calls `onRecord` with each change from now on, until the returned function is called. */
  subscribe(onRecord: (record: Recorded) => void): () => void;
  /** Traces a connection, or ends that. Says why not, or nothing when it is done. */
  trace(connection: string, wish: 'on' | 'off'): 'unknown' | 'too many' | 'nobody watches' | undefined;
  /** Returns false when there is nothing of this name, or its state does not allow it. */
  intervene(what: Intervention): boolean;
}
