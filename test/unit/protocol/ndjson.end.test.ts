import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineDecoder, textOfMessage } from '../../../src/protocol/ndjson.js';

/** A decoder and the lines that it has passed on. */
function setUp(maxLineBytes = 100) {
  const decoder = new LineDecoder(maxLineBytes);
  const lines: string[] = [];
  const take = (line: string) => void lines.push(line);
  return {
    lines,
    push: (...packets: readonly (string | Buffer)[]) => {
      for (const packet of packets) decoder.push(Buffer.from(packet as string), take);
    },
    end: () => decoder.end(take),
    endWhole: () => decoder.endWhole(take),
    hasPartialLine: () => decoder.hasPartialLine,
  };
}

describe('the end of a stream', () => {
  test.each([
    ['nothing', [], []],
    ['whole lines', ['{"a":1}\n'], ['{"a":1}']],
    ['a line without a line end', ['{"a":1}\n{"b":2}'], ['{"a":1}', '{"b":2}']],
    ['that line in pieces', ['{"a', '":1', '}'], ['{"a":1}']],
    ['a line that was cut', ['{"a":1}\n{"b"'], ['{"a":1}', '{"b"']],
    ['blanks', ['{"a":1}\n \t\r'], ['{"a":1}']],
    ['a line with blanks around', [' \t{"a":1}\r'], [' \t{"a":1}\r']],
    ['a byte order mark alone', ['\ufeff'], []],
    ['a byte order mark and a line', ['\ufeff{"a":1}'], ['{"a":1}']],
    ['a byte order mark behind a line', ['{"a":1}\n\ufeff{}'], ['{"a":1}', '\ufeff{}']],
  ])('after %s', (_name, packets, expected) => {
    const { lines, push, end, hasPartialLine } = setUp();
    push(...packets);
    end();
    expect(lines).toEqual(expected);
    expect(hasPartialLine()).toBe(false);
    // The line was passed on once.
    end();
    expect(lines).toEqual(expected);
  });

  test('in the middle of a character: it becomes U+FFFD', () => {
    const { lines, push, end } = setUp();
    push(Buffer.from('{"a":"€').subarray(0, -1));
    end();
    expect(lines).toEqual(['{"a":"\ufffd']);
  });

  test('any lines, cut anywhere, with or without a last line end: the same lines', () => {
    const line = fc
      .string({ unit: 'grapheme', minLength: 1 })
      .map((text) => `x${text.replace(/[\n\r\ud800-\udfff]/gu, '_')}`);
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(200)), fc.boolean(), (texts, places, hasLineEnd) => {
        const whole = Buffer.from(texts.join('\n') + (hasLineEnd ? '\n' : ''));
        const edges = [0, ...places.map((place) => Math.min(place, whole.length)).sort((a, b) => a - b), whole.length];
        const { lines, push, end } = setUp(10_000);
        push(...edges.slice(1).map((edge, i) => whole.subarray(edges[i], edge)));
        end();
        expect(lines).toEqual(texts);
      }),
      { seed: 5, numRuns: 200 },
    );
  });
});

describe('the end of a stream whose last line may be cut', () => {
  test.each<[string, string, readonly string[], boolean]>([
    ['nothing', '', [], false],
    ['a whole line', '{"a":1}\n', ['{"a":1}'], false],
    ['an object without a line end', '{"a":1}', ['{"a":1}'], false],
    ['an object with a carriage return', '{"a":1}\r', ['{"a":1}\r'], false],
    ['blanks', ' \r', [], false],
    ['a cut object', '{"a":1}\n{"b":', ['{"a":1}'], true],
    ['an object and more', '{"a":1}{', [], true],
    ['no object', '17', [], true],
  ])('after %s', (_name, text, expected, isCut) => {
    const { lines, push, endWhole, hasPartialLine } = setUp();
    push(text);
    expect(endWhole()).toBe(isCut);
    expect(lines).toEqual(expected);
    expect(hasPartialLine()).toBe(false);
  });
});

describe('white space', () => {
  test.each([' ', '\t', '\r', ' \t\r', ''])('%j alone is no line', (blank) => {
    const { lines, push } = setUp();
    push(`${blank}\n{"a":1}\n${blank}\n`);
    expect(lines).toEqual(['{"a":1}']);
  });

  test.each([' x', 'x ', '\tx\t', '\r{}', ' \0', '\f', '\u00a0', '0'])('%j is a line, and stays as it is', (line) => {
    const { lines, push } = setUp();
    push(`${line}\n`);
    expect(lines).toEqual([line]);
  });
});

describe('a byte order mark', () => {
  test.each([
    ['in one packet', ['\ufeff{"a":1}\n']],
    ['byte by byte', [...Buffer.from('\ufeff{"a":1}\n')].map((byte) => Buffer.from([byte]))],
    ['with a line of its own', ['\ufeff\n{"a":1}\n']],
  ])('at the beginning is skipped, %s', (_name, packets: readonly (string | Buffer)[]) => {
    const { lines, push } = setUp();
    push(...packets);
    expect(lines).toEqual(['{"a":1}']);
  });

  test('is skipped once: a second one is part of the line', () => {
    const { lines, push } = setUp();
    push('\ufeff\ufeff{}\n');
    expect(lines).toEqual(['\ufeff{}']);
  });

  test('behind a blank line is part of its line, wherever the packets are cut', () => {
    for (const packets of [['\n\ufeff{}\n'], ['\n', '\ufeff{}\n'], ['\n\ufeff', '{}\n']]) {
      const { lines, push } = setUp();
      push(...packets);
      expect(lines).toEqual(['\ufeff{}']);
    }
  });

  test('among blanks, line ends and texts: cuts change no line', () => {
    const part = fc.constantFrom('\ufeff', '\n', '\r', ' ', '{}', '😀');
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat(40)), (parts, places) => {
        const whole = Buffer.from(parts.join(''));
        const edges = [0, ...places.map((place) => Math.min(place, whole.length)).sort((a, b) => a - b), whole.length];
        const [once, cut] = [setUp(), setUp()];
        once.push(whole);
        cut.push(...edges.slice(1).map((edge, i) => whole.subarray(edges[i], edge)));
        once.end();
        cut.end();
        expect(cut.lines).toEqual(once.lines);
      }),
      { seed: 6, numRuns: 500 },
    );
  });

  test('counts for the limit of the line', () => {
    const limited = setUp(6);
    expect(() => limited.push('\ufeffabc\n')).not.toThrow();
    expect(() => setUp(6).push('\ufeffabcd\n')).toThrow('[reply_too_large]');
  });
});

describe('a line that is too long', () => {
  test.each([
    ['in one packet', ['ok\n', 'far too long\n']],
    ['in two packets', ['ok\nfar t', 'oo long\n']],
    ['without its end', ['ok\nfar too long']],
    ['behind a line in the same packet', ['o', 'k\nfar too long\nok\n']],
  ])('%s: the lines before it are passed on, and nothing of it is kept', (_name, packets) => {
    const { lines, push, end, hasPartialLine } = setUp(4);
    expect(() => push(...packets)).toThrow('[reply_too_large] a line has more than 4 bytes');
    expect([lines, hasPartialLine()]).toEqual([['ok'], false]);
    end();
    expect(lines).toEqual(['ok']);
  });

  test.each([
    [['abcd\nabcd\nabcd\n'], ['abcd', 'abcd', 'abcd']],
    [
      ['ab', 'cd\nab', 'cd\nabcd'],
      ['abcd', 'abcd'],
    ],
    [
      ['a\n', '\n\n\n\n\n\n\n', 'b\n'],
      ['a', 'b'],
    ],
  ])('not lines at the limit, though the packet is longer: %j', (packets, expected) => {
    const { lines, push } = setUp(4);
    push(...packets);
    expect(lines).toEqual(expected);
  });
});

describe('a message as a line', () => {
  test.each([
    ['{"a":1}', '{"a":1}'],
    [' \t\r\n{"a":1}\r\n ', '{"a":1}'],
    ['\ufeff{"a":1}', '{"a":1}'],
    ['\ufeff \n{"a": 1}', '{"a": 1}'],
    ['{"a":"\ufeff é "}', '{"a":"\ufeff é "}'],
    ['', ''],
    [' \r\n', ''],
    ['\ufeff', ''],
  ])('of %j is %j', (data, line) => {
    expect(textOfMessage(Buffer.from(data))).toBe(line);
  });

  test('has U+FFFD in place of invalid UTF-8', () => {
    expect(textOfMessage(Buffer.from([0x7b, 0xff, 0x7d]))).toBe('{\ufffd}');
  });
});
