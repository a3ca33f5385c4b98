import { defer, filter, map, type Observable } from 'rxjs';
import type { Pool, StreamOptions } from '../contract/index.js';
import { firstChunkTimeout, toAsyncIterable } from '../operators/index.js';
import type { Route } from './route.js';
import { prepareMessage } from './send-options.js';
import { type Means, serve } from './serve.js';

// The original reads at the pace of its reader, so a slow reader must not fail here. The buffer is bounded by this
// number, and by the pool's `maxReplyBytes`.
const maxUnread = 100_000;

/** Streams the text of an answer; failures are thrown from the loop. @internal */
export function streamText(
  routeTo: () => Route,
  content: unknown,
  options: unknown,
  means: Means,
): AsyncIterable<string> {
  const text = defer(() => {
    const { message, timeoutMs } = prepareMessage('streamMessage', content, options);
    // As in the original, 0 and null mean the default.
    const askedMs = timeoutMs || undefined;
    const send = (pool: Pool, ci: string, remainingMs: number | undefined): Observable<string> => {
      const pieces = pool.stream(ci, message, limits(remainingMs, askedMs)).pipe(
        // An empty piece says nothing, and a reader could take it for the end.
        filter(({ kind, content }) => kind === 'text' && content !== ''),
        map(({ content }) => content),
      );
      // The pool's limit on the first chunk runs from the write; the caller's includes the wait for capacity.
      return remainingMs === undefined ? pieces : pieces.pipe(firstChunkTimeout(remainingMs));
    };
    return serve(routeTo(), send, { askedMs, totalMs: () => askedMs ?? means.requestTimeoutMs() }, means);
  });
  return toAsyncIterable(text.pipe(map(({ value }) => value)), { bufferSize: maxUnread });
}

/** As in the original, a timeout bounds each silence, not the whole stream. */
function limits(firstMs: number | undefined, silenceMs: number | undefined): StreamOptions {
  return {
    ...(firstMs === undefined ? {} : { firstChunkTimeoutMs: firstMs }),
    ...(silenceMs === undefined ? {} : { idleTimeoutMs: silenceMs }),
  };
}
