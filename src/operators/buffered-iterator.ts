import type { Observable, Subscriber } from 'rxjs';
import { bufferOverflow } from '../errors/index.js';
import { FifoQueue } from '../schedule/fifo-queue.js';
import { upstream } from './source.js';

/** Names what happens to a value when the buffer is full. */
export type OverflowPolicy = 'fail' | 'dropOldest' | 'dropNewest';

/** Reads the values of an Observable one by one. Can be read once; see `toAsyncIterable`. */
export interface ObservableIterator<T> extends AsyncIterableIterator<T, undefined, undefined>, AsyncDisposable {
  /** Returns the next value. The first call subscribes to the source. */
  next(): Promise<IteratorResult<T, undefined>>;
  /** Unsubscribes and drops the buffered values. `break` calls it. */
  return(): Promise<IteratorResult<T, undefined>>;
  /** Unsubscribes, drops the buffered values, and rejects with `error`. */
  throw(error?: unknown): Promise<IteratorResult<T, undefined>>;
  /** Returns itself, for `for await`. */
  [Symbol.asyncIterator](): ObservableIterator<T>;
}

/** A `next()` call that waits for a value. */
interface Reader<T> {
  readonly promise: Promise<IteratorResult<T, undefined>>;
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads an Observable value by value. At any time it holds values, or readers that wait, or neither.
 *
 * @internal
 */
export class BufferedIterator<T> implements ObservableIterator<T> {
  readonly #source: Observable<T>;
  readonly #bufferSize: number;
  readonly #overflow: OverflowPolicy;
  readonly #values = new FifoQueue<T>();
  readonly #readers = new FifoQueue<Reader<T>>();
  readonly #upstream: Subscriber<T>;
  /** `failed`: over, but no reader has got the error yet. */
  #state: 'unread' | 'open' | 'failed' | 'done' = 'unread';
  #error: unknown;

  constructor(source: Observable<T>, bufferSize: number, overflow: OverflowPolicy) {
    this.#source = source;
    this.#bufferSize = bufferSize;
    this.#overflow = overflow;
    this.#upstream = upstream<T>({
      next: (value) => this.#take(value),
      error: (error: unknown) => this.#fail(error),
      complete: () => this.#complete(),
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#values.size > 0) return Promise.resolve({ done: false, value: this.#values.shift() as T });
    if (this.#state === 'done') return Promise.resolve(end());
    if (this.#state === 'failed') {
      const error = this.#error;
      this.#complete();
      return ignoreUnhandled(Promise.reject(error));
    }
    const reader = makeReader<T>();
    this.#readers.push(reader);
    if (this.#state === 'unread') {
      this.#state = 'open';
      this.#source.subscribe(this.#upstream);
    }
    return reader.promise;
  }

  return(): Promise<IteratorResult<T, undefined>> {
    // In a promise, so that a teardown of the source that throws rejects it.
    const closed = new Promise<IteratorResult<T, undefined>>((resolve) => {
      this.#close();
      resolve(end());
    });
    return ignoreUnhandled(closed);
  }

  throw(error?: unknown): Promise<IteratorResult<T, undefined>> {
    return ignoreUnhandled(this.return().then(() => Promise.reject(error)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return ignoreUnhandled(this.return().then(() => undefined));
  }

  #take(value: T): void {
    const reader = this.#readers.shift();
    if (reader !== undefined) return reader.resolve({ done: false, value });
    if (this.#values.size === this.#bufferSize) {
      if (this.#overflow === 'dropNewest') return;
      if (this.#overflow === 'fail') return this.#overflowed();
      this.#values.shift();
    }
    this.#values.push(value);
  }

  #overflowed(): void {
    try {
      this.#upstream.unsubscribe();
    } finally {
      this.#fail(bufferOverflow(this.#bufferSize));
    }
  }

  #fail(error: unknown): void {
    // An overflow runs the source's teardown, which may have closed the iterator.
    if (this.#state === 'done') return;
    const reader = this.#readers.shift();
    if (reader === undefined) {
      this.#state = 'failed';
      this.#error = error;
      return;
    }
    ignoreUnhandled(reader.promise);
    reader.reject(error);
    this.#complete();
  }

  /** Ends the iterator after the buffered values. */
  #complete(): void {
    this.#state = 'done';
    this.#error = undefined;
    for (let reader = this.#readers.shift(); reader !== undefined; reader = this.#readers.shift())
      reader.resolve(end());
  }

  #close(): void {
    this.#values.clear();
    try {
      this.#upstream.unsubscribe();
    } finally {
      this.#complete();
    }
  }
}

function end(): IteratorResult<never, undefined> {
  return { done: true, value: undefined };
}

function makeReader<T>(): Reader<T> {
  let resolve!: Reader<T>['resolve'];
  let reject!: Reader<T>['reject'];
  const promise = new Promise<IteratorResult<T, undefined>>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}

/**
 * Keeps a promise that nobody awaits from ending the process when it rejects. A reader that awaits it still gets the
 * error.
 */
function ignoreUnhandled<P extends Promise<unknown>>(promise: P): P {
  promise.catch(() => undefined);
  return promise;
}
