import { EMPTY, NEVER, type Observable, type OperatorFunction, of, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../../src/contract/index.js';
import {
  collect,
  deadline,
  firstChunkTimeout,
  idleTimeout,
  noRetry,
  text,
  toAsyncIterable,
} from '../../../src/operators/index.js';
import { failure, toFailure } from './marbles.js';

const operators: Readonly<Record<string, () => (source: Observable<never>) => unknown>> = {
  collect,
  deadline: () => deadline(5),
  firstChunkTimeout: () => firstChunkTimeout(5),
  idleTimeout: () => idleTimeout(5),
  noRetry,
  text: text as () => OperatorFunction<never, string>,
  toAsyncIterable: () => toAsyncIterable,
};

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe.each(Object.entries(operators))('%s', (name, operator) => {
  test.each<[string, () => unknown, string]>([
    ['nothing', () => undefined, 'undefined'],
    ['null', () => null, 'null'],
    ['a promise', () => Promise.resolve(1), 'an object'],
    ['a list', () => [1], 'a list'],
    ['a text', () => 'apollo', '"apollo"'],
    ['a function', () => () => EMPTY, 'a function'],
    ['an object that can only be subscribed to', () => ({ subscribe: () => undefined }), 'an object'],
    [
      'a proxy that throws',
      () => {
        const trap = (): never => {
          throw new TypeError('mine');
        };
        return new Proxy({}, { get: trap, getPrototypeOf: trap });
      },
      'an object',
    ],
    [
      'a getter that throws',
      () => ({
        get lift(): never {
          throw new TypeError('mine');
        },
      }),
      'an object',
    ],
  ])('rejects %s as its source at once, and says what it takes', (_name, make, shown) => {
    const error = thrownBy(() => operator()(make() as Observable<never>));
    expect(toFailure(error)).toEqual(failure('invalid_config', undefined, 'not_sent'));
    expect(String(error)).toContain(`[invalid_config] ${name}: source is ${shown}: use an Observable`);
  });

  test('subscribes to nothing before its result is used', () => {
    expect(() => operator()(NEVER)).not.toThrow();
  });
});

describe('the time of an operator', () => {
  test.each<[string, (ms: number) => unknown]>([
    ['deadline', deadline],
    ['firstChunkTimeout', firstChunkTimeout],
    ['idleTimeout', idleTimeout],
  ])('%s names itself and the wrong value', (name, operator) => {
    for (const ms of [0, -1, Number.NaN, 2 ** 31]) {
      expect(String(thrownBy(() => operator(ms)))).toContain(
        `[invalid_config] ${name}: ms is ${ms}: use a number of milliseconds above 0, at most 2147483647`,
      );
    }
  });
});

describe('the text of chunks', () => {
  const textOf = (...chunks: readonly object[]): readonly string[] => {
    let texts: readonly string[] = [];
    of(...(chunks as readonly Chunk[]))
      .pipe(text(), toArray())
      .subscribe((all) => (texts = all));
    return texts;
  };

  test('has the chunks of kind `text`, and those without a kind', () => {
    expect(textOf({ kind: 'text', content: 'a' }, { content: 'b' }, { kind: undefined, content: 'c' })).toEqual([
      'abc',
    ]);
  });

  test.each(['reasoning', 'tool_call', 'refusal', '', null])('leaves out chunks of the kind %j', (kind) => {
    expect(textOf({ kind, content: 'x' }, { kind: 'text', content: 'a' }, { kind, content: 'y' })).toEqual(['a']);
    expect(textOf({ kind, content: 'x' })).toEqual(['']);
  });
});
