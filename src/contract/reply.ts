import type { ChoragusError, Timings } from '../errors/index.js';
import type { Frame } from './frame.js';

/** One CI's answer to one request. */
export interface Reply {
  readonly ci: string;
  /** The text; empty where the reply's type carries none. */
  readonly content: string;
  readonly model?: string | undefined;
  /** The wire's type of the reply, such as `chat_response`. */
  readonly type: string;
  /** The frame as it came. */
  readonly raw: Frame;
  /** False exactly when a connection was opened for this request. */
  readonly reused: boolean;
  readonly timings: Timings;
}

/** One piece of a streamed answer. */
export interface Chunk {
  readonly ci: string;
  /** 0, 1, 2, … in the order of arrival. */
  readonly index: number;
  readonly content: string;
  readonly metadata?: unknown;
}

/** How a broadcast ended for one CI. */
export type Outcome =
  | { readonly ci: string; readonly ok: true; readonly reply: Reply }
  | { readonly ci: string; readonly ok: false; readonly error: ChoragusError };
