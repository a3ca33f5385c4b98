import type { Code, Timings } from '../errors/index.js';

/** Names how a request is answered: as a whole, or by a stream. */
export type ReplyMode = 'whole' | 'stream';

/** Describes a request that a connection carried, and how it ended: sizes and times, no content. */
export interface Exchange {
  /** Names the request's type, such as `chat`. */
  readonly type: string;
  /** Says how the answer comes: as one reply (`whole`) or in chunks (`stream`). */
  readonly replyMode: ReplyMode;
  /** `answered`, `cancelled`, or the code of the error that ended it. */
  readonly ended: 'answered' | 'cancelled' | Code;
  /** Characters of the request as JSON, without its id. */
  readonly sent: number;
  /** Characters of the answer's text that arrived. */
  readonly received: number;
  /** Number of chunks; 0 for a whole answer. */
  readonly chunks: number;
  /** Where the request's time went. */
  readonly timings: Timings;
}
