import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isWholeObject, RawLine, withoutNonFinite } from '../../../src/protocol/raw-line.js';

const idOf = (text: string) => RawLine.read(text)?.id;

describe('the id of a line', () => {
  test.each([
    ['{"request_id":7}', '7'],
    [' { "a" : 1 , "request_id" : "x" } ', '"x"'],
    ['{"request_id":12345678901234567890}', '12345678901234567890'],
    ['{"request_id":-0.0}', '-0.0'],
    ['{"request_id":{"deep":["}"]},"a":1}', '{"deep":["}"]}'],
    ['{"request_id":null}', 'null'],
    ['{"request_id":"a\\"},\\\\"}', '"a\\"},\\\\"'],
    ['{"request\\u005fid":1}', '1'],
    ['{"request_id":1,"request_id":2}', '2'],
    ['{"a":{"request_id":1}}', undefined],
    ['{"a":"\\"request_id\\":1"}', undefined],
    ['{}', undefined],
    ['{"a":NaN,"request_id":3}', '3'],
  ])('%s is %s', (text, id) => {
    expect(RawLine.read(text)).toBeDefined();
    expect(idOf(text)).toBe(id);
  });

  test.each([
    '',
    ' ',
    '[]',
    '"a"',
    '1',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{"a":1}x',
    '{"a":1}{}',
    '{a:1}',
    '{"a":[}',
    '{"a":"',
  ])('%j is no object', (text) => {
    expect(RawLine.read(text)).toBeUndefined();
    expect(isWholeObject(text)).toBe(false);
  });
});

describe('another id', () => {
  test.each([
    ['{"a":1,"request_id":7 , "b":2}', '{"a":1,"request_id":"x" , "b":2}'],
    ['{"request_id":1,"request_id":2}', '{"request_id":"x","request_id":"x"}'],
    ['{"a":1}', '{"a":1,"request_id":"x"}'],
    ['{ }\r', '{ "request_id":"x"}\r'],
    ['{"a":1 }', '{"a":1 ,"request_id":"x"}'],
  ])('of %s gives %s', (text, expected) => {
    expect(RawLine.read(text)?.withId('"x"')).toBe(expected);
  });
});

describe('no id', () => {
  test.each([
    ['{"request_id":7}', '{}'],
    ['{"request_id":7,"a":1}', '{"a":1}'],
    ['{"request_id": 7, "a": 1}', '{"a": 1}'],
    ['{"a": 1, "request_id": 7}', '{"a": 1}'],
    ['{"a":1,"request_id":7,"b":2}', '{"a":1,"b":2}'],
    ['{"a":1,"request_id":7,"request_id":8}', '{"a":1}'],
    ['{"request_id":7,"request_id":8,"a":","}', '{"a":","}'],
    ['{"a":1}', '{"a":1}'],
  ])('of %s gives %s', (text, expected) => {
    expect(RawLine.read(text)?.withoutId()).toBe(expected);
  });
});

test('any JSON: reads the id as JSON does, and changes nothing else when it changes the id', () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(object, fc.jsonValue(), fc.constantFrom(0, 2), (rest, id, spaces) => {
      const { request_id: _, ...others } = rest;
      const text = JSON.stringify({ ...others, request_id: id }, null, spaces).replaceAll('\n', ' ');
      const line = RawLine.read(text);
      expect(JSON.parse(line?.id ?? 'none')).toEqual(JSON.parse(JSON.stringify(id)));
      expect(line?.withId(line.id ?? 'none')).toBe(text);
      expect(JSON.parse(line?.withId('"x"') ?? '')).toEqual({ ...JSON.parse(JSON.stringify(others)), request_id: 'x' });
      expect(JSON.parse(line?.withoutId() ?? '')).toEqual(JSON.parse(JSON.stringify(others)));
      const without = JSON.stringify(others);
      expect(RawLine.read(RawLine.read(without)?.withId('"x"') ?? '')?.withoutId()).toBe(without);
    }),
  );
});

test('reads any line in time linear in its length', () => {
  const shapes = ['[', '{"a":', '\\', '"', ',', '\\"', '9', ' ', '"request_id":1,'];
  for (const shape of shapes) {
    const long = `{"a":"${'x'.repeat(10)}","b":${shape.repeat(200_000)}`;
    // Quadratic time would take minutes.
    RawLine.read(long);
    RawLine.read(`{${shape.repeat(200_000)}}`);
    RawLine.read(`{"a":"${shape.repeat(200_000)}"}`);
  }
});

describe('numbers that JSON does not have', () => {
  test.each([
    ['{"a": NaN}', '{"a": null}', { token: 'NaN', position: 6 }],
    ['{"a":-Infinity,"b":Infinity}', '{"a":null,"b":null}', { token: '-Infinity', position: 5 }],
    ['{"a":"NaN \\" Infinity","b":[NaN]}', '{"a":"NaN \\" Infinity","b":[null]}', { token: 'NaN', position: 28 }],
    ['{"a":"NaN"}', '{"a":"NaN"}', undefined],
    ['{"NaNa":NaNa}', '{"NaNa":NaNa}', undefined],
  ])('%s', (text, json, first) => {
    expect(withoutNonFinite(text)).toEqual({ json, first });
  });
});
