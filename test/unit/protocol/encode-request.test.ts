import { describe, expect, test } from 'vitest';
import type { Message, WireMessage } from '../../../src/contract/index.js';
import { ChoragusError } from '../../../src/errors/index.js';
import { checkRequestBytes, encodeChat, encodeMessage } from '../../../src/protocol/encode-request.js';

/** Returns the line that a connection would write. */
function lineOf({ body }: { readonly body: string }, id = 'abc123.1'): string {
  return `${body},"request_id":"${id}"}`;
}

function sent(encoded: { readonly body: string }): unknown {
  return JSON.parse(lineOf(encoded));
}

function thrownBy(act: () => unknown): ChoragusError {
  try {
    act();
  } catch (error) {
    if (error instanceof ChoragusError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const id = { request_id: 'abc123.1' };

describe('encodeChat', () => {
  test('encodes a text', () => {
    expect(encodeChat('hello', 'whole').type).toBe('chat');
    expect(sent(encodeChat('hello', 'whole'))).toEqual({ type: 'chat', content: 'hello', ...id });
  });

  test('encodes a text to be streamed', () => {
    expect(sent(encodeChat('hello', 'stream'))).toEqual({ type: 'chat', content: 'hello', stream: true, ...id });
    expect(sent(encodeChat({ content: 'hello' }, 'stream'))).toMatchObject({ stream: true });
  });

  test('renames settings to the names of the wire, and keeps unknown fields', () => {
    const message = {
      content: 'hello',
      context: { a: [1] },
      temperature: 0,
      maxTokens: 5,
      custom: 'x',
      gone: undefined,
    };
    expect(sent(encodeChat(message, 'whole'))).toEqual({
      type: 'chat',
      content: 'hello',
      context: { a: [1] },
      temperature: 0,
      max_tokens: 5,
      custom: 'x',
      ...id,
    });
  });

  test('maxTokens wins over max_tokens; alone, max_tokens is kept', () => {
    expect(sent(encodeChat({ content: 'a', maxTokens: 5, max_tokens: 9 }, 'whole'))).toMatchObject({ max_tokens: 5 });
    expect(sent(encodeChat({ content: 'a', max_tokens: 9 }, 'whole'))).toMatchObject({ max_tokens: 9 });
    expect(sent(encodeChat({ content: 'a', maxTokens: undefined }, 'whole'))).not.toHaveProperty('max_tokens');
  });

  test("a message cannot set the wire's own fields", () => {
    const message = { content: 'a', type: 'ping', request_id: 'mine', stream: true };
    expect(sent(encodeChat(message, 'whole'))).toEqual({ type: 'chat', content: 'a', ...id });
    expect(lineOf(encodeChat(message, 'whole')).match(/"request_id"/g)).toHaveLength(1);
  });

  test.each([
    ['line ends', 'a\nb\r\nc'],
    ['U+2028', 'a\u2028b\u2029c'],
    ['zero', 'a\u0000b'],
    ['quotes and braces', '"}\\{"'],
    ['an emoji', '😀'],
  ])('%s stay in one line and arrive whole', (_name, content) => {
    for (const message of [content, { content }] as Message[]) {
      const encoded = encodeChat(message, 'whole');
      expect(lineOf(encoded)).not.toMatch(/[\n\r]/);
      expect(sent(encoded)).toMatchObject({ content });
    }
  });

  test('a lone surrogate is escaped, since UTF-8 cannot hold it', () => {
    for (const message of ['a\ud800b', { content: 'a\ud800b' }]) {
      const line = lineOf(encodeChat(message, 'whole'));
      expect(line).toContain('a\\ud800b');
      expect(JSON.parse(Buffer.from(line).toString())).toMatchObject({ content: 'a\ud800b' });
    }
  });

  test('a field named __proto__ is an ordinary field, and changes no prototype', () => {
    const message = JSON.parse('{"content":"a","__proto__":{"x":1},"constructor":2}') as Message;
    const line = lineOf(encodeChat(message, 'whole'));
    expect(line).toContain('"__proto__":{"x":1}');
    expect(line).toContain('"constructor":2');
    expect(({} as { x?: number }).x).toBeUndefined();
  });

  test('has the type chat, for a text or an object', () => {
    for (const message of ['a', { content: 'a' }]) expect(encodeChat(message, 'whole').type).toBe('chat');
  });

  test('the error says what a message must be', () => {
    const messageOf = (act: () => unknown): string => thrownBy(act).message;
    expect(messageOf(() => encodeChat('', 'whole'))).toContain(
      'a string that is not empty, or an object with such a string',
    );
    expect(messageOf(() => encodeChat({ content: 'a', toJSON: () => 1 }, 'whole'))).toContain('a toJSON of its own');
    expect(messageOf(() => encodeMessage({} as never))).toContain('an object with a type');
    expect(messageOf(() => encodeMessage({ type: 'a', stream: true }))).toContain('use stream() for a stream');
  });

  test.each([
    ['an empty text', ''],
    ['an empty content', { content: '' }],
    ['no content', {}],
    ['a content that is no text', { content: 7 }],
    ['null', null],
    ['undefined', undefined],
    ['a number', 7],
    ['a list', ['a']],
  ])('rejects %s', (_name, message) => {
    const error = thrownBy(() => encodeChat(message as Message, 'whole'));
    expect(error).toMatchObject({ code: 'invalid_config', delivery: 'not_sent' });
  });

  const cycle: Record<string, unknown> = { content: 'a' };
  cycle.self = cycle;
  test.each([
    ['a BigInt', { content: 'a', size: 1n }],
    ['a cycle', cycle],
  ])("rejects %s: JSON cannot represent it; the error's class tells why", (_name, message) => {
    const error = thrownBy(() => encodeChat(message as Message, 'whole'));
    expect(error).toMatchObject({ code: 'invalid_config', delivery: 'not_sent' });
    expect(error.reason).toContain('TypeError');
    expect(error.cause).toBeUndefined();
  });

  test('rejects a toJSON of the message: it would decide what the object becomes', () => {
    expect(thrownBy(() => encodeChat({ content: 'a', toJSON: () => ({}) }, 'whole')).code).toBe('invalid_config');
  });

  test('calls a toJSON of a field', () => {
    const at = new Date(0);
    expect(sent(encodeChat({ content: 'a', context: { at } }, 'whole'))).toMatchObject({
      context: { at: '1970-01-01T00:00:00.000Z' },
    });
  });
});

describe('encodeMessage', () => {
  test('encodes any type with its fields; the library sets the id', () => {
    const encoded = encodeMessage({ type: 'analyse', depth: 2, request_id: 'mine' });
    expect(encoded.type).toBe('analyse');
    expect(sent(encoded)).toEqual({ type: 'analyse', depth: 2, ...id });
    expect(lineOf(encoded).match(/"request_id"/g)).toHaveLength(1);
  });

  test('a type alone', () => {
    expect(lineOf(encodeMessage({ type: 'info' }), 'x')).toBe('{"type":"info","request_id":"x"}');
  });

  test('a type with a quote and a line end stays one field in one line', () => {
    const type = 'a"b\nc';
    expect(sent(encodeMessage({ type }))).toEqual({ type, ...id });
    expect(lineOf(encodeMessage({ type }))).not.toContain('\n');
  });

  test.each([
    ['no type', {}],
    ['an empty type', { type: '' }],
    ['a type that is no text', { type: 7 }],
    ['a text', 'info'],
    ['null', null],
    ['undefined', undefined],
    ['a request for a stream', { type: 'chat', content: 'a', stream: true }],
    ['a BigInt', { type: 'x', size: 1n }],
  ])('rejects %s', (_name, message) => {
    const error = thrownBy(() => encodeMessage(message as unknown as WireMessage));
    expect(error).toMatchObject({ code: 'invalid_config', delivery: 'not_sent' });
  });

  test('rejects a toJSON of the message: it would decide what the object becomes, including its type', () => {
    const error = thrownBy(() => encodeMessage({ type: 'info', toJSON: () => ({ type: 'ping' }) }));
    expect(error).toMatchObject({ code: 'invalid_config', delivery: 'not_sent' });
  });
});

describe('checkRequestBytes', () => {
  const max = 1_000;
  // The longest id: a prefix of 7, and the largest exact number.
  const longestId = `abcdef.${Number.MAX_SAFE_INTEGER}`;

  /** A request whose body has exactly this many bytes. */
  function bodyOf(bytes: number, character: string): string {
    const frame = encodeChat('x', 'whole').body.length - 1;
    const width = Buffer.byteLength(character);
    const rest = bytes - frame;
    return encodeChat(character.repeat(Math.floor(rest / width)) + 'x'.repeat(rest % width), 'whole').body;
  }

  /** Returns the largest body that is accepted. */
  function largest(character: string): string {
    for (let bytes = max; bytes > 0; bytes -= 1) {
      const body = bodyOf(bytes, character);
      expect(Buffer.byteLength(body)).toBe(bytes);
      try {
        checkRequestBytes(body, max, 'apollo');
        return body;
      } catch {}
    }
    throw new Error('none was let through');
  }

  test.each(['x', 'é', '€', '😀'])('counts bytes, not characters: %s', (character) => {
    expect(Buffer.byteLength(largest(character))).toBe(Buffer.byteLength(largest('x')));
  });

  test('the largest accepted body stays within the limit with its id and line end, and wastes little', () => {
    const line = Buffer.byteLength(`${lineOf({ body: largest('x') }, longestId)}\n`);
    expect(line).toBeLessThanOrEqual(max);
    expect(line).toBeGreaterThan(max - 32);
  });

  test('rejects one byte more, with the limit and the name of the CI', () => {
    const body = bodyOf(Buffer.byteLength(largest('x')) + 1, 'x');
    const error = thrownBy(() => checkRequestBytes(body, max, 'apollo'));
    expect(error).toMatchObject({ code: 'request_too_large', delivery: 'not_sent', ci: 'apollo' });
    expect(error.message).toMatch(/use at most 1000 \(option "maxRequestBytes"\)/);
  });

  test('65,536 bytes, the limit of the specialists', () => {
    expect(() => checkRequestBytes(bodyOf(65_536 - 48, 'x'), 65_536, 'a')).not.toThrow();
    expect(() => checkRequestBytes(bodyOf(65_536 - 47, 'x'), 65_536, 'a')).toThrow('[request_too_large]');
  });
});
