import type { Code, Delivery, ToolCall, Usage } from '../../../../src/index.js';
import type { End, RawReply } from './raw-model.js';

export type Wire = 'openai' | 'ollama';

/** An answer, as the user sees it. A field that is left out must be undefined. */
export interface Answer {
  readonly text: string;
  readonly usage?: Usage;
  readonly finishReason?: string;
  readonly reasoning?: string;
  readonly toolCalls?: readonly ToolCall[];
  readonly refusal?: string;
  /** Checked only if given. */
  readonly model?: string;
  /** Fields that `raw.metadata` must have. Checked only if given. */
  readonly metadata?: object;
}

/** A failure, as the user sees it. Only the given fields are checked, and `partial`: it must be missing if it is left out. */
export interface Failure {
  readonly code: Code;
  readonly delivery?: Delivery;
  readonly status?: number;
  /** In ms; a range for dates; null for none. */
  readonly retryAfterMs?: number | readonly [number, number] | null;
  /** The text received so far. */
  readonly partial?: string;
  /** Words of the server that the message must contain. */
  readonly says?: string | RegExp | readonly (string | RegExp)[];
  /** What the message must not contain. */
  readonly hides?: readonly string[];
}

export type Expected = Answer | Failure;

/** The outcome for each end. `all` stands for clean, open and reset. Of several expectations, any may hold. */
export type Outcomes = Partial<Record<End | 'all', Expected | readonly Expected[]>>;

/** One row of the table. */
export interface Row extends Omit<RawReply, 'end' | 'cut'> {
  readonly title: string;
  readonly outcomes: Outcomes;
  /** Why the specification does not decide this row. Then `outcomes` lists every acceptable one. */
  readonly unsure?: string;
  /** The grace after a finish reason decides the outcome: use the pool with the short grace. */
  readonly grace?: boolean;
  /** Sends the body in one packet only: for large bodies, and for rows that depend on time. */
  readonly inOnePacket?: boolean;
  /** Default: 5,000. */
  readonly deadlineMs?: number;
}

export const WORDS_LIMIT = 500;
