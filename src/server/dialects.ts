import type { Observer } from 'rxjs';
import type { Frame } from '../contract/index.js';
import { replyTypeOf } from './answers.js';
import type { Streaming } from './options.js';

/** Writes the answer to one request. */
export interface AnswerWriter {
  readonly aiId: string;
  readonly requestType: string;
  /** Writes a frame to the client. Adds the request's id if the server correlates by id. */
  write(frame: Frame): void;
}

/** Turns the pieces of an answer into frames. */
export type Dialect = (writer: AnswerWriter) => Observer<string>;

/**
 * The streaming dialects, by the value of option `streaming`.
 *
 * @internal
 */
export const dialects: Readonly<Record<Streaming, Dialect>> = { frames, legacy, none: whole };

/** Writes `stream_start` at once, so that the client knows that the work began; then `stream_chunk` …, `stream_end` or `stream_error`. */
function frames({ aiId, write }: AnswerWriter): Observer<string> {
  let count = 0;
  write({ type: 'stream_start', ai_id: aiId });
  return {
    next: (content) => {
      write({ type: 'stream_chunk', content, chunk_index: count });
      count += 1;
    },
    error: (error: unknown) => write({ type: 'stream_error', error: errorText(error) }),
    complete: () => write({ type: 'stream_end', metadata: { chunks: count } }),
  };
}

/** Writes `chunk` …, `complete`. This older dialect has no error frame: before the first chunk it uses the `error` of a whole reply. */
function legacy({ aiId, write }: AnswerWriter): Observer<string> {
  let hasBegun = false;
  return {
    next: (content) => {
      hasBegun = true;
      write({ type: 'chunk', ai_id: aiId, content });
    },
    // A stream that has begun must end with a frame that carries its id. Otherwise the client takes the error for another answer.
    error: (error: unknown) =>
      write({ type: hasBegun ? 'stream_error' : 'error', ai_id: aiId, error: errorText(error) }),
    complete: () => write({ type: 'complete', ai_id: aiId }),
  };
}

/**
 * Joins all pieces into one reply.
 *
 * @internal
 */
export function whole({ aiId, requestType, write }: AnswerWriter): Observer<string> {
  let content = '';
  return {
    next: (piece) => {
      content += piece;
    },
    error: (error: unknown) => write({ type: 'error', ai_id: aiId, error: errorText(error) }),
    complete: () => write({ type: replyTypeOf(requestType), ai_id: aiId, content }),
  };
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
