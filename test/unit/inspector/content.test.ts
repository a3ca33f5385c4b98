import vm from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundedContent, LONGEST_TEXT, MOST_CHARACTERS } from '../../../src/inspector/content/bounded-content.js';

const shown = (content: unknown) => boundedContent(content, 'context');

describe('bounded content', () => {
  test.each([
    ['plain data', { a: [1, 'x', true, null] }, { a: [1, 'x', true, null] }],
    ['a date', { at: new Date(0) }, { at: '1970-01-01T00:00:00.000Z' }],
    ['a map and a set', { m: new Map([['k', 1]]), s: new Set([2]) }, { m: { k: 1 }, s: [2] }],
    ['an error', { e: new Error('lost') }, { e: '[error: lost]' }],
    ['a bigint, a symbol, NaN', [1n, Symbol('s'), Number.NaN], ['1n', '[symbol]', '[NaN]']],
    [
      'a function, a buffer, a promise',
      [() => 1, Buffer.from('x'), Promise.resolve()],
      ['[function]', '[Buffer]', '[promise]'],
    ],
    ['an object of another realm', vm.runInNewContext('({ a: 1 })'), { a: 1 }],
  ])('shows %s', (_, given, expected) => {
    expect(shown(given)).toEqual(expected);
  });

  test('ends cycles, and shows an object twice if it is not in itself', () => {
    const twice = { x: 1 };
    const cycle: Record<string, unknown> = { a: twice, b: twice };
    cycle.self = cycle;
    expect(shown(cycle)).toEqual({ a: { x: 1 }, b: { x: 1 }, self: '[circular]' });
  });

  test('runs no getter, no toJSON and no trap of a proxy', () => {
    const fail = (): never => {
      throw new Error('was called');
    };
    const proxy = new Proxy({}, { get: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail });
    const given = Object.defineProperty({ toJSON: fail, proxy }, 'got', { get: fail, enumerable: true });
    expect(shown(given)).toEqual({ toJSON: '[function]', proxy: '[proxy]', got: '[getter]' });
  });

  test('cuts long texts, lists and depths, and says so', () => {
    expect(shown('x'.repeat(LONGEST_TEXT + 5))).toBe(`${'x'.repeat(LONGEST_TEXT)}… (5 more characters)`);
    const list = shown(new Array(1_000_000).fill(0)) as unknown[];
    expect([list.length, list.at(-1)]).toEqual([101, '… (999900 more)']);
    const object = shown(Object.fromEntries(Array.from({ length: 150 }, (_, at) => [`k${at}`, at]))) as object;
    expect(Object.entries(object).at(-1)).toEqual(['…', '50 more']);
    const deep = JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`);
    expect(JSON.stringify(shown(deep))).toContain('[object, too deep]');
  });

  test('stays below its size, whatever it is given', () => {
    fc.assert(
      fc.property(fc.object({ maxKeys: 200, maxDepth: 6 }), fc.string({ maxLength: 50 }), (given, text) => {
        const large = { given, texts: Array.from({ length: 300 }, () => text.repeat(20)), nested: { given } };
        const copied = JSON.stringify(shown(large));
        expect(copied.length).toBeLessThan(MOST_CHARACTERS * 2);
      }),
    );
  });

  test('keeps a key named __proto__ as a key', () => {
    const copied = shown(JSON.parse('{"__proto__": {"polluted": true}}')) as object;
    expect(Object.keys(copied)).toEqual(['__proto__']);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('redaction', () => {
  test.each(['password', 'Authorization', 'api_key', 'API-KEY', 'accessToken', 'set-cookie', 'client_secret', 'token'])(
    'hides the value of %s at any depth, before the function sees it',
    (key) => {
      const seen: unknown[] = [];
      const redact = (value: unknown) => {
        seen.push(value);
        return value;
      };
      const copied = boundedContent({ list: [{ [key]: 'hunter2' }] }, 'event', redact);
      expect(copied).toEqual({ list: [{ [key]: '[redacted]' }] });
      expect(seen).not.toContain('hunter2');
    },
  );

  test('a key that only contains such a word is shown', () => {
    expect(shown({ tokens: 12, passwordless: true })).toEqual({ tokens: 12, passwordless: true });
  });

  test('the function gets each value with its path, and replaces or removes it', () => {
    const paths: string[] = [];
    const redact = (value: unknown, path: readonly (string | number)[]) => {
      paths.push(path.join('.'));
      if (path.at(-1) === 'email') return '[email]';
      return path.at(-1) === 'note' ? undefined : value;
    };
    const given = { user: { email: 'a@b.example', note: 'x' }, tags: ['t'] };
    expect(boundedContent(given, 'event', redact)).toEqual({ user: { email: '[email]' }, tags: ['t'] });
    expect(paths).toEqual(['event', 'event.user', 'event.user.email', 'event.user.note', 'event.tags', 'event.tags.0']);
  });

  test('a function that throws shows nothing of the value', () => {
    const redact = (value: unknown) => {
      if (typeof value === 'string') throw new Error('bug');
      return value;
    };
    expect(boundedContent({ name: 'secret name' }, 'context', redact)).toEqual({ name: '[redact failed]' });
  });

  test('what the function returns is bounded, too', () => {
    const copied = boundedContent({ a: 1 }, 'context', () => 'x'.repeat(5_000)) as string;
    expect(copied.length).toBeLessThan(LONGEST_TEXT + 50);
  });
});
