import type { Observable } from 'rxjs';
import * as v from 'valibot';
import { check, optionsOf, wholeNumber } from '../checks/index.js';
import { BufferedIterator, type ObservableIterator, type OverflowPolicy } from './buffered-iterator.js';
import { checkedSource } from './source.js';

/** Configures {@link toAsyncIterable}. */
export interface ToAsyncIterableOptions {
  /** Largest number of values that wait to be read: an integer from 1 to 1,000,000. Default: 256. */
  readonly bufferSize?: number | undefined;
  /**
   * What happens to a value when the buffer is full. `fail` unsubscribes, lets the buffered values be read, and then
   * throws; `dropOldest` and `dropNewest` drop a value and go on. Default: `fail`.
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
 * It leads out of Observables, so it is a function around a `pipe()`, not an operator in it.
 *
 * It subscribes at the first `next()`. Leaving the loop (`break`, `return`, a throw) or disposing the iterator
 * unsubscribes. It can be read once. `next()` calls that overlap are served in order. An error of the source is thrown
 * once, after the values before it were read; then the iterator is done. An Observable cannot be slowed down: a reader
 * slower than the source fills the buffer, and `overflow` decides what happens then.
 *
 * ```text
 * source       --a--b--c--|
 *              toAsyncIterable(source)
 * result       next() → a, next() → b, next() → c, next() → done
 * ```
 *
 * @param source - The Observable to read. Apply operators before: `toAsyncIterable(source.pipe(…))`.
 * @param options - `bufferSize`, from 1 to 1,000,000 (default: 256), and `overflow` (default: `fail`).
 * @returns An iterator that throws `overloaded`, delivery `maybe_sent`, when the buffer overflows under `fail`.
 * @throws ChoragusError `invalid_config`, at once, for a source that is no Observable and for an option that is unknown
 *   or out of range.
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
