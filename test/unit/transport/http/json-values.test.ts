import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonValues } from '../../../../src/transport/http/json-values.js';
import { cuts, indent, jsonObject, piecesOf } from './pieces-of.js';

/** Returns the texts that are passed on. */
function split(pieces: readonly string[]): string[] {
  const texts: string[] = [];
  const values = new JsonValues((text) => texts.push(text));
  for (const piece of pieces) values.push(piece);
  values.end();
  expect(values.pending).toBe(0);
  return texts;
}

const gap = fc.string({ unit: fc.constantFrom(' ', '\n', '\r', '\t', '\r\n'), maxLength: 4 });
const value = fc.oneof({ weight: 4, arbitrary: jsonObject }, { weight: 1, arbitrary: fc.array(jsonObject) });

describe('over random values', () => {
  test('passes each on as it was written, for any cuts and any white space between', () => {
    const written = fc.array(fc.tuple(value, indent, gap));
    fc.assert(
      fc.property(gap, written, cuts, (before, all, places) => {
        const texts = all.map(([one, how]) => JSON.stringify(one, null, how));
        const whole = before + texts.map((text, n) => text + all[n]?.[2]).join('');
        expect(split(piecesOf(whole, places))).toEqual(texts);
        expect(split(piecesOf(whole, 'each'))).toEqual(texts);
      }),
      { numRuns: 500 },
    );
  });

  test('passes invalid JSON on in the same way for any cuts, and loses only white space', () => {
    const soup = fc.string({
      unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', '\n', '\r', ' ', 'a', '1', '{"a":1}'),
    });
    fc.assert(
      fc.property(soup, cuts, (whole, places) => {
        const texts = split([whole]);
        expect(split(piecesOf(whole, places))).toEqual(texts);
        expect(split(piecesOf(whole, 'each'))).toEqual(texts);
        expect(texts.join('').replace(/\s/g, '')).toBe(whole.replace(/\s/g, ''));
      }),
      { numRuns: 2_000 },
    );
  });
});

test.each<[what: string, whole: string, texts: readonly string[]]>([
  ['nothing', '', []],
  ['white space', ' \r\n\t', []],
  ['a value a line', '{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']],
  ['the last line without its end', '{"a":1}\n{"b":2}', ['{"a":1}', '{"b":2}']],
  ['several values on one line', '{"a":1}{"b":2} [3]', ['{"a":1}', '{"b":2}', '[3]']],
  ['brackets and quotes within texts', '{"a":"}]\\"{"}{"b":"\\\\"}', ['{"a":"}]\\"{"}', '{"b":"\\\\"}']],
  ['text around the values', 'ok\n{"a":1} yes {"b":2}\nno', ['ok', '{"a":1}', 'yes {"b":2}', 'no']],
  ['a value that was cut within a text', '{"a":"b\n{"c":1}\n', ['{"a":"b', '{"c":1}']],
  ['a value that never ends', '{"a":{"b":1}', ['{"a":{"b":1}']],
  ['closing brackets alone', '}]\n{"a":1}', ['}]', '{"a":1}']],
])('%s', (_what, whole, texts) => {
  expect(split([whole])).toEqual(texts);
});

test('pending is the length of the unfinished value', () => {
  const values = new JsonValues(() => {});
  const seen = ['  ', '{"a":', '[1,', '2]', '} ', 'x', 'y\n', '{'].map((piece) => {
    values.push(piece);
    return values.pending;
  });
  expect(seen).toEqual([0, 5, 8, 10, 0, 1, 0, 1]);
});
