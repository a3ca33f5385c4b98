import type { ChannelSink, Frame } from '../../contract/index.js';
import { ChoragusError } from '../../errors/index.js';
import type { Part } from './dialect.js';

/**
 * An answer under way, as frames of the wire: the server streams in any case, so that giving it up stops it; whoever wants the whole
 * is told when it is complete.
 */
export class Answer {
  readonly #sink: ChannelSink;
  readonly #id: unknown;
  readonly #manner: 'stream' | 'whole';
  readonly #maxCharacters: number;
  #text = '';
  #chunks = 0;
  #model: string | undefined;
  #metadata: Frame | undefined;

  constructor(sink: ChannelSink, request: Frame, maxCharacters: number) {
    this.#sink = sink;
    this.#id = request.request_id;
    this.#manner = request.stream === true ? 'stream' : 'whole';
    this.#maxCharacters = maxCharacters;
  }

  /** A part came. Returns the frame that ends the answer, for the caller to tell once the link is free. */
  take({ content, model, metadata, error, end }: Part): Frame | undefined {
    this.#model ??= model;
    this.#metadata = metadata ?? this.#metadata;
    if (content !== undefined && content !== '') this.#piece(content);
    if (error !== undefined) return this.fail(error);
    return end === true ? this.#end() : undefined;
  }

  fail(error: string): Frame {
    return { type: this.#manner === 'stream' ? 'stream_error' : 'error', error, request_id: this.#id };
  }

  #piece(content: string): void {
    if (this.#manner === 'stream') {
      this.#sink.frame({ type: 'stream_chunk', content, chunk_index: this.#chunks, request_id: this.#id });
      this.#chunks += 1;
      return;
    }
    this.#text += content;
    if (this.#text.length <= this.#maxCharacters) return;
    throw new ChoragusError('reply_too_large', `an answer of over ${this.#maxCharacters} characters (maxReplyBytes)`);
  }

  #end(): Frame {
    const head = { model: this.#model, metadata: this.#metadata, request_id: this.#id };
    if (this.#manner === 'stream') return { type: 'stream_end', ...head };
    return { type: 'chat_response', content: this.#text, ...head };
  }
}
