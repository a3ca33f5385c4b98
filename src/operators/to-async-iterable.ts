import { isObservable, type Observable } from 'rxjs';
import { ChoragusError } from '../errors/index.js';
import { BufferedIterator, type ObservableIterator, type OverflowPolicy } from './buffered-iterator.js';

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

const MAX_BUFFER_SIZE = 1_000_000;
const policies: readonly unknown[] = ['fail', 'dropOldest', 'dropNewest'] satisfies readonly OverflowPolicy[];
const known: readonly string[] = ['bufferSize', 'overflow'] satisfies readonly (keyof ToAsyncIterableOptions)[];

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
export function toAsyncIterable<T>(source: Observable<T>, options: ToAsyncIterableOptions = {}): ObservableIterator<T> {
  if (!isObservable(source)) throw invalid(`takes an Observable as its source, not a value of type ${typeof source}`);
  const { bufferSize = 256, overflow = 'fail' } = options;
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw invalid(`does not know the option ${name}; it has ${known.join(' and ')}`);
  }
  if (!Number.isInteger(bufferSize) || bufferSize < 1 || bufferSize > MAX_BUFFER_SIZE) {
    throw invalid(`takes a bufferSize from 1 to ${MAX_BUFFER_SIZE}, not ${String(bufferSize)}`);
  }
  if (!policies.includes(overflow)) {
    throw invalid(`takes an overflow of ${policies.join(', ')}, not ${String(overflow)}`);
  }
  return new BufferedIterator(source, bufferSize, overflow);
}

function invalid(message: string): ChoragusError {
  return new ChoragusError('invalid_config', `toAsyncIterable ${message}`, { delivery: 'not_sent' });
}
