import type { Observable } from 'rxjs';
import * as v from 'valibot';
import { check, optionsOf, wholeNumber } from '../checks/index.js';
import { BufferedIterator, type ObservableIterator, type OverflowPolicy } from './buffered-iterator.js';
import { checkedSource } from './checked-source.js';

/** Options of {@link toAsyncIterable}. */
export interface ToAsyncIterableOptions {
  /** Values that may wait to be read: an integer from 1 to 1,000,000. Default: 256. */
  readonly bufferSize?: number | undefined;
  /**
   * What happens to a value for which there is no room. `fail` unsubscribes, lets what is buffered be read, and then
   * throws; `dropOldest` and `dropNewest` lose a value and go on. Default: `fail`.
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
 * It leads out of Observables, so it is no operator: it goes around a `pipe()`, not into it.
 *
 * It subscribes at the first `next()`; leaving the loop (`break`, `return`, a throw) or disposing it unsubscribes. It can
 * be read once. `next()` calls that overlap are served in order. An error of the source is thrown once, after what had
 * come before it was read; from then on the iterator is done. An Observable cannot be slowed down, so a
 * reader that is slower than the source fills the buffer, and `overflow` says what then happens.
 *
 * ```text
 * source       --a--b--c--|
 *              toAsyncIterable(source)
 * result       next() → a, next() → b, next() → c, next() → done
 * ```
 *
 * @param source What is read. Operators are applied before: `toAsyncIterable(source.pipe(…))`.
 * @param options.bufferSize Values that may wait to be read, from 1 to 1,000,000. Default: 256.
 * @param options.overflow `fail`, `dropOldest` or `dropNewest`. Default: `fail`.
 * @returns An iterator that throws `overloaded`, delivery `maybe_sent`, when the buffer overflows under `fail`.
 * @throws ChoragusError `invalid_config`, at once, for a source that is no Observable and for an option that is
 *   unknown or out of range.
 *
 * @example
 * ```ts
 * for await (const chunk of toAsyncIterable(pool.stream('apollo', 'Explain it slowly'))) {
 *   process.stdout.write(chunk.content);
 * }
 * ```
 *
 * @see {@link collect} and {@link text} for the whole at once.
 */
export function toAsyncIterable<T>(source: Observable<T>, options?: ToAsyncIterableOptions): ObservableIterator<T> {
  const checked = checkedSource('toAsyncIterable', source);
  if (options === undefined) return new BufferedIterator(checked, DEFAULTS.bufferSize, DEFAULTS.overflow);
  const { bufferSize, overflow } = check(schema, options, { of: 'toAsyncIterable' });
  return new BufferedIterator(checked, bufferSize, overflow);
}
