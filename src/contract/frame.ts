/**
 * Describes one JSON object of the wire, as parsed. Other fields are kept, and shown in `Reply.raw`. Nothing here is
 * checked yet, so every field is `unknown`.
 */
export interface Frame {
  /** The message's type, such as `chat_response`. */
  readonly type?: unknown;
  /** The id of the request that this frame answers, if the CI echoes ids. */
  readonly request_id?: unknown;
  /** The text of a reply or a chunk. */
  readonly content?: unknown;
  /** The text of a reply, from CIs that name it so. */
  readonly response?: unknown;
  /** The reason of a failure. */
  readonly error?: unknown;
  /** The reason of a failure, from CIs that name it so. */
  readonly message?: unknown;
  /** The name of the model that answered. */
  readonly model?: unknown;
  /** Further facts about the answer, in the CI's own form. */
  readonly metadata?: unknown;
  /** The chunk's number within its stream, from 0. */
  readonly chunk_index?: unknown;
  /** The kind of a chunk that is not text: see `ChunkKind`. */
  readonly kind?: unknown;
  /** Which tool call a `tool_call` chunk is a piece of: see `ToolCallPiece`. */
  readonly tool_call?: unknown;
  /** The tokens that the answer cost: see `Usage`. */
  readonly usage?: unknown;
  /** Why the answer ended: see `Reply.finishReason`. */
  readonly finish_reason?: unknown;
  /** The model's reasoning. */
  readonly reasoning?: unknown;
  /** The tools that the model wants called: see `ToolCall`. */
  readonly tool_calls?: unknown;
  /** The model's words when it refused. */
  readonly refusal?: unknown;
  readonly [field: string]: unknown;
}
