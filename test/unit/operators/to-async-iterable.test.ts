import { defer, finalize, mergeMap, NEVER, Observable, of, range, Subject, take, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ChoragusError } from '../../../src/errors/index.js';
import { type ObservableIterator, type ToAsyncIterableOptions, toAsyncIterable } from '../../../src/operators/index.js';
import { firehose } from './firehose.js';
import { failure, marbles, toFailure } from './marbles.js';

const done = { done: true, value: undefined };
const overloaded = failure('overloaded');
const cut = new ChoragusError('connection_lost', 'the link broke', { ci: 'apollo' });

function value<T>(value: T): { done: false; value: T } {
  return { done: false, value };
}

/** Returns how a promise ended, as a value: an error as its {@link failure}. */
function ending(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => ({ thrown: toFailure(error) }));
}

describe('toAsyncIterable', () => {
  test('yields the values in a for await, and ends with the source', async () => {
    const seen: number[] = [];
    for await (const number of toAsyncIterable(of(1, 2, 3))) seen.push(number);
    expect(seen).toEqual([1, 2, 3]);
  });

  test('subscribes at the first next(), and once', () => {
    marbles(({ cold, expectSubscriptions, flush }) => {
      const source = cold(' -a--b--|');
      const subs = '        ^------!';
      const iterator = toAsyncIterable(source);
      expect(source.subscriptions).toEqual([]);
      void iterator.next();
      void iterator.next();
      flush();
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('serves overlapping next() calls in order', async () => {
    const source = new Subject<string>();
    const iterator = toAsyncIterable(source);
    const results = [iterator.next(), iterator.next(), iterator.next(), iterator.next()];
    source.next('a');
    source.next('b');
    source.complete();
    expect(await Promise.all(results)).toEqual([value('a'), value('b'), done, done]);
  });

  test('keeps values until they are read', async () => {
    const source = new Subject<string | undefined>();
    const iterator = toAsyncIterable(source);
    const first = iterator.next();
    for (const item of ['a', undefined, 'c']) source.next(item);
    source.complete();
    expect(await first).toEqual(value('a'));
    expect(await iterator.next()).toEqual(value(undefined));
    expect(await iterator.next()).toEqual(value('c'));
    expect(await iterator.next()).toEqual(done);
    expect(await iterator.next()).toEqual(done);
  });

  test('is its own iterator, and can be read once', async () => {
    const iterator = toAsyncIterable(of(1));
    expect(iterator[Symbol.asyncIterator]()).toBe(iterator);
    for await (const _ of iterator);
    const again: number[] = [];
    for await (const number of iterator) again.push(number);
    expect(again).toEqual([]);
  });

  test('makes a new iterator with its own buffer for each source', async () => {
    const options = { bufferSize: 1 };
    const [numbers, strings] = [toAsyncIterable(of(1, 2), options), toAsyncIterable(of('a', 'b'), options)];
    expect(await numbers.next()).toEqual(value(1));
    expect(await strings.next()).toEqual(value('a'));
    expect(await numbers.next()).toEqual(value(2));
    expect(await strings.next()).toEqual(value('b'));
  });

  test('never subscribes when it is closed unread', async () => {
    let subscribed = 0;
    const iterator = toAsyncIterable(defer(() => of(++subscribed)));
    expect(await iterator.return()).toEqual(done);
    expect(await iterator.next()).toEqual(done);
    expect(subscribed).toBe(0);
  });

  test('yields the values before an error, throws it once, and is done', async () => {
    const source = new Subject<string>();
    const iterator = toAsyncIterable(source);
    const first = iterator.next();
    source.next('a');
    source.next('b');
    source.error(cut);
    expect(await first).toEqual(value('a'));
    expect(await iterator.next()).toEqual(value('b'));
    await expect(iterator.next()).rejects.toBe(cut);
    expect(await iterator.next()).toEqual(done);
  });

  test('throws an error to the first waiting call; the others are done', async () => {
    const source = new Subject<string>();
    const iterator = toAsyncIterable(source);
    const results = [iterator.next(), iterator.next()].map(ending);
    source.error(cut);
    expect(await Promise.all(results)).toEqual([{ thrown: toFailure(cut) }, done]);
    expect(await iterator.next()).toEqual(done);
  });

  test('throws the error of a source that fails in subscribe', async () => {
    const iterator = toAsyncIterable(throwError(() => cut));
    await expect(iterator.next()).rejects.toBe(cut);
    expect(await iterator.next()).toEqual(done);
  });
});

describe('toAsyncIterable, when the buffer is full', () => {
  /** Reads the first value, lets four come unread into a buffer of two, and reads on to the end. */
  async function overflow(options: ToAsyncIterableOptions): Promise<{ seen: unknown[]; source: Subject<number> }> {
    const source = new Subject<number>();
    const iterator = toAsyncIterable(source, { bufferSize: 2, ...options });
    const seen: unknown[] = [];
    const first = iterator.next();
    for (const number of [0, 1, 2, 3, 4]) source.next(number);
    seen.push(await first);
    if (options.overflow !== undefined && options.overflow !== 'fail') source.complete();
    for (let i = 0; i < 4; i += 1) seen.push(await ending(iterator.next()));
    return { seen, source };
  }

  test('fails by default: yields the buffer, then overloaded, then is done', async () => {
    const { seen, source } = await overflow({});
    expect(seen).toEqual([value(0), value(1), value(2), { thrown: overloaded }, done]);
    expect(source.observed).toBe(false);
  });

  test('drops the oldest values', async () => {
    const { seen } = await overflow({ overflow: 'dropOldest' });
    expect(seen).toEqual([value(0), value(3), value(4), done, done]);
  });

  test('drops the newest values', async () => {
    const { seen } = await overflow({ overflow: 'dropNewest' });
    expect(seen).toEqual([value(0), value(1), value(2), done, done]);
  });

  test('unsubscribes at the value that overflows', () => {
    marbles(({ cold, expectSubscriptions }) => {
      const source = cold(' -a-b-c-d-e-|');
      const subs = '        ^------!';
      void toAsyncIterable(source, { bufferSize: 2 }).next();
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test.each(['dropOldest', 'dropNewest'] as const)('stays subscribed with %s', (overflow) => {
    marbles(({ cold, expectSubscriptions }) => {
      const source = cold(' -a-b-c-d-e-|');
      const subs = '        ^----------!';
      void toAsyncIterable(source, { bufferSize: 1, overflow }).next();
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('stops a synchronous source, by default after 256 values and one', async () => {
    const { source, emitted } = firehose();
    const iterator = toAsyncIterable(source);
    expect(await iterator.next()).toEqual(value(0));
    expect(emitted()).toBe(258);
  });

  test('the error names the option', async () => {
    const iterator = toAsyncIterable(range(0, 3), { bufferSize: 1 });
    await iterator.next();
    await iterator.next();
    await expect(iterator.next()).rejects.toThrow(
      'more than 1 values are waiting to be read: read faster, or raise "bufferSize"',
    );
  });

  test('fails even if the teardown of the source throws', async () => {
    const errors: unknown[] = [];
    let push!: (number: number) => void;
    const source = new Observable<number>((subscriber) => {
      push = (number) => subscriber.next(number);
      return () => {
        throw new TypeError('a bug');
      };
    });
    const iterator = toAsyncIterable(source, { bufferSize: 1 });
    const first = iterator.next();
    push(0);
    push(1);
    try {
      push(2);
    } catch (error) {
      errors.push(error);
    }
    expect(String(errors[0])).toContain('a bug');
    expect(await first).toEqual(value(0));
    expect(await iterator.next()).toEqual(value(1));
    expect(await ending(iterator.next())).toEqual({ thrown: overloaded });
  });

  test('throws nothing if the teardown of the source closes the iterator', async () => {
    const source = new Subject<number>();
    const iterator: ObservableIterator<number> = toAsyncIterable(source.pipe(finalize(() => void iterator.return())), {
      bufferSize: 1,
    });
    const first = iterator.next();
    for (const number of [0, 1, 2]) source.next(number);
    expect(await first).toEqual(value(0));
    expect(await iterator.next()).toEqual(done);
  });

  test('keeps the order and number of many values, read in bursts', async () => {
    const source = new Subject<number>();
    const iterator = toAsyncIterable(source, { bufferSize: 1_000 });
    const first = iterator.next();
    source.next(-1);
    await first;
    const seen: unknown[] = [];
    for (let burst = 0; burst < 20; burst += 1) {
      for (let i = 0; i < 45; i += 1) source.next(burst * 45 + i);
      for (let i = 0; i < 40; i += 1) seen.push((await iterator.next()).value);
    }
    source.complete();
    for await (const number of iterator) seen.push(number);
    expect(seen).toEqual(Array.from({ length: 900 }, (_, i) => i));
  });
});

describe('toAsyncIterable, when it is closed', () => {
  let source: Subject<number>;
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);

  beforeEach(() => {
    source = new Subject<number>();
    unhandled.length = 0;
    process.on('unhandledRejection', note);
  });
  afterEach(() => void process.off('unhandledRejection', note));

  /** Node has reported unhandled rejections by then. */
  const reported = () => new Promise<void>((resolve) => setImmediate(resolve));

  test('unsubscribes on break', async () => {
    const counted = source.pipe(mergeMap((number) => of(number, number)));
    const seen: number[] = [];
    queueMicrotask(() => source.next(1));
    for await (const number of toAsyncIterable(counted)) {
      seen.push(number);
      break;
    }
    expect(seen).toEqual([1]);
    expect(source.observed).toBe(false);
  });

  test('unsubscribes when the loop throws', async () => {
    queueMicrotask(() => source.next(1));
    const loop = async () => {
      for await (const _ of toAsyncIterable(source)) throw new RangeError('of the reader');
    };
    await expect(loop()).rejects.toThrow('of the reader');
    expect(source.observed).toBe(false);
  });

  test('leaves nothing subscribed after a thousand loops that break', async () => {
    for (let i = 0; i < 1_000; i += 1) {
      queueMicrotask(() => source.next(i));
      for await (const _ of toAsyncIterable(source)) break;
    }
    expect(source.observed).toBe(false);
  });

  test('does not break unsubscription chains', () => {
    marbles(({ cold, expectSubscriptions, flush }) => {
      const inner = cold('  -a--b--c--|');
      const subs = '        ^----!';
      const chain = toAsyncIterable(inner.pipe(mergeMap((letter) => of(letter))));
      void chain.next();
      cold('                -----x').subscribe(() => void chain.return());
      flush();
      expectSubscriptions(inner.subscriptions).toBe(subs);
    });
  });

  test('return() ends waiting calls, and drops the buffer', async () => {
    const iterator = toAsyncIterable(source);
    const waiting = [iterator.next(), iterator.next()];
    expect(await iterator.return()).toEqual(done);
    expect(await Promise.all(waiting)).toEqual([done, done]);
    expect(source.observed).toBe(false);

    const buffered = toAsyncIterable(of(1, 2, 3));
    await buffered.next();
    await buffered.return();
    expect(await buffered.next()).toEqual(done);
  });

  test('return() drops an error that was not read', async () => {
    const iterator = toAsyncIterable(source);
    const first = iterator.next();
    source.next(1);
    source.error(cut);
    await first;
    expect(await iterator.return()).toEqual(done);
    expect(await iterator.next()).toEqual(done);
  });

  test('throw() unsubscribes and rejects with its argument', async () => {
    const iterator = toAsyncIterable(source);
    const waiting = iterator.next();
    await expect(iterator.throw(cut)).rejects.toBe(cut);
    expect(await waiting).toEqual(done);
    expect(source.observed).toBe(false);
  });

  test('unsubscribes on dispose, even if called repeatedly', async () => {
    const iterator = toAsyncIterable(source);
    const waiting = iterator.next();
    await iterator[Symbol.asyncDispose]();
    await iterator[Symbol.asyncDispose]();
    expect(await waiting).toEqual(done);
    expect(source.observed).toBe(false);
  });

  test('return() rejects if the teardown of the source throws, and is still done', async () => {
    const faulty = new Observable(() => () => {
      throw new TypeError('a bug');
    });
    const iterator = toAsyncIterable(faulty);
    const waiting = iterator.next();
    await expect(iterator.return()).rejects.toThrow('a bug');
    expect(await waiting).toEqual(done);
    expect(await iterator.next()).toEqual(done);
  });

  test('can be closed inside the source', async () => {
    const emitted: number[] = [];
    const loud = new Observable<number>((subscriber) => {
      void iterator.return();
      for (let i = 0; i < 10 && !subscriber.closed; i += 1) emitted.push(i);
    });
    const iterator = toAsyncIterable(loud);
    expect(await iterator.next()).toEqual(done);
    expect(emitted).toEqual([]);
  });

  test('stops a synchronous source at the value with which a take(1) before it ends', async () => {
    const { source: loud, emitted } = firehose();
    const seen: number[] = [];
    for await (const number of toAsyncIterable(loud.pipe(take(1)))) seen.push(number);
    expect(seen).toEqual([0]);
    expect(emitted()).toBe(1);
  });

  test('leaves no rejection unhandled', async () => {
    const iterator = toAsyncIterable(source);
    void iterator.next();
    void iterator.next();
    source.error(cut);
    void toAsyncIterable(throwError(() => cut)).next();
    void toAsyncIterable(NEVER).throw(cut);
    const full = toAsyncIterable(of(1, 2, 3), { bufferSize: 1 });
    for (let i = 0; i < 3; i += 1) void full.next();
    const buggy = () => {
      const faulty = new Observable(() => () => {
        throw new TypeError('a bug');
      });
      const iterator = toAsyncIterable(faulty);
      void iterator.next();
      return iterator;
    };
    void buggy().return();
    void buggy().throw(cut);
    void buggy()[Symbol.asyncDispose]();
    await reported();
    await reported();
    expect(unhandled).toEqual([]);
  });
});

describe('toAsyncIterable, options', () => {
  test.each([
    [{ bufferSize: 0 }, 'toAsyncIterable: bufferSize is 0: use a whole number from 1 to 1000000'],
    [{ bufferSize: 1.5 }, 'bufferSize is 1.5'],
    [{ bufferSize: Number.POSITIVE_INFINITY }, 'bufferSize is Infinity'],
    [{ bufferSize: '8' }, 'bufferSize is "8"'],
    [{ overflow: 'block' }, 'overflow is "block": use fail, dropOldest, dropNewest'],
    [{ bufersize: 8 }, 'toAsyncIterable: bufersize is not an option'],
  ])('rejects %j at once', (options, message) => {
    let thrown: unknown;
    try {
      toAsyncIterable(NEVER, options as ToAsyncIterableOptions);
    } catch (error) {
      thrown = error;
    }
    expect(toFailure(thrown)).toEqual(failure('invalid_config', undefined, 'not_sent'));
    expect(String(thrown)).toContain(message);
  });

  test.each([
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
    ['options alone', { bufferSize: 8 }, 'an object'],
    ['an object without a prototype', Object.create(null), 'an object'],
    ['a promise', Promise.resolve(1), 'an object'],
    ['an array', [1, 2], 'a list'],
    ['a text', 'apollo', '"apollo"'],
    ['a function', () => NEVER, 'a function'],
  ])('rejects %s as a source, at once', (_, source: unknown, shown) => {
    let thrown: unknown;
    try {
      toAsyncIterable(source as Observable<unknown>);
    } catch (error) {
      thrown = error;
    }
    expect(toFailure(thrown)).toEqual(failure('invalid_config', undefined, 'not_sent'));
    expect(String(thrown)).toContain(`toAsyncIterable: source is ${shown}: use an Observable`);
  });

  test('takes undefined options as missing', async () => {
    const iterator = toAsyncIterable(of(1), { bufferSize: undefined, overflow: undefined });
    expect(await iterator.next()).toEqual(value(1));
  });
});
