import { type OperatorFunction, reduce } from 'rxjs';
import type { Chunk } from '../contract/index.js';
import { checkedSource } from './checked-source.js';

/**
 * Joins the text of a stream: emits it once, when the stream completes. Chunks of another kind (a model's reasoning, the arguments of a
 * tool call, a refusal) are left out.
 *
 * A stream without chunks gives `''`. Errors pass unchanged; the text that had come is in the error's `partial` where
 * the pool knows it. The text is kept in memory; `maxReplyBytes` bounds it.
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

/** A chunk that names no kind was not made by the pool, and is text. */
function isText({ kind }: Partial<Chunk>): boolean {
  return kind === undefined || kind === 'text';
}
