import type { Observable } from 'rxjs';
import * as v from 'valibot';
import { check, optionsOf, wholeNumber } from '../checks/index.js';
import { BufferedIterator, type ObservableIterator, type OverflowPolicy } from './buffered-iterator.js';
import { checkedSource } from './source.js';

/** Options of {@link toAsyncIterable}. */
export interface ToAsyncIterableOptions {
  /** Most values that are buffered: an integer from 1 to 1,000,000. Default: 256. */
  readonly bufferSize?: number | undefined;
  /**
   * What happens to a value when the buffer is full. `fail` unsubscribes, and throws after the buffered values have been read; `dropOldest` and
   * `dropNewest` drop a value and go on. Default: `fail`.
   */
  readonly overflow?: OverflowPolicy | undefined;
}

const DEFAULTS = { bufferSize: 256, overflow: 'fail' } as const;
const policies = ['fail', 'dropOldest', 'dropNewest'] as const satisfies readonly OverflowPolicy[];
const schema = optionsOf({
  bufferSize: v.optional(wholeNumber(1, 1_000_000), DEFAULTS.bufferSize),
  overflow: v.optional(v.picklist(policies, policies.join(', ')), DEFAULTS.overflow),
});

/**
 * Turns a stream into an `AsyncIterableIterator` for `for await`, with a bounded buffer.
 *
 * It returns no Observable, so it is not an operator: it goes around a `pipe()`, not into it.
 *
 * The first `next()` subscribes. Leaving the loop (`break`, `return`, a throw) or disposing the iterator unsubscribes. It can be read once.
 * Overlapping `next()` calls are served in order. An error of the source is thrown once, after the values before it; then the iterator is
 * done. An Observable has no backpressure: a reader that is slower than the source fills the buffer, and `overflow` says what happens then.
 *
 * ```text
 * source       --a--b--c--|
 *              toAsyncIterable(source)
 * result       next() → a, next() → b, next() → c, next() → done
 * ```
 *
 * @param source The Observable to read. Apply operators before: `toAsyncIterable(source.pipe(…))`.
 * @param options.bufferSize Most values that are buffered, from 1 to 1,000,000. Default: 256.
 * @param options.overflow `fail`, `dropOldest` or `dropNewest`. Default: `fail`.
 * @returns An iterator that throws `overloaded`, delivery `maybe_sent`, when the buffer overflows under `fail`.
 * @throws ChoragusError `invalid_config`, at once, for a source that is not an Observable, and for an option that is
 *   unknown or out of range.
 *
 * @example
 * ```ts
 * for await (const chunk of toAsyncIterable(pool.stream('apollo', 'Explain it slowly'))) {
 *   process.stdout.write(chunk.content);
 * }
 * ```
 *
 * @see {@link collect} and {@link text}, which emit everything at once.
 */
export function toAsyncIterable<T>(source: Observable<T>, options?: ToAsyncIterableOptions): ObservableIterator<T> {
  const checked = checkedSource('toAsyncIterable', source);
  if (options === undefined) return new BufferedIterator(checked, DEFAULTS.bufferSize, DEFAULTS.overflow);
  const { bufferSize, overflow } = check(schema, options, { of: 'toAsyncIterable' });
  return new BufferedIterator(checked, bufferSize, overflow);
}
