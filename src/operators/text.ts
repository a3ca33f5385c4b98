import { type OperatorFunction, reduce } from 'rxjs';
import type { Chunk } from '../contract/index.js';
import { checkedSource } from './source.js';

/**
 * Joins the text of a stream and emits it once, when the stream completes. It leaves out chunks of another kind:
 * reasoning, the arguments of a tool call, a refusal.
 *
 * A stream without chunks gives `''`. Errors pass unchanged; the error's `partial` has the text so far, if the pool
 * knows it. The text is kept in memory; `maxReplyBytes` limits it.
 *
 * ```text
 * source       --a--b--c--|
 *              text()
 * result       -----------(T|)   (T = 'abc')
 * ```
 *
 * @returns An operator from chunks to one string. It adds no errors of its own.
 *
 * @example
 * ```ts
 * const answer = await firstValueFrom(pool.stream('apollo', 'Explain it slowly').pipe(text()));
 * ```
 *
 * @see {@link collect} for the chunks themselves.
 */
export function text(): OperatorFunction<Chunk, string> {
  return (source) =>
    reduce((whole, chunk: Chunk) => (isText(chunk) ? whole + chunk.content : whole), '')(checkedSource('text', source));
}

/** Returns whether a chunk is text. A chunk without a kind is: it does not come from a pool. */
function isText({ kind }: Partial<Chunk>): boolean {
  return kind === undefined || kind === 'text';
}
