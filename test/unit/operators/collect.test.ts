import { mergeMap, Observable, of, take } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { collect } from '../../../src/operators/index.js';
import { failure, marbles } from './marbles.js';

describe('collect', () => {
  test('emits all values once, when the source completes', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b-c---|');
      const subs = '        ^--------!';
      const result = '      ---------(x|)';
      expectObservable(source.pipe(collect())).toBe(result, { x: ['a', 'b', 'c'] });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('emits an empty array for a source without values', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' ---|');
      const subs = '        ^--!';
      const result = '      ---(x|)';
      expectObservable(source.pipe(collect())).toBe(result, { x: [] });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('emits nothing while the source runs', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b-c---');
      const subs = '        ^--------';
      const result = '      ---------';
      expectObservable(source.pipe(collect())).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes on the error of the source, without values', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-#', undefined, failure('connection_lost'));
      const subs = '        ^--!';
      const result = '      ---#';
      expectObservable(source.pipe(collect())).toBe(result, undefined, failure('connection_lost'));
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('emits a new array for each subscription', () => {
    const seen: (readonly number[])[] = [];
    const all = of(1, 2).pipe(collect());
    all.subscribe((values) => seen.push(values));
    all.subscribe((values) => seen.push(values));
    expect(seen).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(seen[0]).not.toBe(seen[1]);
  });

  test('releases a source that is cut by a take() before it', () => {
    let released = 0;
    const seen: (readonly number[])[] = [];
    const source = new Observable<number>((subscriber) => {
      subscriber.next(1);
      subscriber.next(2);
      return () => (released += 1);
    });
    source.pipe(take(1), collect(), take(1)).subscribe((values) => seen.push(values));
    expect(seen).toEqual([[1]]);
    expect(released).toBe(1);
  });

  test('unsubscribes early', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b-c---|');
      const subs = '        ^---!';
      const unsub = '       ^---!';
      const result = '      -----';
      expectObservable(source.pipe(collect()), unsub).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('does not break unsubscription chains', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b-c---|');
      const subs = '        ^---!';
      const unsub = '       ^---!';
      const result = '      -----';
      const chain = source.pipe(
        mergeMap((value) => of(value)),
        collect(),
        mergeMap((values) => of(values)),
      );
      expectObservable(chain, unsub).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });
});
