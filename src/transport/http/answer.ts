import type { ChannelSink, ChunkKind, Frame } from '../../contract/index.js';
import { replyTooLarge } from '../../errors/index.js';
import { ToolCalls } from './tool-calls.js';

/** What a sink threw is its `cause`: neither the peer's fault nor the reader's. */
export class SinkError extends Error {}

const NONE: ReadonlySet<string> = new Set();

/** Counts of tokens, by their names on the wire. */
export interface TokenCounts {
  readonly input_tokens?: number | undefined;
  readonly output_tokens?: number | undefined;
  readonly total_tokens?: number | undefined;
  readonly reasoning_tokens?: number | undefined;
  readonly cached_tokens?: number | undefined;
}

/**
 * An answer under way. The server streams in any case, so that giving it up stops it: a stream's pieces are told as they come, and whoever
 * wants the whole is told when it is complete.
 */
export class Answer {
  readonly #sink: ChannelSink;
  readonly #id: unknown;
  readonly #mode: 'stream' | 'whole';
  readonly #maxCharacters: number;
  readonly #calls = new ToolCalls();
  #text = '';
  #reasoning = '';
  #refusal = '';
  #characters = 0;
  #chunks = 0;
  #progress = 0;
  #model: string | undefined;
  #usage: TokenCounts | undefined;
  #finishReason: string | undefined;
  #finishCame: 'not' | 'alone' | 'with text' | 'before text' = 'not';
  readonly #metadata: Record<string, unknown> = {};
  #isOver = false;

  constructor(sink: ChannelSink, request: Frame, maxCharacters: number) {
    this.#sink = sink;
    this.#id = request.request_id;
    this.#mode = request.stream === true ? 'stream' : 'whole';
    this.#maxCharacters = maxCharacters;
  }

  /** Whether the server has said that nothing more comes. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * How the reason came for which the model stopped. Some servers give one in each chunk: alone, it is the end; with text or before it, it
   * need not be.
   */
  get finish(): 'not' | 'alone' | 'with text' | 'before text' {
    return this.#finishCame;
  }

  /** Grows with each thing that the model says: signs of life, and counts of tokens, are none. */
  get progress(): number {
    return this.#progress;
  }

  /** The text so far, where it has not been streamed. */
  get partial(): string | undefined {
    return this.#mode === 'whole' && this.#text !== '' ? this.#text : undefined;
  }

  text(piece: string): void {
    if (piece === '') return;
    this.#progress += 1;
    if (this.#finishCame !== 'not') this.#finishCame = 'before text';
    if (this.#mode === 'stream') return this.#chunk('text', piece, {});
    this.#count(piece);
    this.#text += piece;
  }

  reasoning(piece: string): void {
    if (piece === '') return;
    this.#progress += 1;
    this.#count(piece);
    this.#reasoning += piece;
    this.#chunk('reasoning', piece, {});
  }

  refusal(piece: string): void {
    if (piece === '') return;
    this.#progress += 1;
    this.#count(piece);
    this.#refusal += piece;
    this.#chunk('refusal', piece, {});
  }

  toolCall(said: unknown): void {
    const piece = this.#calls.add(said);
    if (piece === undefined) return;
    this.#progress += 1;
    this.#count(piece.text);
    this.#chunk('tool_call', piece.text, { tool_call: piece.call });
  }

  /** The model stopped for a reason; `withText` where text came in the same chunk. An empty reason is none. */
  finished(reason: unknown, withText: boolean): void {
    if (typeof reason !== 'string' || reason === '') return;
    this.#progress += 1;
    this.#finishReason = reason;
    if (this.#finishCame === 'not') this.#finishCame = withText ? 'with text' : 'alone';
    else if (this.#finishCame === 'with text' && !withText) this.#finishCame = 'alone';
  }

  model(name: string | undefined): void {
    this.#model ??= name;
  }

  /** What is counted last holds: some servers count in each chunk. */
  usage(counts: TokenCounts): void {
    if (Object.values(counts).some((count) => count !== undefined)) this.#usage = counts;
  }

  /** Fields of the server's own, but for those that are `shown` elsewhere. What comes last holds. */
  metadata(fields: Frame, shown: ReadonlySet<string> = NONE): void {
    for (const name of Object.keys(fields)) {
      // A field of that name would give the object another prototype.
      if (!shown.has(name) && name !== '__proto__') this.#metadata[name] = fields[name];
    }
  }

  over(): void {
    this.#isOver = true;
  }

  /** The frame that ends it. */
  end(): Frame {
    const frame = {
      type: this.#mode === 'stream' ? 'stream_end' : 'chat_response',
      content: this.#text,
      model: this.#model,
      metadata: this.#metadata,
      usage: this.#usage,
      finish_reason: this.#finishReason,
      reasoning: this.#reasoning === '' ? undefined : this.#reasoning,
      tool_calls: this.#calls.isEmpty ? undefined : this.#calls.frames(),
      refusal: this.#refusal === '' ? undefined : this.#refusal,
      request_id: this.#id,
    };
    return Object.fromEntries(Object.entries(frame).filter(([, value]) => value !== undefined));
  }

  #chunk(kind: ChunkKind, content: string, fields: Frame): void {
    if (this.#mode === 'whole') return;
    const head = { type: 'stream_chunk', content, chunk_index: this.#chunks, request_id: this.#id };
    this.#chunks += 1;
    try {
      this.#sink.frame(kind === 'text' ? head : { ...head, kind, ...fields });
    } catch (cause) {
      throw new SinkError('the sink threw', { cause });
    }
  }

  /** Bounds what is kept. */
  #count(piece: string): void {
    this.#characters += piece.length;
    if (this.#characters <= this.#maxCharacters) return;
    throw replyTooLarge('an answer', this.#maxCharacters, 'characters');
  }
}
