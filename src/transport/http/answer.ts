import type { ChannelSink, ChunkKind, Frame } from '../../contract/index.js';
import { replyTooLarge } from '../../errors/index.js';
import { ToolCalls } from './tool-calls.js';

/** Wraps an exception of the sink as its `cause`: it is a fault of neither the peer nor the reader. */
export class SinkError extends Error {}

const NONE: ReadonlySet<string> = new Set();

/** Token counts, by their names on the wire. */
export interface TokenCounts {
  readonly input_tokens?: number | undefined;
  readonly output_tokens?: number | undefined;
  readonly total_tokens?: number | undefined;
  readonly reasoning_tokens?: number | undefined;
  readonly cached_tokens?: number | undefined;
}

/**
 * Builds one answer from its parts. The server always streams, so that cancelling stops it. In `stream` mode each part
 * is passed on as it arrives, in `whole` mode the complete answer.
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

  /** Returns whether the server has said that the answer is complete. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Returns how the model's finish reason came. Some servers send one in each chunk, so only a reason without text in
   * its chunk marks the end; a reason with or before text need not.
   */
  get finish(): 'not' | 'alone' | 'with text' | 'before text' {
    return this.#finishCame;
  }

  /** Grows with each part of the model's answer. Keep-alive lines and token counts do not count. */
  get progress(): number {
    return this.#progress;
  }

  /** Returns the text so far, if it has not been streamed. */
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

  /** Notes the finish reason; `withText`: its chunk has text. An empty reason does not count. */
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

  /** Stores the token counts. The last ones count: some servers send them with each chunk. */
  usage(counts: TokenCounts): void {
    if (Object.values(counts).some((count) => count !== undefined)) this.#usage = counts;
  }

  /** Stores the server's own fields, except those `shown` elsewhere. The last value of each counts. */
  metadata(fields: Frame, shown: ReadonlySet<string> = NONE): void {
    for (const name of Object.keys(fields)) {
      // A field with this name would change the object's prototype.
      if (!shown.has(name) && name !== '__proto__') this.#metadata[name] = fields[name];
    }
  }

  over(): void {
    this.#isOver = true;
  }

  /** Returns the frame that ends the answer. */
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

  /** Limits the size of the kept text. */
  #count(piece: string): void {
    this.#characters += piece.length;
    if (this.#characters <= this.#maxCharacters) return;
    throw replyTooLarge('an answer', this.#maxCharacters, 'characters');
  }
}
