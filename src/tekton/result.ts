import type { Frame, Reply } from '../contract/index.js';
import { describeValue } from '../errors/index.js';
import type { Routed } from './serve.js';

/** Describes a message that was answered. All functions return the fields of the original. */
export interface TektonSuccess {
  /** Always true. */
  readonly success: true;
  /** The text of the answer. */
  readonly response: string;
  /** `sendToAi`: the name as you wrote it; `sendToAll`: the pool's name; else the CI's own name, or `host:port`. */
  readonly ai_id: string;
  /** `unknown` if the CI does not say. */
  readonly model: string;
  /** From the call to the answer, in seconds. */
  readonly elapsed_time: number;
  /** False if a connection was opened for this message, else true. */
  readonly connection_reused: boolean;
  /** The answer as it came: a JSON object of the wire. */
  readonly raw_response: Frame;
  /** Messages that this CI has answered through these functions, including this one. */
  readonly request_count: number;
}

/** Describes a message that was not answered, and why. */
export interface TektonFailure {
  /** Always false. */
  readonly success: false;
  /** Starts with the error's code in brackets, such as `[deadline_exceeded]`. */
  readonly error: string;
  /** The name as you wrote it (`sendToAll`: the pool's name), or `host:port`. */
  readonly ai_id: string;
  /** From the call to the failure, in seconds. */
  readonly elapsed_time: number;
}

/** Describes how a message ended. */
export type TektonResult = TektonSuccess | TektonFailure;

/** What a result says beyond the reply. @internal */
export interface Circumstances {
  readonly aiId: string;
  readonly elapsedMs: number;
  readonly requestCount: number;
}

/** Converts a reply to the original's shape. @internal */
export function toSuccess(
  { via, value: reply }: Routed<Reply>,
  { aiId, elapsedMs, requestCount }: Circumstances,
): TektonSuccess {
  return {
    success: true,
    response: reply.content,
    ai_id: aiId,
    model: reply.model ?? 'unknown',
    elapsed_time: elapsedMs / 1000,
    connection_reused: via === 'pool' && reply.reused,
    raw_response: reply.raw,
    request_count: requestCount,
  };
}

/** Converts a failure to the original's shape. @internal */
export function toFailure(error: unknown, { aiId, elapsedMs }: Omit<Circumstances, 'requestCount'>): TektonFailure {
  const text = error instanceof Error ? error.message : error;
  return {
    success: false,
    error: typeof text === 'string' ? text : describeValue(text),
    ai_id: aiId,
    elapsed_time: elapsedMs / 1000,
  };
}
