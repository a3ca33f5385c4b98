import { mergeMap, Observable, of, retry, Subject, take } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { idleTimeout } from '../../../src/operators/index.js';
import { firehose } from './firehose.js';
import { failure, marbles, toFailure } from './marbles.js';

const late = failure('deadline_exceeded', 'idle');

describe('idleTimeout', () => {
  test('passes on a source that is never silent for too long', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b--c--d--|');
      const subs = '        ^------------!';
      const result = '      -a--b--c--d--|';
      expectObservable(source.pipe(idleTimeout(4))).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('releases the source and errors when a silence lasts too long, to the millisecond', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -----a--b---------c--|');
      const subs = '        ^-----------!';
      const result = '      -----a--b---#';
      expectObservable(source.pipe(idleTimeout(4))).toBe(result, undefined, late);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('counts the silence after the last value, too', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a---------|');
      const subs = '        ^----!';
      const result = '      -a---#';
      expectObservable(source.pipe(idleTimeout(4))).toBe(result, undefined, late);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('does not count the time before the first value', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' ----------a--|');
      const subs = '        ^------------!';
      const result = '      ----------a--|';
      expectObservable(source.pipe(idleTimeout(4))).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('never ends a source without values', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -');
      const subs = '        ^-----------!';
      const unsub = '       ^-----------!';
      const result = '      -------------';
      expectObservable(source.pipe(idleTimeout(4)), unsub).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes on a value or an end that comes exactly at the time', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a---b---c---|');
      const subs = '        ^------------!';
      const result = '      -a---b---c---|';
      expectObservable(source.pipe(idleTimeout(4))).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('counts from the last of several values at one moment', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -(abc)-----|');
      const subs = '        ^-----!';
      const result = '      -(abc)#';
      expectObservable(source.pipe(idleTimeout(5))).toBe(result, undefined, late);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes on the error of the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-#');
      const subs = '        ^--!';
      const result = '      -a-#';
      expectObservable(source.pipe(idleTimeout(4))).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('counts for each subscription', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source = hot('  --a--------b---|');
      const first = '       ^-----!';
      const second = '      ---^-----------!';
      const result1 = '     --a---#';
      const result2 = '     -----------b---|';
      const limited = source.pipe(idleTimeout(4));
      expectObservable(limited, '^').toBe(result1, undefined, late);
      expectObservable(limited, '---^').toBe(result2);
      expectSubscriptions(source.subscriptions).toBe([first, second]);
    });
  });

  test('starts anew with each try of a retry() after it', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--------|');
      const subs = ['       ^----!', '        -----^----!'];
      const result = '      -a----a---#';
      expectObservable(source.pipe(idleTimeout(4), retry(1))).toBe(result, undefined, late);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('unsubscribes early', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b--c--|');
      const subs = '        ^----!';
      const unsub = '       ^----!';
      const result = '      -a--b-';
      expectObservable(source.pipe(idleTimeout(4)), unsub).toBe(result);
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
        idleTimeout(4),
        mergeMap((value) => of(value)),
      );
      expectObservable(chain, unsub).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('rejects a bad time at once, under its own name', () => {
    expect(() => idleTimeout(-5)).toThrow('[invalid_config] idleTimeout: ms is -5: use');
  });
});

describe('idleTimeout, timers and clocks', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  function watch(ms: number): { readonly source: Subject<number>; readonly seen: unknown[] } {
    const source = new Subject<number>();
    const seen: unknown[] = [];
    source.pipe(idleTimeout(ms)).subscribe({ error: (error) => seen.push(toFailure(error)) });
    return { source, seen };
  }

  test('passes on a synchronous source and leaves no timer', () => {
    const seen: unknown[] = [];
    of(1, 2)
      .pipe(idleTimeout(5))
      .subscribe({ next: (value) => seen.push(value), complete: () => seen.push('end') });
    expect(seen).toEqual([1, 2, 'end']);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('stops a synchronous source at the value with which take(1) ends', () => {
    const { source, emitted } = firehose();
    source.pipe(idleTimeout(5), take(1)).subscribe();
    expect(emitted()).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('has released the source when the error is seen', () => {
    const order: unknown[] = [];
    const source = new Observable<number>((subscriber) => {
      subscriber.next(1);
      return () => order.push('released');
    });
    source.pipe(idleTimeout(5)).subscribe({ error: (error) => order.push(toFailure(error)) });
    vi.advanceTimersByTime(10);
    expect(order).toEqual(['released', late]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('sets no timer for a value', () => {
    const set = vi.spyOn(globalThis, 'setInterval');
    const { source } = watch(1_000);
    for (let i = 0; i < 999; i += 1) {
      source.next(i);
      vi.advanceTimersByTime(1);
    }
    expect(set).toHaveBeenCalledTimes(1);
    source.complete();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('does not fire early when the clock is set forward', () => {
    const { source, seen } = watch(1_000);
    source.next(1);
    vi.advanceTimersByTime(900);
    source.next(2);
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(999);
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect(seen).toEqual([late]);
  });

  test('fires at most one interval late when the clock is set back', () => {
    const { source, seen } = watch(1_000);
    source.next(1);
    vi.advanceTimersByTime(900);
    source.next(2);
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(999);
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(1_005);
    expect(seen).toEqual([late]);
  });

  test('accepts a value that was read just before a late timer fires', () => {
    const { source, seen } = watch(1_000);
    source.next(1);
    // The timer is due; the event loop reads sockets before it fires.
    vi.advanceTimersByTime(1_000);
    source.next(2);
    vi.advanceTimersByTime(999);
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(5);
    expect(seen).toEqual([late]);
  });
});
