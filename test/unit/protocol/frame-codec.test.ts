import { describe, expect, test } from 'vitest';
import { ChoragusError } from '../../../src/errors/index.js';
import {
  asFrame,
  contentOf,
  errorTextOf,
  fits,
  isJsonObject,
  kindOf,
  parseFrame,
  replyTypeOf,
} from '../../../src/protocol/frame-codec.js';

describe('parseFrame', () => {
  test('returns the object as it came, including unknown fields', () => {
    expect(parseFrame('{"type":"pong","ai_id":"apollo","extra":[1]}')).toEqual({
      type: 'pong',
      ai_id: 'apollo',
      extra: [1],
    });
  });

  test.each(['{}', '{"type":null}', ' {"a":1} ', '{"a":1}\r'])('accepts %j', (line) => {
    expect(() => parseFrame(line)).not.toThrow();
  });

  test.each(['[1,2]', '[]', 'null', 'true', '1', '"text"'])('rejects %s: JSON, but no object', (line) => {
    expect(() => parseFrame(line)).toThrow('[protocol_error] a line is not a JSON object');
  });

  test.each(['', 'x', '{', '{"a":}', "{'a':1}", '{"a":1}{"b":2}', '\ufeff{}', 'NaN', 'undefined'])(
    'rejects %j: no JSON',
    (line) => {
      expect(() => parseFrame(line)).toThrow(`[protocol_error] a line of ${line.length} characters is not JSON`);
    },
  );

  test('its error quotes nothing of the line, not in its cause either', () => {
    let error: unknown;
    try {
      parseFrame('secret words');
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(ChoragusError);
    expect((error as ChoragusError).code).toBe('protocol_error');
    expect((error as ChoragusError).cause).toBeUndefined();
    expect((error as ChoragusError).message).not.toContain('secret');
  });

  test('a field named __proto__ is an ordinary field', () => {
    const frame = parseFrame('{"type":"pong","__proto__":{"type":"chat_response"}}');
    expect(frame.type).toBe('pong');
    expect(Object.getPrototypeOf(frame)).toBe(Object.prototype);
    expect(Object.hasOwn(frame, '__proto__')).toBe(true);
  });
});

describe('asFrame', () => {
  test.each([{}, { type: 'pong' }, Object.create(null)])('returns the same object: %j', (value) => {
    expect(isJsonObject(value)).toBe(true);
    expect(asFrame(value)).toBe(value);
  });

  test.each([null, undefined, [], [{}], 'text', 7, true])('rejects %j', (value) => {
    expect(isJsonObject(value)).toBe(false);
    expect(() => asFrame(value)).toThrow('[protocol_error] a line is not a JSON object');
  });
});

describe('kindOf', () => {
  test.each([
    ['stream_start', 'streamStart'],
    ['stream_chunk', 'chunk'],
    ['stream_end', 'streamEnd'],
    ['stream_error', 'streamError'],
    ['chunk', 'chunk'],
    ['complete', 'streamEnd'],
    ['chat_response', 'reply'],
    ['pong', 'reply'],
    ['error', 'reply'],
    ['anything else', 'reply'],
    [undefined, 'reply'],
    [null, 'reply'],
    [7, 'reply'],
    [{}, 'reply'],
  ] as const)('%j is %s', (type, kind) => {
    expect(kindOf(type)).toBe(kind);
  });
});

describe('fits', () => {
  const replies = ['chat_response', 'response', 'pong', 'health_response', 'info_response', 'custom'];
  test.each([
    ['chat', ['chat_response', 'response']],
    ['ping', ['pong']],
    ['health', ['health_response']],
    ['info', ['info_response']],
    // Any reply that is not another type's own may answer an unknown type.
    ['analyse', ['response', 'custom']],
    ['constructor', ['response', 'custom']],
    ['__proto__', ['response', 'custom']],
  ])('%s is answered by %j alone', (request, fitting) => {
    expect(replies.filter((reply) => fits(request, reply))).toEqual(fitting);
  });

  test.each(['chat', 'ping', 'health', 'info', 'analyse'])('%s: an error is an answer', (request) => {
    expect(fits(request, 'error')).toBe(true);
  });

  test.each(['chat_response', 'response', 'pong', 'health_response', 'custom', 'error', '', undefined, null, 7])(
    'a request without a type is answered by %j, too: its CI decides what it means',
    (reply) => {
      expect(fits('', reply)).toBe(true);
    },
  );

  test.each([undefined, null, 0, {}, []])('a type that is %j fits nothing', (type) => {
    for (const request of ['chat', 'ping', 'analyse']) expect(fits(request, type)).toBe(false);
  });
});

describe('replyTypeOf', () => {
  test.each([
    [{ type: 'pong' }, 'pong'],
    [{ type: 'pong', content: 'a' }, 'pong'],
    [{ type: '', content: 'a' }, ''],
    [{ type: 7, content: 'a' }, 7],
    // Old peers send a chat's reply without a type.
    [{ content: 'a' }, 'chat_response'],
    [{ content: '' }, 'chat_response'],
    [{ response: 'a' }, 'chat_response'],
    [{ type: null, content: 'a' }, 'chat_response'],
    [{ error: 'a' }, undefined],
    [{ content: 7 }, undefined],
    [{ type: null }, null],
    [{}, undefined],
  ])('of %j is %j', (frame, type) => {
    expect(replyTypeOf(frame)).toBe(type);
  });

  test('a text without a type answers a chat, and no other request with a reply of its own', () => {
    const type = replyTypeOf({ content: 'a' });
    const requests = ['chat', 'ping', 'health', 'info', 'analyse', ''];
    expect(requests.filter((request) => fits(request, type))).toEqual(['chat', '']);
  });
});

describe('contentOf', () => {
  test.each([
    [{ content: 'a' }, 'a'],
    [{ response: 'b' }, 'b'],
    [{ content: 'a', response: 'b' }, 'a'],
    [{ content: '' }, ''],
    [{ content: 7, response: 'b' }, 'b'],
    [{ content: null }, undefined],
    [{ content: 7 }, undefined],
    [{ response: 7 }, undefined],
    [{}, undefined],
  ])('of %j', (frame, content) => {
    expect(contentOf(frame)).toBe(content);
  });
});

describe('errorTextOf', () => {
  test.each([
    [{ error: 'a' }, 'a'],
    [{ message: 'b' }, 'b'],
    [{ error: 'a', message: 'b' }, 'a'],
    [{ error: { code: 1 }, message: 'b' }, 'b'],
    [{ error: '' }, 'the CI gave no reason'],
    [{ error: 7 }, 'the CI gave no reason'],
    [{}, 'the CI gave no reason'],
  ])('of %j', (frame, text) => {
    expect(errorTextOf(frame)).toBe(text);
  });

  test('passes on at most 500 characters', () => {
    expect(errorTextOf({ error: 'x'.repeat(10_000) })).toBe('x'.repeat(500));
  });
});
