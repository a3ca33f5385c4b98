import type { Frame, Reply } from '../contract/index.js';
import { describeValue } from '../errors/index.js';
import type { Routed } from './serve.js';

/** Describes a message that was answered, with the field names of the original. */
export interface TektonSuccess {
  /** Always true. */
  readonly success: true;
  /** The text of the answer. */
  readonly response: string;
  /** `sendToAi`: the name that you passed. `sendToAll`: the pool's name. `sendMessage`: the CI's own name, or `host:port`. */
  readonly ai_id: string;
  /** The model's name; `unknown` if the CI does not send it. */
  readonly model: string;
  /** Time from the call to the answer, in seconds. */
  readonly elapsed_time: number;
  /** False if a connection was opened for this message; otherwise true. */
  readonly connection_reused: boolean;
  /** The JSON object that the CI sent. */
  readonly raw_response: Frame;
  /** Number of messages that this CI has answered through these functions, including this one. */
  readonly request_count: number;
}

/** Describes a message that was not answered, and why. */
export interface TektonFailure {
  /** Always false. */
  readonly success: false;
  /** The error's message. It starts with the code in brackets: `[deadline_exceeded]`. */
  readonly error: string;
  /** The name that you passed (`sendToAll`: the pool's name), or `host:port`. */
  readonly ai_id: string;
  /** Time from the call to the failure, in seconds. */
  readonly elapsed_time: number;
}

/** Describes how a message ended. */
export type TektonResult = TektonSuccess | TektonFailure;

/** The fields of a result that are not in the reply. @internal */
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
