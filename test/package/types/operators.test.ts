import { filter, type MonoTypeOperatorFunction, map, type Observable, type OperatorFunction, of, tap } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';
import type { Chunk, Reply } from '../../../src/contract/index.js';
import {
  collect,
  deadline,
  firstChunkTimeout,
  idleTimeout,
  noRetry,
  type ObservableIterator,
  type ToAsyncIterableOptions,
  text,
  toAsyncIterable,
} from '../../../src/operators/index.js';

declare const replies: Observable<Reply>;
declare const chunks: Observable<Chunk>;
// biome-ignore lint/suspicious/noExplicitAny: how a pipe() takes an operator typed `any` is under test.
declare const loose: any;

/** Checked only by the compiler: it never runs. */
function compiles(_: () => unknown): void {}

describe('the operators that pass values on', () => {
  test('keep the type of their source, also one after the other', () => {
    compiles(() => {
      expectTypeOf(deadline<Reply>(1)).toEqualTypeOf<MonoTypeOperatorFunction<Reply>>();
      expectTypeOf(replies.pipe(deadline(1))).toEqualTypeOf<Observable<Reply>>();
      expectTypeOf(chunks.pipe(firstChunkTimeout(1), idleTimeout(1))).toEqualTypeOf<Observable<Chunk>>();
      expectTypeOf(replies.pipe(noRetry(), deadline(1))).toEqualTypeOf<Observable<Reply>>();
    });
  });

  test('accept one number', () => {
    compiles(() => {
      // @ts-expect-error: a time is needed
      deadline();
      // @ts-expect-error: ms, not a text
      firstChunkTimeout('5s');
      // @ts-expect-error: ms, not a date
      idleTimeout(new Date());
      // @ts-expect-error: no scheduler
      deadline(5, loose as number);
      // @ts-expect-error: no options
      noRetry({ count: 1 });
    });
  });
});

describe('text and collect', () => {
  test('text leads from chunks to a string', () => {
    compiles(() => {
      expectTypeOf(text()).toEqualTypeOf<OperatorFunction<Chunk, string>>();
      expectTypeOf(chunks.pipe(deadline(1), text())).toEqualTypeOf<Observable<string>>();
      // @ts-expect-error: numbers have no text
      of(1).pipe(text());
    });
  });

  test('collect leads from values to a read-only array', () => {
    compiles(() => {
      expectTypeOf(chunks.pipe(collect())).toEqualTypeOf<Observable<readonly Chunk[]>>();
      // @ts-expect-error: read-only
      chunks.pipe(collect()).subscribe((all) => all.push(loose));
    });
  });
});

describe('toAsyncIterable', () => {
  test('leads from a stream, and from a pipe() of any length, to an iterator of the values', () => {
    compiles(() => {
      const iterator = toAsyncIterable(chunks);
      expectTypeOf(iterator).toEqualTypeOf<ObservableIterator<Chunk>>();
      expectTypeOf(iterator).toExtend<AsyncIterableIterator<Chunk>>();
      expectTypeOf(iterator).toExtend<AsyncIterable<Chunk>>();
      expectTypeOf(iterator).toExtend<AsyncDisposable>();
      expectTypeOf(toAsyncIterable(chunks.pipe(map((chunk) => chunk.content)))).toEqualTypeOf<
        ObservableIterator<string>
      >();
      expectTypeOf(
        toAsyncIterable(
          chunks.pipe(
            firstChunkTimeout(1),
            idleTimeout(1),
            map((chunk) => chunk.content),
            filter((content) => content !== ''),
            map((content) => content.length),
          ),
          { bufferSize: 8 },
        ),
      ).toEqualTypeOf<ObservableIterator<number>>();
    });
  });

  test('gives values of the right type to for await', () => {
    compiles(async () => {
      for await (const chunk of toAsyncIterable(chunks)) expectTypeOf(chunk).toEqualTypeOf<Chunk>();
      const result = await toAsyncIterable(chunks).next();
      if (result.done !== true) expectTypeOf(result.value).toEqualTypeOf<Chunk>();
    });
  });

  test('takes an Observable, and is no operator', () => {
    compiles(() => {
      // @ts-expect-error: a source is needed
      toAsyncIterable();
      // @ts-expect-error: options alone are no source
      toAsyncIterable({ bufferSize: 8 });
      // @ts-expect-error: a promise is no Observable
      toAsyncIterable(Promise.resolve(1));
      // @ts-expect-error: a pipe() wants an Observable from its last operator
      chunks.pipe(toAsyncIterable);
    });
  });

  test('does not change the types of pipe()', () => {
    compiles(() => {
      expectTypeOf(of(1).pipe(map((number) => `${number.toFixed()}`))).toEqualTypeOf<Observable<string>>();
      expectTypeOf(of(1).pipe()).toEqualTypeOf<Observable<number>>();
      expectTypeOf(of(1).pipe(loose)).toEqualTypeOf<Observable<unknown>>();
      expectTypeOf(of(1).pipe(tap(), loose)).toEqualTypeOf<Observable<unknown>>();
      expectTypeOf(of(1).pipe(tap(), tap(), tap(), tap(), tap(), tap())).toEqualTypeOf<Observable<number>>();
      // @ts-expect-error: a function that returns no Observable is no operator
      of(1).pipe(() => 5);
    });
  });

  test('knows its options', () => {
    compiles(() => {
      expectTypeOf<ToAsyncIterableOptions['overflow']>().toEqualTypeOf<
        'fail' | 'dropOldest' | 'dropNewest' | undefined
      >();
      // @ts-expect-error: no such policy
      toAsyncIterable(chunks, { overflow: 'block' });
      // @ts-expect-error: no such option
      toAsyncIterable(chunks, { size: 8 });
    });
  });
});
