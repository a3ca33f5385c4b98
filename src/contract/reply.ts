import type { ChoragusError, Timings } from '../errors/index.js';
import type { Frame } from './frame.js';

/** Counts the tokens of an answer, as the server reported them. */
export interface Usage {
  /** Tokens of the request. */
  readonly inputTokens: number;
  /** Tokens of the answer, its reasoning included. */
  readonly outputTokens: number;
  /** Tokens of both. */
  readonly totalTokens: number;
  /** The part of `outputTokens` spent on reasoning, if the server reports it. */
  readonly reasoningTokens?: number;
  /** The part of `inputTokens` that came from the server's cache, if the server reports it. */
  readonly cachedTokens?: number;
}

/** Describes a tool call that the model asks for. */
export interface ToolCall {
  /** The server's id of the call, if it sent one. */
  readonly id?: string;
  /** The tool's name. */
  readonly name: string;
  /** The arguments as JSON text, as the model wrote them. They may be invalid JSON. */
  readonly arguments: string;
}

/** Names what a chunk is a piece of. */
export type ChunkKind = 'text' | 'reasoning' | 'tool_call' | 'refusal';

/** Describes one CI's answer to one request. */
export interface Reply {
  /** The CI that answered. */
  readonly ci: string;
  /** The text alone, without reasoning and tool calls. Empty if replies of this type carry no text. */
  readonly content: string;
  /** The model that answered, if the CI names it. */
  readonly model?: string | undefined;
  /** The tokens that the answer cost, if the CI reports them. */
  readonly usage?: Usage;
  /**
   * Why the answer ended, in the server's word: `stop`, `length`, `tool_calls`, … `length` means that the text is cut.
   */
  readonly finishReason?: string;
  /** The model's reasoning, if the server sends it. */
  readonly reasoning?: string;
  /** The tool calls that the model asks for, in its order. */
  readonly toolCalls?: readonly ToolCall[];
  /** The model's own words, if it refused. */
  readonly refusal?: string;
  /** The reply's type on the wire, such as `chat_response`. */
  readonly type: string;
  /** The frame as it came. From a model server: a frame whose `metadata` has the server's own fields. */
  readonly raw: Frame;
  /** False if a connection was opened for this request, else true. */
  readonly reused: boolean;
  /** Where the request's time went. */
  readonly timings: Timings;
}

/** Describes one piece of a streamed answer. */
export interface Chunk {
  /** The CI that answers. */
  readonly ci: string;
  /** 0, 1, 2, … in the order of arrival. */
  readonly index: number;
  /** `text`, except where a model server distinguishes other kinds. */
  readonly kind: ChunkKind;
  /** A piece of the text, of the reasoning, of a tool call's arguments, or of a refusal, by `kind`. */
  readonly content: string;
  /** For kind `tool_call`: which call the piece belongs to. */
  readonly toolCall?: ToolCallPiece;
  /** Further facts that the CI sent with the chunk. */
  readonly metadata?: unknown;
}

/** Names the tool call that a piece of arguments belongs to. */
export interface ToolCallPiece {
  /** The call's number within the answer, from 0. */
  readonly index: number;
  /** The server's id of the call, if it is known by now. */
  readonly id?: string;
  /** The tool's name, if it is known by now. */
  readonly name?: string;
}

/** Describes how a broadcast ended for one CI: with a reply (`ok: true`) or an error (`ok: false`). */
export type Outcome =
  | { readonly ci: string; readonly ok: true; readonly reply: Reply }
  | { readonly ci: string; readonly ok: false; readonly error: ChoragusError };
