import { concat, EMPTY, mergeMap, NEVER, Observable, of, retry, take } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { describeValue } from '../../../src/errors/index.js';
import { deadline } from '../../../src/operators/index.js';
import { firehose } from './firehose.js';
import { failure, marbles, toFailure } from './marbles.js';

const late = failure('deadline_exceeded', 'total');

describe('deadline', () => {
  test('passes on a source that ends in time', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b--|');
      const subs = '        ^------!';
      const result = '      -a--b--|';
      expectObservable(source.pipe(deadline(10))).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('releases the source and errors when the time is over, with or without values', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' ---a---b---c---|');
      const subs = '        ^---------!';
      const result = '      ---a---b--#';
      expectObservable(source.pipe(deadline(10))).toBe(result, undefined, late);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('ends a source that never does anything', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -');
      const subs = '        ^----!';
      const result = '      -----#';
      expectObservable(source.pipe(deadline(5))).toBe(result, undefined, late);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('counts for each subscription from its start', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  -a-b-c-d-e-f-g-');
      const first = '       ^----!';
      const second = '      ---^----!';
      // The value of frame 5 comes exactly at the deadline.
      const result1 = '     -a-b-(c#)';
      const result2 = '     ---b-c-d#';
      const limited = source.pipe(deadline(5));
      expectObservable(limited, '^').toBe(result1, undefined, late);
      expectObservable(limited, '---^').toBe(result2, undefined, late);
      expectSubscriptions(source.subscriptions).toBe([first, second]);
    });
  });

  test('passes on a value that comes exactly at the deadline, and then errors', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -----a---|');
      const subs = '        ^----!';
      const result = '      -----(a#)';
      expectObservable(source.pipe(deadline(5))).toBe(result, undefined, late);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('completes if the completion comes exactly at the deadline', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a---|');
      const subs = '        ^----!';
      const result = '      -a---|';
      expectObservable(source.pipe(deadline(5))).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes on the error of the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-#');
      const subs = '        ^--!';
      const result = '      -a-#';
      expectObservable(source.pipe(deadline(5))).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('unsubscribes early', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b--c--|');
      const subs = '        ^----!';
      const unsub = '       ^----!';
      const result = '      -a--b-';
      expectObservable(source.pipe(deadline(20)), unsub).toBe(result);
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
        deadline(20),
        mergeMap((value) => of(value)),
      );
      expectObservable(chain, unsub).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('starts anew with each try of a retry() after it', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a------|');
      const subs = ['       ^---!    ', '    ----^---!'];
      const result = '      -a---a--#';
      expectObservable(source.pipe(deadline(4), retry(1))).toBe(result, undefined, late);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('covers all tries of a retry() before it', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --#');
      const subs = ['       ^-!   ', '       --^-!', '         ----^!'];
      const result = '      -----#';
      expectObservable(source.pipe(retry(), deadline(5))).toBe(result, undefined, late);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, '5', undefined])('rejects %s at once', (ms) => {
    let thrown: unknown;
    try {
      deadline(ms as number);
    } catch (error) {
      thrown = error;
    }
    expect(toFailure(thrown)).toEqual(failure('invalid_config', undefined, 'not_sent'));
    expect(String(thrown)).toContain(
      `deadline: ms is ${describeValue(ms)}: use a number of milliseconds above 0, at most 2147483647`,
    );
  });

  test.each([0.5, 2 ** 31 - 1])('accepts %d', (ms) => {
    expect(() => deadline(ms)).not.toThrow();
  });
});

describe('deadline, timers and teardowns', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('passes on a synchronous source and leaves no timer', () => {
    const seen: unknown[] = [];
    of(1, 2)
      .pipe(deadline(5))
      .subscribe({ next: (value) => seen.push(value), complete: () => seen.push('end') });
    expect(seen).toEqual([1, 2, 'end']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test.each([
    ['completes', EMPTY, 0],
    ['times out', NEVER, 10],
    ['is unsubscribed', NEVER, 0],
  ])('leaves no timer when it %s', (_, source, passedMs) => {
    const subscription = source.pipe(deadline(5)).subscribe({ error: () => {} });
    vi.advanceTimersByTime(passedMs);
    subscription.unsubscribe();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('stops a synchronous source at the value with which take(1) ends', () => {
    const { source, emitted } = firehose();
    source.pipe(deadline(5), take(1)).subscribe();
    expect(emitted()).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('has released the source when the error is seen', () => {
    const order: string[] = [];
    new Observable(() => () => order.push('released'))
      .pipe(deadline(5))
      .subscribe({ error: () => order.push('error') });
    vi.advanceTimersByTime(10);
    expect(order).toEqual(['released', 'error']);
  });

  test('errors even if the teardown of the source throws', () => {
    const seen: unknown[] = [];
    const source = new Observable(() => () => {
      throw new TypeError('a bug');
    });
    source.pipe(deadline(5)).subscribe({ error: (error) => seen.push(toFailure(error)) });
    expect(() => vi.advanceTimersByTime(10)).toThrow('a bug');
    expect(seen).toEqual([late]);
  });

  test('the error says what was missing, and how long it waited', () => {
    const seen: unknown[] = [];
    concat(of(1), NEVER)
      .pipe(deadline(5))
      .subscribe({ error: (error: Error) => seen.push(error.message) });
    vi.advanceTimersByTime(10);
    expect(seen).toEqual(['[deadline_exceeded] no complete answer within 5 ms']);
  });
});
