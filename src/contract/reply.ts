import type { ChoragusError, Timings } from '../errors/index.js';
import type { Frame } from './frame.js';

/** What an answer has cost, in tokens, as the server counted them. */
export interface Usage {
  /** Of the request. */
  readonly inputTokens: number;
  /** Of the answer, its reasoning included. */
  readonly outputTokens: number;
  readonly totalTokens: number;
  /** The part of `outputTokens` that went into reasoning, where the server says so. */
  readonly reasoningTokens?: number;
  /** The part of `inputTokens` that the server had in its cache, where it says so. */
  readonly cachedTokens?: number;
}

/** A tool that the model wants called. */
export interface ToolCall {
  /** The server's id of the call, where it gives one. */
  readonly id?: string;
  readonly name: string;
  /** The arguments as JSON text, as the model wrote them: they can be no JSON at all. */
  readonly arguments: string;
}

/** What a piece of a streamed answer is part of. */
export type ChunkKind = 'text' | 'reasoning' | 'tool_call' | 'refusal';

/** One CI's answer to one request. */
export interface Reply {
  readonly ci: string;
  /** The text alone: no reasoning, no tool calls. Empty where the reply's type carries none. */
  readonly content: string;
  readonly model?: string | undefined;
  /** What the answer has cost, where the CI says so. */
  readonly usage?: Usage;
  /** Why the answer ended, in the server's word: `stop`, `length`, `tool_calls`, … `length` means that the text is not whole. */
  readonly finishReason?: string;
  /** What the model thought before and while it answered, where the server shows it. */
  readonly reasoning?: string;
  /** The tools that the model wants called, in its order. */
  readonly toolCalls?: readonly ToolCall[];
  /** The model's own words where it refused. */
  readonly refusal?: string;
  /** The wire's type of the reply, such as `chat_response`. */
  readonly type: string;
  /** The frame as it came. From a model server: a frame whose `metadata` has the server's own fields. */
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
  /** `text` but for what a model server tells apart. */
  readonly kind: ChunkKind;
  /** The piece: of the text, of the reasoning, of a tool call's arguments, or of a refusal. */
  readonly content: string;
  /** Of a `tool_call`: which call it is a piece of, from 0 on, and what of its id and name is known. */
  readonly toolCall?: ToolCallPiece;
  readonly metadata?: unknown;
}

/** Which tool call a piece of arguments belongs to. */
export interface ToolCallPiece {
  readonly index: number;
  readonly id?: string;
  readonly name?: string;
}

/** How a broadcast ended for one CI. */
export type Outcome =
  | { readonly ci: string; readonly ok: true; readonly reply: Reply }
  | { readonly ci: string; readonly ok: false; readonly error: ChoragusError };
