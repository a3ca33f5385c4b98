import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../src/contract/index.js';
import { parseFrame } from '../../../src/protocol/frame-codec.js';
import { LineDecoder } from '../../../src/protocol/ndjson.js';
import { codeOf } from './fuzz-input.js';

describe('rules of docs/wire-protocol.md', () => {
  const decode = (bytes: Buffer): string[] => {
    const lines: string[] = [];
    new LineDecoder(1_048_576).push(bytes, (line) => lines.push(line));
    return lines;
  };
  const frameOf = (text: string): Frame => parseFrame(decode(Buffer.from(`${text}\n`)).at(-1) ?? '');

  test('invalid UTF-8 becomes U+FFFD, and the frame counts', () => {
    const line = Buffer.concat([Buffer.from('{"content":"a'), Buffer.from([0xff, 0xe2, 0x82]), Buffer.from('b"}\n')]);
    expect(parseFrame(decode(line)[0] ?? '').content).toBe('a\ufffd\ufffdb');
  });

  test.each([
    ['a byte order mark between frames', '{"a":1}\n\ufeff{"type":"pong"}'],
    ['NUL between frames', '\0{"type":"pong"}'],
    ['a raw NUL within a text', '{"content":"\0"}'],
    ['UTF-16', Buffer.from('{"type":"pong"}', 'utf16le').toString('latin1')],
  ])('%s is a protocol_error', (_name, text) => {
    expect(codeOf(() => frameOf(text))).toBe('protocol_error');
  });

  test('ignores a byte order mark at the beginning of a connection', () => {
    expect(frameOf('\ufeff{"type":"pong"}')).toEqual({ type: 'pong' });
  });

  test('ignores blank lines', () => {
    expect(decode(Buffer.from('\n\r\n \t\n{"a":1}\n  \r\n'))).toEqual(['{"a":1}']);
  });

  test('U+2028, U+2029, U+0085 and a lone CR do not end a line', () => {
    expect(frameOf('{"content":"a\u2028b\u2029c\u0085d"}\r').content).toBe('a\u2028b\u2029c\u0085d');
    expect(decode(Buffer.from('{"a":1}\r{"b":2}\n'))).toHaveLength(1);
  });

  test('an escaped NUL is a character', () => {
    expect(frameOf('{"content":"a\\u0000b"}').content).toBe('a\0b');
  });

  test('the last one of a repeated key counts', () => {
    expect(frameOf('{"type":"error","type":"pong"}').type).toBe('pong');
  });

  test('huge numbers are read as JSON reads them: infinite, or less exact', () => {
    expect(frameOf('{"a":1e999,"b":-1e999,"c":12345678901234567890}')).toEqual({
      a: Number.POSITIVE_INFINITY,
      b: Number.NEGATIVE_INFINITY,
      c: 12_345_678_901_234_567_000,
    });
    expect(frameOf(`{"a":${'9'.repeat(100_000)}}`).a).toBe(Number.POSITIVE_INFINITY);
  });

  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'a key %s is an ordinary key',
    (key) => {
      const frame = frameOf(`{"type":"pong","${key}":{"polluted":1,"prototype":{"polluted":1}}}`);
      expect(Object.hasOwn(frame, key)).toBe(true);
      expect(Object.getPrototypeOf(frame)).toBe(Object.prototype);
      expect(frame.polluted).toBeUndefined();
    },
  );
});
