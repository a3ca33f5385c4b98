import { describe, expect, test } from 'vitest';
import type { Message } from '../../../src/contract/index.js';
import { ChoragusError } from '../../../src/errors/index.js';
import { encodeChat, encodeMessage } from '../../../src/protocol/encode-request.js';

/** Returns the error of an encoding; fails the test if it has none. */
function errorOf(encode: () => unknown): ChoragusError {
  try {
    encode();
  } catch (error) {
    if (error instanceof ChoragusError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const errorOfChat = (message: unknown) => errorOf(() => encodeChat(message as Message, 'whole'));
const bodyOf = (message: unknown) => encodeChat(message as Message, 'whole').body;

function proxyThatThrows(): object {
  const trap = (): never => {
    throw new Error('mine');
  };
  return new Proxy({}, { get: trap, ownKeys: trap, getPrototypeOf: trap });
}

/** Values that throw when they are read: made in each test, since the test runner reads what is in a table. */
const unreadable: readonly (readonly [string, () => unknown])[] = [
  [
    'a getter that throws',
    () => ({
      get any(): never {
        throw new Error('mine');
      },
    }),
  ],
  ['a proxy that throws', proxyThatThrows],
  [
    'a revoked proxy',
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
  ],
];

describe('the settings of a chat', () => {
  const context = 'a plain object';
  const temperature = 'a finite number';
  const maxTokens = 'a whole number from 1';
  test.each<[string, unknown, string, string]>([
    ['context', null, 'null', context],
    ['context', 7, '7', context],
    ['context', 'secret', 'a string', context],
    ['context', [1], 'a list', context],
    ['context', new Map(), 'an object', context],
    ['context', new Date(0), 'an object', context],
    ['context', { toJSON: () => 'other' }, 'an object', context],
    ['context', () => 1, 'a function', context],
    ['temperature', Number.NaN, 'NaN', temperature],
    ['temperature', Number.POSITIVE_INFINITY, 'Infinity', temperature],
    ['temperature', Number.NEGATIVE_INFINITY, '-Infinity', temperature],
    ['temperature', '0.7', 'a string', temperature],
    ['temperature', null, 'null', temperature],
    ['temperature', 1n, '1n', temperature],
    ['maxTokens', 0, '0', maxTokens],
    ['maxTokens', -1, '-1', maxTokens],
    ['maxTokens', 1.5, '1.5', maxTokens],
    ['maxTokens', Number.NaN, 'NaN', maxTokens],
    ['maxTokens', Number.POSITIVE_INFINITY, 'Infinity', maxTokens],
    ['maxTokens', '5', 'a string', maxTokens],
    ['maxTokens', null, 'null', maxTokens],
    ['maxTokens', true, 'true', maxTokens],
  ])('%s: rejects %o', (name, value, shown, takes) => {
    const error = errorOfChat({ content: 'a', [name]: value });
    expect(error).toMatchObject({ code: 'invalid_config', delivery: 'not_sent' });
    expect(error.message).toBe(`[invalid_config] ${name} of a message is ${shown}: use ${takes}`);
  });

  test.each<[string, unknown, string]>([
    ['context', {}, '"context":{}'],
    ['context', Object.create(null), '"context":{}'],
    ['context', { toJSON: 'a field' }, '"context":{"toJSON":"a field"}'],
    ['temperature', 0, '"temperature":0'],
    ['temperature', -1.5, '"temperature":-1.5'],
    ['maxTokens', 1, '"max_tokens":1'],
    ['maxTokens', 4_096, '"max_tokens":4096'],
  ])('%s: accepts %o', (name, value, written) => {
    expect(bodyOf({ content: 'a', [name]: value })).toBe(`{"type":"chat","content":"a",${written}`);
  });

  test('context: rejects one that cannot be read', () => {
    for (const make of [
      proxyThatThrows,
      () => ({
        get toJSON(): never {
          throw new Error('mine');
        },
      }),
    ]) {
      expect(errorOfChat({ content: 'a', context: make() }).message).toBe(
        `[invalid_config] context of a message is an object: use ${context}`,
      );
    }
  });

  test.each(['context', 'temperature', 'maxTokens'])('leaves out a %s that is undefined', (name) => {
    expect(bodyOf({ content: 'a', [name]: undefined })).toBe('{"type":"chat","content":"a"');
  });
});

describe('the messages of a chat', () => {
  const entry = { role: 'user', content: 'hello' };
  const noQuestion =
    '[invalid_config] a message must be a string that is not empty, or an object with such a string as its own content, or with messages';

  test.each<[string, unknown]>([
    ['an empty list', []],
    ['null', null],
    ['a text', 'hello'],
    ['an object', { 0: entry, length: 1 }],
    ['a list with a text', ['hello']],
    ['a list with null', [entry, null]],
    ['a list with a gap', Object.assign(new Array(2), { 1: entry })],
    ['a list with a list', [[entry]]],
    ['a list with an empty entry', [entry, {}]],
    ['a list whose entry replaces itself', [entry, { ...entry, toJSON: () => ({}) }]],
  ])('rejects %s, also beside a good content', (_name, messages) => {
    for (const message of [{ messages }, { content: 'a', messages }]) {
      expect(errorOfChat(message).message).toBe(noQuestion);
    }
  });

  test.each(unreadable)('rejects %s, as a list and as an entry', (_name, make) => {
    for (const messages of [make(), [make()], [entry, make()]]) {
      expect(errorOfChat({ content: 'a', messages }).message).toBe(noQuestion);
    }
  });

  test.each<[string, unknown]>([
    ['an empty content', ''],
    ['a content that is no text', 7],
    ['null', null],
  ])('rejects %s beside good messages', (_name, content) => {
    expect(errorOfChat({ content, messages: [entry] }).code).toBe('invalid_config');
  });

  test('writes them alone, and beside a content', () => {
    const written = '"messages":[{"role":"user","content":"hello"}]';
    expect(bodyOf({ messages: [entry] })).toBe(`{"type":"chat",${written}`);
    expect(bodyOf({ content: 'a', messages: [entry] })).toBe(`{"type":"chat","content":"a",${written}`);
    expect(bodyOf({ content: 'a', messages: undefined })).toBe('{"type":"chat","content":"a"');
  });

  test('reads each entry once: the fields that are checked are those that are sent', () => {
    let reads = 0;
    const changing = {
      get content() {
        reads += 1;
        return `read ${reads}`;
      },
    };
    const encoded = encodeChat({ messages: [changing] } as unknown as Message, 'whole');
    expect(encoded.body).toBe('{"type":"chat","messages":[{"content":"read 1"}]');
    expect(encoded.fields).toEqual({ messages: [{ content: 'read 1' }] });
  });
});

describe('a message that is no object of fields', () => {
  class Question {
    get content() {
      return 'inherited';
    }
  }

  test.each<[string, unknown]>([
    ['a Map', new Map([['content', 'a']])],
    ['a Date', Object.assign(new Date(0), { content: 'a' })],
    ['a list with a content', Object.assign([1], { content: 'a' })],
    ['an error with a content', Object.assign(new Error('x'), { content: 'a' })],
    ['an object whose content is inherited', new Question()],
  ])('rejects %s', (_name, message) => {
    expect(errorOfChat(message).message).toContain('a message must be a string that is not empty');
    expect(errorOf(() => encodeMessage(message as never)).message).toContain('an object with a type');
  });

  test.each(unreadable)('says of %s that it cannot be read, and does not pass its error on', (_name, make) => {
    for (const error of [errorOfChat(make()), errorOf(() => encodeMessage(make() as never))]) {
      expect(error).toMatchObject({ code: 'invalid_config', delivery: 'not_sent' });
      expect(error.message).toBe('[invalid_config] a message cannot be read: a getter or a proxy threw');
      expect(error.cause).toBeUndefined();
    }
  });
});

describe('a toJSON', () => {
  test.each<[string, () => unknown]>([
    ['a chat', () => encodeChat({ content: 'a', toJSON: () => ({}) } as Message, 'whole')],
    ['a message', () => encodeMessage({ type: 'info', toJSON: () => ({}) })],
  ])('of %s is rejected', (_name, encode) => {
    expect(errorOf(encode).message).toBe('[invalid_config] a message must not have a toJSON of its own');
  });

  test('that is no function is a field', () => {
    expect(bodyOf({ content: 'a', toJSON: 1 })).toBe('{"type":"chat","content":"a","toJSON":1');
  });

  test.each<[string, unknown, string]>([
    ['an error', new RangeError('secret'), 'RangeError'],
    ['no error', 'secret', 'string'],
  ])('of a field that throws %s: its class is shown, and nothing else', (_name, thrown, shown) => {
    const field = {
      toJSON: () => {
        throw thrown;
      },
    };
    const error = errorOfChat({ content: 'a', field });
    expect(error.message).toBe(`[invalid_config] a message cannot be written as JSON (${shown})`);
    expect(error.cause).toBeUndefined();
  });
});

describe('a request of any type', () => {
  test.each<[string, unknown, string]>([
    ['has no type', {}, 'the message of a request must be an object with a type'],
    ['has an empty type', { type: '' }, 'the message of a request must be an object with a type'],
    ['has a type that is no text', { type: 7 }, 'the message of a request must be an object with a type'],
    ['is a text', 'info', 'the message of a request must be an object with a type'],
    ['asks for a stream', { type: 'a', stream: true }, 'a request has one reply: use stream() for a stream'],
  ])('is rejected if it %s', (_name, message, text) => {
    expect(errorOf(() => encodeMessage(message as never)).message).toBe(`[invalid_config] ${text}`);
  });

  test('keeps a `stream` that asks for none', () => {
    expect(encodeMessage({ type: 'a', stream: false }).body).toBe('{"type":"a","stream":false');
  });

  test('returns its fields as they were read', () => {
    expect(encodeMessage({ type: 'a', n: 1 }).fields).toEqual({ type: 'a', n: 1 });
    expect(encodeChat('hello', 'whole').fields).toBeUndefined();
  });
});
