import type { Observer } from 'rxjs';
import type { Frame } from '../contract/index.js';
import { replyTypeOf } from './answers.js';
import type { Streaming } from './options.js';

/** One request's way back to the client. */
export interface Voice {
  readonly aiId: string;
  readonly requestType: string;
  /** Writes a frame, with the request's id where the server's correlation has it. */
  write(frame: Frame): void;
}

/** Turns the pieces of an answer into frames. */
export type Dialect = (voice: Voice) => Observer<string>;

/**
 * The dialects of streaming, by the option's name.
 *
 * @internal
 */
export const dialects: Readonly<Record<Streaming, Dialect>> = { frames, legacy, none: whole };

/** `stream_start`, `stream_chunk` …, `stream_end` or `stream_error`. The start tells the client at once that work began. */
function frames({ aiId, write }: Voice): Observer<string> {
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

/** `chunk` …, `complete`; the older dialect has no error of its own: before the first chunk it is a reply's. */
function legacy({ aiId, write }: Voice): Observer<string> {
  let hasBegun = false;
  return {
    next: (content) => {
      hasBegun = true;
      write({ type: 'chunk', ai_id: aiId, content });
    },
    // A stream that has begun must end by a frame with its id, or its error is taken for another request's answer.
    error: (error: unknown) =>
      write({ type: hasBegun ? 'stream_error' : 'error', ai_id: aiId, error: errorText(error) }),
    complete: () => write({ type: 'complete', ai_id: aiId }),
  };
}

/**
 * All pieces joined in one reply.
 *
 * @internal
 */
export function whole({ aiId, requestType, write }: Voice): Observer<string> {
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
