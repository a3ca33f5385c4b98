import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import {
  aFunction,
  type Checked,
  check,
  headers,
  isPlainObject,
  listOf,
  milliseconds,
  optionsOf,
  recordOf,
  wholeNumber,
  withMethods,
} from '../../../src/checks/index.js';
import { ChoragusError, describeValue } from '../../../src/errors/index.js';

const schema = optionsOf({
  size: v.optional(wholeNumber(1, 9), 5),
  waitMs: v.optional(milliseconds(0)),
  names: v.optional(listOf(v.string('a string'), 'a list of names')),
  by: v.optional(recordOf({ takes: 'functions by name', value: aFunction() })),
  deep: v.optional(optionsOf({ flag: v.boolean('true or false') })),
  key: v.optional(v.string('a string')),
});

/** The message of an error, without its code. */
function refusal(input: unknown, checked: Checked = { of: 'make' }): string {
  try {
    check(schema, input, checked);
  } catch (error) {
    if (!(error instanceof ChoragusError)) throw error;
    expect([error.code, error.delivery]).toEqual(['invalid_config', 'not_sent']);
    return error.reason;
  }
  throw new Error('it was accepted');
}

describe('check', () => {
  test('fills in defaults, and copies the input', () => {
    const given = { names: ['a'], deep: { flag: true }, key: undefined };
    const read = check(schema, given);
    expect(read).toEqual({ size: 5, names: ['a'], deep: { flag: true } });
    expect(read.names).not.toBe(given.names);
    expect(read.deep).not.toBe(given.deep);
  });

  test.each<[unknown, string]>([
    [5, 'make: options is 5: use an object'],
    [undefined, 'make: options is undefined: use an object'],
    ['some text', 'make: options is a string: use an object'],
    [new Map([['size', 1]]), 'make: options is an object: use an object'],
    [{ size: 0 }, 'make: size is 0: use a whole number from 1 to 9'],
    [{ size: '5' }, 'make: size is "5": use a whole number from 1 to 9'],
    [{ waitMs: -1 }, 'make: waitMs is -1: use a number of milliseconds from 0 to 2147483647'],
    [{ sise: 5 }, 'make: sise is not an option'],
    [{ deep: {} }, 'make: deep.flag is missing'],
    [{ deep: { flag: 0, more: 1 } }, 'make: deep.flag is 0: use true or false; deep.more is not an option'],
    [{ names: 'apollo' }, 'make: names is a string: use a list of names'],
    [{ names: new Set(['apollo']) }, 'make: names is an object: use a list of names'],
    [{ names: ['a', 7] }, 'make: names.1 is 7: use a string'],
    [{ by: { go: 5 } }, 'make: by.go is 5: use a function'],
    [{ by: [] }, 'make: by is a list: use functions by name'],
    [JSON.parse('{"__proto__":{"size":1}}'), 'make: __proto__ is not an option'],
    [Object.create({ size: 1 }), 'make: options is an object: use an object'],
  ])('%o: %s', (input, reason) => {
    expect(refusal(input)).toBe(reason);
  });

  test('names several faults at once', () => {
    expect(refusal({ size: 0, names: 5 })).toMatch(/size is 0.*; names is 5/);
  });

  test('names an option that cannot be read, and does not pass on what a getter throws', () => {
    const bad = {
      get size(): number {
        throw new TypeError('a getter');
      },
      names: new Proxy([], {
        getPrototypeOf: () => {
          throw new TypeError('a trap');
        },
      }),
    };
    expect(refusal(bad)).toBe('make: size cannot be read; names cannot be read');
  });

  test('shows no value of a secret option, not even an inner one', () => {
    expect(refusal({ key: 1234, deep: { flag: 'hunter2' } }, { of: 'make', secrets: ['key', 'deep'] })).toBe(
      'make: deep.flag is a value: use true or false; key is a value: use a string',
    );
  });

  test('names an argument that is not an options object', () => {
    const named = { of: 'warm', argument: 'cis' };
    const names = listOf(v.string('a string'), 'a list of names');
    expect(() => check(names, 'apollo', named)).toThrow('warm: cis is a string: use a list of names');
    expect(() => check(names, ['a', 5], named)).toThrow('warm: cis.1 is 5: use a string');
  });
});

test("checks a record's key that valibot would skip", () => {
  expect(() => check(headers, { constructor: 5 }, { argument: 'headers' })).toThrow('headers.constructor is 5');
  expect(Object.keys(check(headers, { constructor: 'x' }))).toEqual(['constructor']);
});

test('accepts inherited methods, and those of a function', () => {
  class Clock {
    now(): number {
      return 0;
    }
  }
  const clock = withMethods<Clock>('a clock', 'now');
  expect(check(clock, new Clock())).toBeInstanceOf(Clock);
  expect(
    typeof check(
      clock,
      Object.assign(() => {}, { now: () => 0 }),
    ),
  ).toBe('function');
  expect(() => check(clock, { now: 5 }, { argument: 'clock' })).toThrow('clock is an object: use a clock');
});

test.each<[unknown, boolean]>([
  [{}, true],
  [Object.create(null), true],
  [Object.freeze({ a: 1 }), true],
  [structuredClone({ a: 1 }), true],
  [[], false],
  [new Map(), false],
  [new (class Thing {})(), false],
  [Object.create({ a: 1 }), false],
  [null, false],
  [() => {}, false],
  ['', false],
])('isPlainObject(%o) is %s', (value, expected) => {
  expect(isPlainObject(value)).toBe(expected);
});

test('isPlainObject: accepts an object of another realm', async () => {
  const { runInNewContext } = await import('node:vm');
  expect(isPlainObject(runInNewContext('({ a: 1 })'))).toBe(true);
  expect(isPlainObject(runInNewContext('[]'))).toBe(false);
  expect(isPlainObject(runInNewContext('new (class Thing {})()'))).toBe(false);
});

test.each<[unknown, string]>([
  [undefined, 'undefined'],
  [null, 'null'],
  [-0, '-0'],
  [10n, '10n'],
  ['x'.repeat(50), `"${'x'.repeat(40)}…"`],
  ['tcp://me:hunter2@host', 'a string with an @'],
  [Symbol('hunter2'), 'a symbol'],
  [() => 'hunter2', 'a function'],
  [['hunter2'], 'a list'],
  [{ key: 'hunter2' }, 'an object'],
  [Object.create(null), 'an object'],
  [new Date(0), 'an object'],
])('describeValue(%o) is %s', (value, words) => {
  expect(describeValue(value)).toBe(words);
});
