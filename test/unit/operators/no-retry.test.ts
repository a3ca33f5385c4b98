import { defer, mergeMap, NEVER, type Observable, of, repeat, retry, take, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { ChoragusError } from '../../../src/errors/index.js';
import { noRetry } from '../../../src/operators/index.js';
import { firehose } from './firehose.js';
import { failure, marbles, toFailure } from './marbles.js';

const refused = failure('already_sent');
const notSent = new ChoragusError('unavailable', 'the CI is down', { ci: 'apollo', delivery: 'not_sent' });
const maybeSent = new ChoragusError('connection_lost', 'the link broke', { ci: 'apollo', delivery: 'maybe_sent' });
const answered = new ChoragusError('ci_error', 'the CI said no', { ci: 'apollo', delivery: 'answered' });

describe('noRetry', () => {
  test('passes on its source to the first subscriber', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b--|');
      const subs = '        ^------!';
      const result = '      -a--b--|';
      expectObservable(source.pipe(noRetry())).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('passes on a source that never ends', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b---');
      const subs = '        ^-------';
      const result = '      -a--b---';
      expectObservable(source.pipe(noRetry())).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test.each([
    ['may have been sent', maybeSent],
    ['was answered', answered],
    ['failed otherwise', new TypeError('a bug')],
  ])('stops a retry() after an error that %s', (_, error) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-#', undefined, error);
      const subs = '        ^--!';
      const result = '      -a-#';
      expectObservable(source.pipe(noRetry(), retry(3))).toBe(result, undefined, refused);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('allows a retry() as long as nothing was sent', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' ---#', undefined, notSent);
      const subs = ['       ^--!', '        ---^--!', '        ------^--!'];
      const result = '      ---------#';
      expectObservable(source.pipe(noRetry(), retry(2))).toBe(result, undefined, toFailure(notSent));
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('allows a retry() with a delay as long as nothing was sent', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' --#', undefined, notSent);
      const subs = ['       ^-!', '        ----^-!'];
      const result = '      ------#';
      const retried = source.pipe(noRetry(), retry({ count: 1, delay: 2 }));
      expectObservable(retried).toBe(result, undefined, toFailure(notSent));
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('stops a repeat()', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a-|');
      const subs = '        ^--!';
      const result = '      -a-#';
      expectObservable(source.pipe(noRetry(), repeat(2))).toBe(result, undefined, refused);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('rejects a second subscriber, both during and after the first subscription', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b--|');
      const subs = '        ^------!';
      const result1 = '     -a--b--|';
      const result2 = '     --#';
      const result3 = '     ---------#';
      const once = source.pipe(noRetry());
      expectObservable(once, '^').toBe(result1);
      expectObservable(once, '--^').toBe(result2, undefined, refused);
      expectObservable(once, '---------^').toBe(result3, undefined, refused);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('does not confuse a rejected subscriber with the active one', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' ----#', undefined, notSent);
      const subs = ['       ^---!', '        ------^---!'];
      const result1 = '     ----#';
      const result2 = '     --#';
      const result3 = '     ----------#';
      const once = source.pipe(noRetry());
      expectObservable(once, '^').toBe(result1, undefined, toFailure(notSent));
      expectObservable(once, '--^').toBe(result2, undefined, refused);
      expectObservable(once, '------^').toBe(result3, undefined, toFailure(notSent));
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('unsubscribes early, and rejects later subscribers', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold(' -a--b--|');
      const subs = '        ^-!';
      const unsub = '       ^-!';
      const result1 = '     -a-';
      const result2 = '     ----#';
      const once = source.pipe(noRetry());
      expectObservable(once, unsub).toBe(result1);
      expectObservable(once, '----^').toBe(result2, undefined, refused);
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
        noRetry(),
        mergeMap((value) => of(value)),
      );
      expectObservable(chain, unsub).toBe(result);
      expectSubscriptions(source.subscriptions).toBe(subs);
    });
  });

  test('keeps its state for each source', () => {
    const once = noRetry<number>();
    const seen: number[] = [];
    of(1)
      .pipe(once)
      .subscribe((value) => seen.push(value));
    of(2)
      .pipe(once)
      .subscribe((value) => seen.push(value));
    expect(seen).toEqual([1, 2]);
  });

  test('allows a retry after a synchronous failure', () => {
    let tries = 0;
    const seen: unknown[] = [];
    const source = defer(() => {
      tries += 1;
      return tries < 3 ? throwError(() => notSent) : of('reply');
    });
    source.pipe(noRetry(), retry(5)).subscribe((value) => seen.push(value));
    expect(seen).toEqual(['reply']);
    expect(tries).toBe(3);
  });

  test('rejects a subscriber that subscribes again inside a value', () => {
    const seen: unknown[] = [];
    const once: Observable<number> = of(1).pipe(noRetry());
    once.subscribe(() => once.subscribe({ error: (error) => seen.push(toFailure(error)) }));
    expect(seen).toEqual([refused]);
  });

  test('stops a synchronous source at the value with which take(1) ends', () => {
    const { source, emitted } = firehose();
    source.pipe(noRetry(), take(1)).subscribe();
    expect(emitted()).toBe(1);
  });

  test('gives the error of the former subscription as the cause', () => {
    const seen: ChoragusError[] = [];
    throwError(() => maybeSent)
      .pipe(noRetry(), retry(1))
      .subscribe({ error: (error: ChoragusError) => seen.push(error) });
    expect(seen[0]?.cause).toBe(maybeSent);
    expect(seen[0]?.ci).toBe('apollo');
  });

  test('gives no cause if the former subscription had no error', () => {
    const seen: ChoragusError[] = [];
    const once = NEVER.pipe(noRetry());
    once.subscribe().unsubscribe();
    once.subscribe({ error: (error: ChoragusError) => seen.push(error) });
    expect(seen[0]).not.toHaveProperty('cause');
    expect(seen[0]?.ci).toBeUndefined();
  });
});
