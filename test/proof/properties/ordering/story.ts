import type { MannerName } from './manners.js';

/** One run of a property: a peer, its callers, and the faults around them. */
export interface Story {
  readonly manner: MannerName;
  /** The seed of the dice that decide everything else. */
  readonly seed: number;
  /** Questions in all. */
  readonly questions: number;
  /** Callers at a time: each asks the next question when its last one is over. */
  readonly callers: number;
  readonly maxConnections: number;
  readonly pipelining: number;
  /** Latency of the wire, one way, in ms. At 0 each line is its own packet; otherwise the lines of one ms share one. */
  readonly latencyMs: number;
  /** Longest pause of a caller between two questions, in ms. */
  readonly pauseMs: number;
  /** Share of the questions that are cancelled within some ms. */
  readonly cancelShare: number;
  /** Share of the questions with a deadline that may come before the answer. */
  readonly hurriedShare: number;
  /** Mean time between two cuts of a link, in ms; 0 for none. */
  readonly cutEveryMs: number;
  readonly healthIntervalMs: number;
  readonly lateReplyGraceMs: number;
}
