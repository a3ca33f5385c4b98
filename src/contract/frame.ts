/** One JSON object of the wire, as parsed. Fields beyond these are kept and shown in `Reply.raw`. */
export interface Frame {
  readonly type?: unknown;
  readonly request_id?: unknown;
  readonly content?: unknown;
  readonly response?: unknown;
  readonly error?: unknown;
  readonly message?: unknown;
  readonly model?: unknown;
  readonly metadata?: unknown;
  readonly chunk_index?: unknown;
  /** Of a chunk: what it is a piece of, where that is not the text. */
  readonly kind?: unknown;
  readonly tool_call?: unknown;
  readonly usage?: unknown;
  readonly finish_reason?: unknown;
  readonly reasoning?: unknown;
  readonly tool_calls?: unknown;
  readonly refusal?: unknown;
  readonly [field: string]: unknown;
}
