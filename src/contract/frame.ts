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
  readonly [field: string]: unknown;
}
