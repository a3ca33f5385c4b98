import type { Code, Timings } from '../errors/index.js';

/** A request that a connection carried, and what it came to: sizes and times, no content. */
export interface Exchange {
  /** The request's type, such as `chat`. */
  readonly type: string;
  readonly replyMode: 'whole' | 'stream';
  /** `answered`, `cancelled`, or the code of the error that it ended in. */
  readonly ended: 'answered' | 'cancelled' | Code;
  /** Characters of the request as JSON, without its id. */
  readonly sent: number;
  /** Characters of the answer's text, as far as it came. */
  readonly received: number;
  /** In how many pieces they came; 0 of a whole answer. */
  readonly chunks: number;
  readonly timings: Timings;
}
