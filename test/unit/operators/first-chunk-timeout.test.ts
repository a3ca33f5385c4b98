import { mergeMap, Observable, of, retry, take } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { firstChunkTimeout } from '../../../src/operators/index.js';
import { firehose } from './firehose.js';
import { failure, marbles, toFailure } from './marbles.js';

const late = failure('deadline_exceeded', 'first chunk');

describe('firstChunkTimeout', () => {
  test('releases the source and errors when no value comes in time', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' ------a--b--|');
      const subs = '        ^---!';
      const result = '      ----#';
      expectObservable(source.pipe(firstChunkTimeout(4))).toBe(result, undefined, late);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('ends with the first value', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a---------b---|');
      const subs = '        ^---------------!';
      const result = '      --a---------b---|';
      expectObservable(source.pipe(firstChunkTimeout(4))).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes on a first value that comes exactly at the time', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' ----a-----|');
      const subs = '        ^---------!';
      const result = '      ----a-----|';
      expectObservable(source.pipe(firstChunkTimeout(4))).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('accepts an end without values in time', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' ---|');
      const subs = '        ^--!';
      const result = '      ---|';
      expectObservable(source.pipe(firstChunkTimeout(4))).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('ends a source that never does anything', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -');
      const subs = '        ^---!';
      const result = '      ----#';
      expectObservable(source.pipe(firstChunkTimeout(4))).toBe(result, undefined, late);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes on a source that never ends', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --a-----b---');
      const subs = '        ^-----------';
      const result = '      --a-----b---';
      expectObservable(source.pipe(firstChunkTimeout(4))).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes on the error of the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --#');
      const subs = '        ^-!';
      const result = '      --#';
      expectObservable(source.pipe(firstChunkTimeout(4))).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('counts for each subscription', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --a--------b--');
      const first = '       ^-------------';
      const second = '      ---^---!';
      const result1 = '     --a--------b--';
      const result2 = '     -------#';
      const limited = source.pipe(firstChunkTimeout(4));
      expectObservable(limited, '^').toBe(result1);
      expectObservable(limited, '---^').toBe(result2, undefined, late);
      expectSubscriptions(source.subscriptions).toBe([first, second]);
    });
  });

  test('starts anew with each try of a retry() after it', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' ------a|');
      const subs = ['       ^---!', '        ----^---!'];
      const result = '      --------#';
      expectObservable(source.pipe(firstChunkTimeout(4), retry(1))).toBe(result, undefined, late);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('unsubscribes early', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' ------a--|');
      const subs = '        ^--!';
      const unsub = '       ^--!';
      const result = '      ----';
      expectObservable(source.pipe(firstChunkTimeout(4)), unsub).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('does not break unsubscription chains', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b--c--|');
      const subs = '        ^----!';
      const unsub = '       ^----!';
      const result = '      -a--b-';
      const chain = source.pipe(
        mergeMap((value) => of(value)),
        firstChunkTimeout(4),
        mergeMap((value) => of(value)),
      );
      expectObservable(chain, unsub).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('rejects a bad time at once, under its own name', () => {
    expect(() => firstChunkTimeout(0)).toThrow('[invalid_config] firstChunkTimeout: ms is 0: use');
  });
});

describe('firstChunkTimeout, timers and teardowns', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('passes on a synchronous source and leaves no timer', () => {
    const seen: unknown[] = [];
    of(1, 2)
      .pipe(firstChunkTimeout(5))
      .subscribe({ next: (value) => seen.push(value), complete: () => seen.push('end') });
    expect(seen).toEqual([1, 2, 'end']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('holds no timer from the first value on', () => {
    const subscription = new Observable<number>((subscriber) => subscriber.next(1))
      .pipe(firstChunkTimeout(5))
      .subscribe();
    expect(vi.getTimerCount()).toBe(0);
    subscription.unsubscribe();
  });

  test('stops a synchronous source at the value with which take(1) ends', () => {
    const { source, emitted } = firehose();
    source.pipe(firstChunkTimeout(5), take(1)).subscribe();
    expect(emitted()).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('has released the source when the error is seen', () => {
    const order: unknown[] = [];
    new Observable(() => () => order.push('released'))
      .pipe(firstChunkTimeout(5))
      .subscribe({ error: (error) => order.push(toFailure(error)) });
    vi.advanceTimersByTime(10);
    expect(order).toEqual(['released', late]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
