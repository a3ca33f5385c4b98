import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isName, isWholeObject, lineWithId, RawLine, withoutNonFinite } from '../../../src/protocol/raw-line.js';

const idOf = (text: string) => RawLine.read(text)?.id;

describe('white space', () => {
  const spaces: readonly [string, string][] = [
    ['a space', ' '],
    ['a tab', '\t'],
    ['a line feed', '\n'],
    ['a carriage return', '\r'],
    ['all of them', ' \t\r\n \t'],
  ];

  test.each(spaces)('%s may stand around every part', (_name, s) => {
    const text = `${s}{${s}"a"${s}:${s}[${s}1${s},${s}2${s}]${s},${s}"request_id"${s}:${s}7${s}}${s}`;
    const line = RawLine.read(text);
    expect(line?.id).toBe('7');
    expect(line?.withId('"x"')).toBe(text.replace('7', '"x"'));
    expect(JSON.parse(line?.withoutId() ?? '')).toEqual({ a: [1, 2] });
  });

  test.each(spaces)('%s in an empty object stays', (_name, s) => {
    expect(RawLine.read(`${s}{${s}}${s}`)?.withId('1')).toBe(`${s}{${s}"request_id":1}${s}`);
  });

  test.each(['\u00a0', '\f', '\v', '\0', '\ufeff', '\u2028'])('%j is none: JSON does not allow it there', (other) => {
    for (const text of [`${other}{"a":1}`, `{${other}"a":1}`, `{"a"${other}:1}`, `{"a":1}${other}`]) {
      expect(RawLine.read(text)).toBeUndefined();
    }
  });
});

describe('a line that is no object', () => {
  test.each([
    '{"a" 1}',
    '{"a"x:1}',
    '{"a":1 "b":2}',
    '{"a":1;"b":2}',
    '{"a":1,,"b":2}',
    '{,"a":1}',
    '{,}',
    '{"a":,"b":1}',
    '{"a":1}}',
    '{"a":1}]',
    '{"a":1',
    '{"a":1,',
    '{"a":1,"b"',
    '{"a":1,"b":',
    '{"a":1]',
    '{"a":{"b":1}',
    '{"a":["]"}',
    '{"a":"}',
    '{"a":"\\"}',
    '{"a',
    '{"a\\":1}',
    'x{"a":1}',
    '["a":1}',
    'x"a":1}',
    '{a":1}',
    '{xa":1}',
    '{"a"x1}',
    '{"a","b"}',
    '{"a":1 x"b":2}',
    '{"a":"x"y"b":2}',
    '{"a":[]:"b":2}',
    '"a":1}',
    '}{',
    ']',
    '{1:2}',
    "{'a':1}",
  ])('%j', (text) => {
    expect(RawLine.read(text)).toBeUndefined();
    expect(isWholeObject(text)).toBe(false);
  });

  test('every beginning of a line: it was cut', () => {
    const whole = '{"a":[{"b":"]}\\""},[]],"c":{"d":null},"request_id":"\\\\"}';
    expect(isWholeObject(whole)).toBe(true);
    for (let end = 0; end < whole.length; end += 1) expect(isWholeObject(whole.slice(0, end)), `to ${end}`).toBe(false);
  });
});

describe('the value of an id', () => {
  test.each([
    ['{"a":"\\\\","request_id":1}', '1'],
    ['{"a":"\\\\\\"","request_id":1}', '1'],
    ['{"a\\\\":1,"request_id":2}', '2'],
    ['{"a\\"":1,"request_id":2}', '2'],
    ['{"a":["]","[","\\"]"],"request_id":3}', '3'],
    ['{"a":{"b":{"c":[[],{}]}},"request_id":4}', '4'],
    ['{"a":[[1],[2]],"request_id":[[5],{"x":[6]}]}', '[[5],{"x":[6]}]'],
    ['{"a":[],"request_id":5}', '5'],
    ['{"a":{},"request_id":{}}', '{}'],
    ['{"a":"","request_id":""}', '""'],
    ['{"request_id":true}', 'true'],
    ['{"\\u0072equest_id":6,"a":1}', '6'],
    ['{"request\\_id":7}', undefined],
    ['{"\\x":1,"request_id":8}', '8'],
    ['{"request_id ":1}', undefined],
    ['{"Request_Id":1}', undefined],
    ['{"":1}', undefined],
  ])('of %s is %s', (text, id) => {
    expect(isWholeObject(text)).toBe(true);
    expect(idOf(text)).toBe(id);
  });

  test.each([
    ['an object', '{', '}'],
    ['a list', '[', ']'],
  ])('%s may be nested a thousand times', (_name, open, close) => {
    const value =
      open === '{' ? '{"a":'.repeat(1_000) + 1 + '}'.repeat(1_000) : open.repeat(1_000) + close.repeat(1_000);
    expect(idOf(`{"request_id":${value},"b":2}`)).toBe(value);
  });

  test('a number may have 65,536 characters, and no more', () => {
    const digits = '9'.repeat(65_536);
    expect(idOf(`{"request_id":${digits}}`)).toBe(digits);
    expect(idOf(`{"a":1,"request_id":${digits}}`)).toBe(digits);
    expect(RawLine.read(`{"request_id":${digits}9}`)).toBeUndefined();
  });

  test('a text may be longer than that', () => {
    const id = `"${'x'.repeat(100_000)}"`;
    expect(idOf(`{"request_id":${id}}`)).toBe(id);
  });
});

describe('taking the id away', () => {
  test.each([
    ['{ "request_id" : 7 }', '{  }'],
    ['{"a":1 , "request_id":7 }', '{"a":1  }'],
    ['{"a":1,\t"request_id":7}', '{"a":1}'],
    ['{"request_id":7 ,\t"a":1}', '{"a":1}'],
    ['{"request_id":7, "request_id":8}', '{}'],
    ['{"a":[1,2],"request_id":7}', '{"a":[1,2]}'],
    ['{"a":",","request_id":7}', '{"a":","}'],
    ['{"request_id":7,"request_id":8,"request_id":9}', '{}'],
    ['{"request_id":1,"a":1,"request_id":2,"b":2,"request_id":3}', '{"a":1,"b":2}'],
    ['{"a":{"request_id":1}}', '{"a":{"request_id":1}}'],
    ['{"request_id":7}\r', '{}\r'],
  ])('of %j leaves %j', (text, rest) => {
    expect(RawLine.read(text)?.withoutId()).toBe(rest);
  });
});

test('a line keeps its text', () => {
  expect(RawLine.read(' {"a":1} ')?.text).toBe(' {"a":1} ');
});

describe('a name of a request', () => {
  test.each(['"a"', '""', '"null"', '7', '0', 'false', '{}'])('%s is one', (id) => {
    expect(isName(id)).toBe(true);
  });

  test.each([undefined, 'null'])('%s is none', (id) => {
    expect(isName(id)).toBe(false);
  });
});

describe("a frame with its client's id", () => {
  const frame = { type: 'pong', n: 1 };
  test.each([
    ['"a.1"', '{"type":"pong","n":1,"request_id":"a.1"}'],
    ['12345678901234567890', '{"type":"pong","n":1,"request_id":12345678901234567890}'],
    ['null', '{"type":"pong","n":1,"request_id":null}'],
    [undefined, '{"type":"pong","n":1}'],
  ])('%s', (id, line) => {
    expect(lineWithId(frame, id)).toBe(line);
  });
});

describe('numbers that JSON does not have', () => {
  test.each([
    ['NaN', 'null', { token: 'NaN', position: 0 }],
    ['{"a":[-Infinity, NaN]}', '{"a":[null, null]}', { token: '-Infinity', position: 6 }],
    ['{"a":"\\\\","b":NaN}', '{"a":"\\\\","b":null}', { token: 'NaN', position: 14 }],
    ['{"a":"\\\\\\"NaN","b":1}', '{"a":"\\\\\\"NaN","b":1}', undefined],
    ['{"a":"","b":Infinity}', '{"a":"","b":null}', { token: 'Infinity', position: 12 }],
    ['{"a":xNaN,"b":NaNx}', '{"a":xNaN,"b":NaNx}', undefined],
    ['{"a":1}', '{"a":1}', undefined],
    ['', '', undefined],
  ])('%j gives %j', (text, json, first) => {
    expect(withoutNonFinite(text)).toEqual({ json, first });
  });

  test('in any list as Python writes it: each becomes null, the first is reported, and no text is changed', () => {
    const token = fc.constantFrom('NaN', 'Infinity', '-Infinity').map((written) => ({ written, read: null }));
    const text = fc
      .string({ unit: fc.constantFrom('\\', '"', 'NaN', ' ', 'Infinity', '-', ',', 'é', '\n') })
      .map((read) => ({ written: JSON.stringify(read), read }));
    const number = fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map((read) => ({ written: JSON.stringify(read), read }));
    fc.assert(
      fc.property(fc.array(fc.oneof(token, text, number)), (items) => {
        const line = `[${items.map(({ written }) => written).join(', ')}]`;
        const { json, first } = withoutNonFinite(line);
        expect(JSON.parse(json)).toEqual(items.map(({ read }) => (Object.is(read, -0) ? 0 : read)));
        const at = items.findIndex(({ read }) => read === null);
        const before = `[${items
          .slice(0, at)
          .map(({ written }) => `${written}, `)
          .join('')}`;
        expect(first).toEqual(at === -1 ? undefined : { token: items[at]?.written, position: before.length });
      }),
      { seed: 11, numRuns: 500 },
    );
  });
});
