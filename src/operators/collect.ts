import { type OperatorFunction, toArray } from 'rxjs';
import { checkedSource } from './source.js';

/**
 * Collects all values and emits them once, as one array, when the source completes.
 *
 * A source without values gives `[]`. Errors pass unchanged, and the values so far are dropped. Memory is not limited,
 * so the source must end.
 *
 * ```text
 * source       --a--b--c--|
 *              collect()
 * result       -----------(x|)   (x = [a, b, c])
 * ```
 *
 * @returns An operator from values to one array. It adds no errors of its own.
 *
 * @example
 * ```ts
 * const outcomes = await firstValueFrom(pool.broadcast('What should we build?').pipe(collect()));
 * ```
 *
 * @see {@link text} for the text of chunks, {@link toAsyncIterable} for values one by one.
 */
export function collect<T>(): OperatorFunction<T, readonly T[]> {
  return (source) => toArray<T>()(checkedSource('collect', source));
}
