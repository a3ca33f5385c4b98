import { concat, map, mergeMap, Observable, of, take, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../../src/contract/index.js';
import { ChoragusError } from '../../../src/errors/index.js';
import { text } from '../../../src/operators/index.js';
import { marbles } from './marbles.js';

function chunk(content: string): Chunk {
  return { ci: 'apollo', index: 0, kind: 'text', content };
}

const chunks = { a: chunk('To be'), b: chunk(''), c: chunk(', or not') };

describe('text', () => {
  test('emits the whole text once, when the stream completes', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b-c---|', chunks);
      const subs = '        ^--------!';
      const result = '      ---------(t|)';
      expectObservable(source.pipe(text())).toBe(result, { t: 'To be, or not' });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('emits an empty text for a stream without chunks', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Chunk>(' ---|');
      const subs = '               ^--!';
      const result = '             ---(t|)';
      expectObservable(source.pipe(text())).toBe(result, { t: '' });
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('emits nothing while the stream runs', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b-c---', chunks);
      const subs = '        ^--------';
      const result = '      ---------';
      expectObservable(source.pipe(text())).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('emits no text for a stream that errors', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-#', chunks);
      const subs = '        ^--!';
      const result = '      ---#';
      expectObservable(source.pipe(text())).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes on the same error of the stream, with its partial text', () => {
    const cut = new ChoragusError('connection_lost', 'the link broke', { partial: 'To be' });
    const seen: unknown[] = [];
    concat(
      of(chunk('To be')),
      throwError(() => cut),
    )
      .pipe(text())
      .subscribe({ error: (error) => seen.push(error) });
    expect(seen[0]).toBe(cut);
    expect(cut.partial).toBe('To be');
  });

  test('joins a synchronous stream from the start for each subscription', () => {
    const seen: string[] = [];
    const whole = of(chunk('a'), chunk('b')).pipe(text());
    whole.subscribe((value) => seen.push(value));
    whole.subscribe((value) => seen.push(value));
    expect(seen).toEqual(['ab', 'ab']);
  });

  test('releases a stream that is cut by a take() before it', () => {
    let released = 0;
    const seen: string[] = [];
    const stream = new Observable<Chunk>((subscriber) => {
      subscriber.next(chunk('a'));
      subscriber.next(chunk('b'));
      return () => (released += 1);
    });
    stream.pipe(take(1), text(), take(1)).subscribe((value) => seen.push(value));
    expect(seen).toEqual(['a']);
    expect(released).toBe(1);
  });

  test('unsubscribes early', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b-c---|', chunks);
      const subs = '        ^---!';
      const unsub = '       ^---!';
      const result = '      -----';
      expectObservable(source.pipe(text()), unsub).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('does not break unsubscription chains', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-b-c---|', chunks);
      const subs = '        ^---!';
      const unsub = '       ^---!';
      const result = '      -----';
      const chain = source.pipe(
        mergeMap((value) => of(value)),
        text(),
        map((whole) => whole),
      );
      expectObservable(chain, unsub).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });
});
