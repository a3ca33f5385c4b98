import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChoragusError } from '../../../src/errors/index.js';
import { parseFrame } from '../../../src/protocol/frame-codec.js';
import { LineDecoder } from '../../../src/protocol/ndjson.js';
import { codePoint } from '../../support/code-points.js';

/** The result of a decoder for some packets: its lines, and the code of the error that ended it. */
interface Decoded {
  readonly lines: readonly string[];
  readonly code: string | undefined;
  readonly hasPartialLine: boolean;
}

function decode(packets: readonly (string | Buffer)[], maxLineBytes = 1_000_000): Decoded {
  const decoder = new LineDecoder(maxLineBytes);
  const lines: string[] = [];
  let code: string | undefined;
  try {
    for (const packet of packets) decoder.push(Buffer.from(packet as string), (line) => lines.push(line));
  } catch (error) {
    if (!(error instanceof ChoragusError)) throw error;
    code = error.code;
  }
  return { lines, code, hasPartialLine: decoder.hasPartialLine };
}

function byteByByte(bytes: Buffer): Buffer[] {
  return [...bytes].map((byte) => Buffer.from([byte]));
}

/** The bytes, cut at these offsets. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const edges = [0, ...[...places].sort((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
}

// One, two, three and four bytes of UTF-8 a character; the last is a pair of UTF-16 units.
const lines = ['{"a":"x"}', '{"b":"é"}', '{"c":"€"}', '{"d":"😀"}', '{"e":"\\u0000\u2028"}'];
const bytes = Buffer.from(`${lines.join('\n')}\n`);

describe('LineDecoder', () => {
  test('one packet, many lines', () => {
    expect(decode([bytes])).toEqual({ lines, code: undefined, hasPartialLine: false });
  });

  test('byte by byte', () => {
    expect(decode(byteByByte(bytes))).toEqual({ lines, code: undefined, hasPartialLine: false });
  });

  test('split at every position', () => {
    for (let at = 0; at <= bytes.length; at += 1) expect(decode(cut(bytes, [at])).lines, `at ${at}`).toEqual(lines);
  });

  test('split at every two positions', () => {
    for (let a = 0; a <= bytes.length; a += 1) {
      for (let b = a; b <= bytes.length; b += 1) {
        const found = decode(cut(bytes, [a, b])).lines;
        if (found.join('\n') !== lines.join('\n')) expect(found, `at ${a} and ${b}`).toEqual(lines);
      }
    }
  });

  test('any text, cut anywhere', () => {
    const line = fc
      .string({ unit: codePoint, minLength: 1, maxLength: 20 })
      .map((text) => text.replace(/[\n\r]/g, '_'));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat(400), { maxLength: 8 }), (texts, places) => {
        const whole = Buffer.from(texts.map((text) => `${text}\n`).join(''));
        const inside = places.map((place) => Math.min(place, whole.length));
        // The decoder must return the same as Node returns for each line alone.
        expect(decode(cut(whole, inside)).lines).toEqual(texts.map((text) => Buffer.from(text).toString()));
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  test.each([
    ['empty', '\n\n{"a":1}\n\n\n{"b":2}\n\n'],
    ['empty, with CRLF', '\r\n{"a":1}\r\n\r\n{"b":2}\r\n\r\n'],
  ])('skips lines that are %s, for any cuts', (_name, text) => {
    const whole = Buffer.from(text);
    for (let at = 0; at <= whole.length; at += 1) {
      expect(decode(cut(whole, [at])).lines.map(parseFrame), `at ${at}`).toEqual([{ a: 1 }, { b: 2 }]);
    }
    expect(decode(byteByByte(whole)).lines.map(parseFrame)).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test('keeps an unfinished line', () => {
    expect(decode(['{"a":1}\n{"b"'])).toEqual({ lines: ['{"a":1}'], code: undefined, hasPartialLine: true });
    expect(decode(['{"a":1}\n{"b"', ':2}\n'])).toMatchObject({ lines: ['{"a":1}', '{"b":2}'], hasPartialLine: false });
  });

  test('an empty packet changes nothing', () => {
    expect(decode(['', '{"a"', '', ':1}\n', '']).lines).toEqual(['{"a":1}']);
  });

  test.each([
    ['of ASCII', 'x'],
    ['with another first character', 'é', 'x'],
    ['with another last character', 'x', '🎭'],
    ['with a byte of invalid UTF-8', 'x', Buffer.from([0xff])],
  ])('a line of some MiB %s is the same in one packet and in many', (_what, ...parts) => {
    const [first = '', last = ''] = parts;
    const line = Buffer.concat([Buffer.from(String(first).repeat(1_500_000)), Buffer.from(last as string)]);
    const bytes = Buffer.concat([Buffer.from('before\n'), line, Buffer.from('\nafter\n')]);
    const packets = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, i) =>
      bytes.subarray(i * 65_536, (i + 1) * 65_536),
    );
    for (const pieces of [[bytes], packets]) {
      const { lines } = decode(pieces, 10_000_000);
      expect([lines.length, lines[0], lines[2]]).toEqual([3, 'before', 'after']);
      expect(lines[1] === line.toString('utf8')).toBe(true);
    }
  });

  test('invalid UTF-8 becomes U+FFFD and never hides the end of the line', () => {
    const broken = Buffer.concat([Buffer.from([0xe2, 0x82]), Buffer.from('\n{"a":1}\n'), Buffer.from([0xff, 0x0a])]);
    for (let at = 0; at <= broken.length; at += 1) {
      expect(decode(cut(broken, [at])).lines, `at ${at}`).toEqual(['\ufffd', '{"a":1}', '\ufffd']);
    }
  });

  test('keeps no view of the packet: the socket may use its memory again', () => {
    const decoder = new LineDecoder(100);
    const packet = Buffer.from('{"a"');
    const found: string[] = [];
    decoder.push(packet, (line) => found.push(line));
    packet.fill(0x21);
    decoder.push(Buffer.from(':1}\n'), (line) => found.push(line));
    expect(found).toEqual(['{"a":1}']);
  });

  test('goes on after a listener that throws', () => {
    const decoder = new LineDecoder(100);
    expect(() =>
      decoder.push(Buffer.from('{"a":1}\n{"b"'), () => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    const found: string[] = [];
    decoder.push(Buffer.from(':2}\n'), (line) => found.push(line));
    expect(found).toEqual(['{"b":2}']);
  });
});

describe('the limit of a line', () => {
  const max = 64;
  const fill = {
    ASCII: (size: number) => 'x'.repeat(size),
    'two bytes a character': (size: number) => 'é'.repeat(size / 2) + 'x'.repeat(size % 2),
    'four bytes a character': (size: number) => '😀'.repeat(size / 4) + 'x'.repeat(size % 4),
  };

  describe.each(Object.entries(fill))('%s', (_name, of) => {
    test('accepts a line at the limit, in one piece, in two, and byte by byte', () => {
      const whole = Buffer.from(`${of(max)}\n`);
      expect(whole).toHaveLength(max + 1);
      for (let at = 0; at <= whole.length; at += 1) {
        expect(decode(cut(whole, [at]), max), `at ${at}`).toMatchObject({ lines: [of(max)], code: undefined });
      }
      expect(decode(byteByByte(whole), max)).toMatchObject({ lines: [of(max)], code: undefined });
    });

    test('rejects a line one byte over, in one piece, in two, and byte by byte', () => {
      const whole = Buffer.from(`${of(max + 1)}\n`);
      for (let at = 0; at <= whole.length; at += 1) {
        expect(decode(cut(whole, [at]), max), `at ${at}`).toMatchObject({ lines: [], code: 'reply_too_large' });
      }
      expect(decode(byteByByte(whole), max)).toMatchObject({ lines: [], code: 'reply_too_large' });
    });
  });

  test('rejects as soon as the limit is passed, without waiting for the end of the line', () => {
    expect(decode(['x'.repeat(max)], max).code).toBeUndefined();
    expect(decode(['x'.repeat(max), 'x'], max).code).toBe('reply_too_large');
  });

  test('applies to one line, not to a packet or a connection', () => {
    expect(decode([`${'x'.repeat(max)}\n`.repeat(50)], max).lines).toHaveLength(50);
  });

  test('rejects the second of two lines, and returns the first', () => {
    expect(decode([`{"a":1}\n${'x'.repeat(max + 1)}\n`], max)).toMatchObject({
      lines: ['{"a":1}'],
      code: 'reply_too_large',
    });
  });

  test('its error names the option, and quotes no content', () => {
    const decoder = new LineDecoder(4);
    expect(() => decoder.push(Buffer.from('secret\n'), () => {})).toThrow(
      '[reply_too_large] a line has more than 4 bytes: raise the option "maxReplyBytes" to accept it',
    );
  });

  test('returns the whole lines before an unfinished one that is too long', () => {
    expect(decode([`{"a":1}\n${'x'.repeat(max + 1)}`], max)).toMatchObject({
      lines: ['{"a":1}'],
      code: 'reply_too_large',
    });
  });

  test('counts the received bytes, not those of their replacement', () => {
    const line = Buffer.concat([Buffer.alloc(max, 0xff), Buffer.from('\n')]);
    expect(decode([line], max)).toMatchObject({ lines: ['\ufffd'.repeat(max)], code: undefined });
  });
});

describe('the cost of small pieces', () => {
  /** Bytes that Buffer copies while a line of this size comes one byte at a time. */
  function handledFor(size: number): number {
    const { copy, toString: decodeText } = Buffer.prototype;
    const { concat } = Buffer;
    let handled = 0;
    Buffer.prototype.copy = function (this: Buffer, ...args: Parameters<typeof copy>) {
      const count = copy.apply(this, args);
      handled += count;
      return count;
    };
    Buffer.prototype.toString = function (this: Buffer, encoding?: BufferEncoding, start = 0, end = this.length) {
      handled += end - start;
      return decodeText.call(this, encoding, start, end);
    };
    Buffer.concat = (list, total) => {
      const joined = concat(list, total);
      handled += joined.length;
      return joined;
    };
    try {
      const decoder = new LineDecoder(size);
      const piece = Buffer.from('x');
      for (let i = 0; i < size; i += 1) decoder.push(piece, () => {});
      let length = 0;
      decoder.push(Buffer.from('\n'), (line) => {
        length = line.length;
      });
      expect(length).toBe(size);
    } finally {
      Object.assign(Buffer.prototype, { copy, toString: decodeText });
      Buffer.concat = concat;
    }
    return handled;
  }

  test('handles each byte of a long line a bounded number of times, up to 1 MiB in pieces of 1 byte', () => {
    // Counted, not timed: once into the buffer, less than once more for all doublings, once out of it.
    for (const size of [1_024, 65_536, 1_048_576]) expect(handledFor(size) / size, `${size}`).toBeLessThanOrEqual(3);
  });
});
