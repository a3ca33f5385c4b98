import type { Reply } from '../contract/index.js';
import type { Served } from './serve.js';

/** A message that was answered, in the original's words. */
export interface TektonSuccess {
  readonly success: true;
  /** The text of the answer. */
  readonly response: string;
  /** What the CI calls itself; its name in the pool where it does not say. */
  readonly ai_id: string;
  /** `unknown` where the CI does not say, as in the original. */
  readonly model: string;
  /** From the call to the answer, in seconds. */
  readonly elapsed_time: number;
  /** False exactly when a connection was opened for this message. */
  readonly connection_reused: boolean;
}

/** A message that was not answered, and why. */
export interface TektonFailure {
  readonly success: false;
  /** Begins with the error's code in brackets, such as `[deadline_exceeded]`. */
  readonly error: string;
}

/** How a message ended. */
export type TektonResult = TektonSuccess | TektonFailure;

/** Puts a reply in the original's shape. @internal */
export function toSuccess({ via, value: reply }: Served<Reply>, elapsedMs: number): TektonSuccess {
  const aiId = reply.raw.ai_id;
  return {
    success: true,
    response: reply.content,
    ai_id: typeof aiId === 'string' && aiId !== '' ? aiId : reply.ci,
    model: reply.model ?? 'unknown',
    elapsed_time: elapsedMs / 1000,
    connection_reused: via === 'pool' && reply.reused,
  };
}

/** Puts a failure in the original's shape. @internal */
export function toFailure(error: unknown): TektonFailure {
  return { success: false, error: error instanceof Error ? error.message : String(error) };
}
