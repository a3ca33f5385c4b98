import { defer, filter, map, type Observable } from 'rxjs';
import type { Pool, StreamOptions } from '../contract/index.js';
import { firstChunkTimeout, toAsyncIterable } from '../operators/index.js';
import type { Route } from './route.js';
import { prepareMessage } from './send-options.js';
import { type Means, serve } from './serve.js';

// Chunks that wait for a slow reader. Large, because a slow reader must not fail: the original waits for it. The pool's
// `maxReplyBytes` limits the buffer, too.
const maxUnread = 100_000;

/** Streams the text of an answer. The loop throws failures. @internal */
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
        // A reader could take an empty piece for the end.
        filter(({ kind, content }) => kind === 'text' && content !== ''),
        map(({ content }) => content),
      );
      // The pool's limit for the first chunk starts at the write. The caller's limit includes the wait for capacity.
      return remainingMs === undefined ? pieces : pieces.pipe(firstChunkTimeout(remainingMs));
    };
    return serve(routeTo(), send, { askedMs, totalMs: () => askedMs ?? means.requestTimeoutMs() }, means);
  });
  return toAsyncIterable(text.pipe(map(({ value }) => value)), { bufferSize: maxUnread });
}

/** Returns the limits of a stream. As in the original, a timeout limits each silence, not the whole stream. */
function limits(firstMs: number | undefined, silenceMs: number | undefined): StreamOptions {
  return {
    ...(firstMs === undefined ? {} : { firstChunkTimeoutMs: firstMs }),
    ...(silenceMs === undefined ? {} : { idleTimeoutMs: silenceMs }),
  };
}
