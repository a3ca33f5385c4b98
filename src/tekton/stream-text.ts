import { defer, filter, map, type Observable } from 'rxjs';
import type { Pool, StreamOptions } from '../contract/index.js';
import { firstChunkTimeout, toAsyncIterable } from '../operators/index.js';
import type { Route } from './route.js';
import { readTimeoutMs, type SendOptions, toMessage } from './send-options.js';
import { type Means, serve } from './serve.js';

// The original read at the pace of its reader, who must not fail here for being slow. What waits is bounded all the
// same: by this number, and by the pool's `maxReplyBytes`.
const maxUnread = 100_000;

/** The text of a streamed answer, as it comes; what fails is thrown from the loop. @internal */
export function streamText(
  routeTo: () => Route,
  content: string,
  options: SendOptions,
  means: Means,
): AsyncIterable<string> {
  const text = defer(() => {
    const askedMs = readTimeoutMs(options);
    const message = toMessage(content, options);
    const send = (pool: Pool, ci: string, remainingMs: number | undefined): Observable<string> => {
      const pieces = pool.stream(ci, message, limits(remainingMs, askedMs)).pipe(
        // An empty piece says nothing, and a reader could take it for the end.
        filter(({ kind, content }) => kind === 'text' && content !== ''),
        map(({ content }) => content),
      );
      // The pool's own limit on the first chunk runs from the write; the caller's covers the wait for a place, too.
      return remainingMs === undefined ? pieces : pieces.pipe(firstChunkTimeout(remainingMs));
    };
    return serve(routeTo, send, { askedMs, totalMs: () => askedMs ?? means.requestTimeoutMs() }, means);
  });
  return toAsyncIterable(text.pipe(map(({ value }) => value)), { bufferSize: maxUnread });
}

/** The original's timeout bounds each silence, not the whole, which may well be longer. */
function limits(firstMs: number | undefined, silenceMs: number | undefined): StreamOptions {
  return {
    ...(firstMs === undefined ? {} : { firstChunkTimeoutMs: firstMs }),
    ...(silenceMs === undefined ? {} : { idleTimeoutMs: silenceMs }),
  };
}
