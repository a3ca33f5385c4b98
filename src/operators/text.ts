import { type OperatorFunction, reduce } from 'rxjs';
import type { Chunk } from '../contract/index.js';
import { checkedSource } from './source.js';

/**
 * Joins the text of a stream, and emits it when the stream completes. Chunks of another kind (a model's reasoning, the arguments of a tool
 * call, a refusal) are skipped.
 *
 * A stream without chunks gives `''`. Errors pass unchanged; the error of a pool's stream has the text so far as `partial`. The text is kept
 * in memory, up to `maxReplyBytes`.
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

/** A chunk without a kind is text: the pool did not make it. */
function isText({ kind }: Partial<Chunk>): boolean {
  return kind === undefined || kind === 'text';
}
