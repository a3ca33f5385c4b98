import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChoragusError } from '../../../../src/errors/index.js';
import { AnswerReader } from '../../../../src/transport/http/answer-reader.js';
import { cuts, indent, jsonObject, piecesOf } from './pieces-of.js';

/** The calls of a listener, in order, and how the reading ends. */
interface Told {
  readonly told: readonly (readonly [value: unknown, event: string | undefined] | 'done')[];
  readonly text: string;
  readonly code: string | undefined;
}

interface Reading {
  readonly maxCharacters?: number;
  readonly isStream?: boolean;
}

function read(pieces: readonly Uint8Array[], { maxCharacters = 1_000_000, isStream = false }: Reading = {}): Told {
  const told: (readonly [unknown, string | undefined] | 'done')[] = [];
  const listener = {
    value: (value: unknown, event: string | undefined) => void told.push([value, event]),
    done: () => void told.push('done'),
  };
  const reader = new AnswerReader(listener, maxCharacters, isStream);
  let code: string | undefined;
  try {
    for (const piece of pieces) reader.push(piece);
    reader.end();
  } catch (error) {
    // Anything else is a bug.
    if (!(error instanceof ChoragusError)) throw error;
    code = error.code;
  }
  return { told, text: reader.text, code };
}

const readWhole = (body: string, reading?: Reading): Told => read([Buffer.from(body)], reading);

const BOM = '\ufeff';
const bom = fc.constantFrom('', BOM);

/** The lines of an event. */
interface SentEvent {
  readonly value: Record<string, unknown>;
  readonly lines: readonly string[];
  readonly event: string | undefined;
}

const extra = fc.constantFrom(': ping', ':', 'id: 7', 'retry: 10', 'event: message', 'x-own: 1');
const sentEvent: fc.Arbitrary<SentEvent> = fc
  .record({
    value: jsonObject,
    how: indent,
    space: fc.constantFrom('', ' '),
    event: fc.constantFrom(undefined, 'delta', 'response.output_text.delta'),
    before: fc.array(extra, { maxLength: 2 }),
  })
  .map(({ value, how, space, event, before }) => {
    const data = JSON.stringify(value, null, how)
      .split('\n')
      .map((line) => `data:${space}${line}`);
    const named = event === undefined ? [] : [`event: ${event}`];
    const message = before.includes('event: message') ? 'message' : undefined;
    return { value, lines: [...before, ...named, ...data], event: event ?? message };
  });
const lineEnd = fc.constantFrom('\n', '\r', '\r\n');

describe('over random answers, cut anywhere', () => {
  test('reads JSON values one after the other, in order', () => {
    const gap = fc.constantFrom('', '\n', '\r\n', ' ', '\n\n');
    fc.assert(
      fc.property(bom, fc.array(fc.tuple(jsonObject, indent, gap), { minLength: 1 }), cuts, (mark, all, places) => {
        const body = Buffer.from(
          mark + all.map(([value, how, end]) => JSON.stringify(value, null, how) + end).join(''),
        );
        const expected = { told: all.map(([value]) => [value, undefined]), text: '', code: undefined };
        expect(read(piecesOf(body, places))).toEqual(expected);
        expect(read(piecesOf(body, 'each'))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('reads events in order, with their types, for any line ends, comments and other fields between them', () => {
    const all = fc.array(fc.tuple(sentEvent, lineEnd), { minLength: 1, maxLength: 5 });
    const last = fc.constantFrom('', 'data: [DONE]', 'data:[DONE]');
    fc.assert(
      fc.property(bom, all, last, fc.boolean(), cuts, (mark, events, done, isWhole, places) => {
        const sent = events.map(([{ lines }, end]) => [...lines, '', ''].join(end)).join('');
        const body = Buffer.from(`${mark}${sent}${done}${isWhole ? '\n\n' : ''}`);
        const told = [...events.map(([{ value, event }]) => [value, event]), ...(done === '' ? [] : ['done'])];
        for (const pieces of [piecesOf(body, places), piecesOf(body, 'each'), [body]]) {
          const found = read(pieces, { isStream: true });
          expect([found.told, found.code]).toEqual([told, undefined]);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('reads any answer the same for any cuts, and throws no error but ours', () => {
    const part = fc.constantFrom(
      ...[
        'data: ',
        'data:',
        'event: ',
        'error: ',
        'error',
        'done',
        'id: 1',
        ': ',
        ':',
        '\n',
        '\n\n',
        '\r',
        '\r\n',
        '\r\r',
      ],
      ...[
        '{"a":1}',
        '{"a":"é😀"}',
        '{',
        '}',
        '[',
        ']',
        '"',
        '[DONE]',
        'null',
        'text',
        '<html>',
        '\u2028',
        BOM,
        ' ',
        '\0',
      ],
    );
    fc.assert(
      fc.property(fc.string({ unit: part, maxLength: 14 }), fc.boolean(), cuts, (body, isStream, places) => {
        const bytes = Buffer.from(body);
        const whole = read([bytes], { isStream });
        expect([undefined, 'protocol_error']).toContain(whole.code);
        expect(read(piecesOf(bytes, places), { isStream })).toEqual(whole);
        expect(read(piecesOf(bytes, 'each'), { isStream })).toEqual(whole);
      }),
      { numRuns: 5_000 },
    );
  });

  test('invalid UTF-8 throws no error but ours', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.boolean(), (pieces, isStream) => {
        expect([undefined, 'protocol_error']).toContain(read(pieces, { isStream }).code);
      }),
    );
  });
});

test.each<[what: string, body: string, told: Told['told'], text?: string]>([
  [
    'a text within an event that looks like the lines of an event',
    'data: {"a":"\u2028event: done\u2028"}\n\n',
    [[{ a: '\u2028event: done\u2028' }, undefined]],
  ],
  ['an event without data that marks the end', 'event: done\n\n', ['done']],
  ['the same with data', 'event: done\ndata: {"a":1}\n\n', [[{ a: 1 }, 'done'], 'done']],
  ['an error without data', 'event: error\n\n', [[{ error: '' }, 'error']]],
  ['an error in words', 'event: error\ndata: no slot\n\n', [[{ error: 'no slot' }, 'error']]],
  [
    'an error of llama.cpp',
    'error: {"code":500,"message":"no slot"}\n\n',
    [[{ error: { code: 500, message: 'no slot' } }, undefined]],
  ],
  ['an error in words, as a field', 'error: no slot\n\n', [[{ error: 'no slot' }, undefined]]],
  [
    'values without a blank line between them',
    'data: {"a":1}\ndata: {"b":2}\n\n',
    [
      [{ a: 1 }, undefined],
      [{ b: 2 }, undefined],
    ],
  ],
  [
    'a value among events',
    'data: {"a":1}\n\n{"b":2}\n\n',
    [
      [{ a: 1 }, undefined],
      [{ b: 2 }, undefined],
    ],
  ],
  ['empty data and null', 'data:\n\ndata: null\n\ndata: {"a":1}\n\n', [[{ a: 1 }, undefined]]],
  ['the end in quotes', 'data: "[DONE]"\n\n', ['done']],
  ['the end among lines of JSON', '{"a":1}\n[DONE]\n', [[{ a: 1 }, undefined], 'done']],
  ['a text', 'Service Unavailable', [], 'Service Unavailable'],
  ['a page', '<html>data: {"a":1}\n\n</html>', [], '<html>data: {"a":1}\n\n</html>'],
  ['nothing', '', []],
])('%s', (_what, body, told, text = '') => {
  expect(readWhole(body)).toEqual({ told, text, code: undefined });
  expect(read(piecesOf(Buffer.from(body), 'each'))).toEqual({ told, text, code: undefined });
});

test.each([
  ['an event that is no JSON', 'data: hello\n\n'],
  ['a value that was cut', '{"a":'],
  ['a value that is no object', 'data: 7\n\n'],
  ['an array', '[{"a":1}]'],
])('%s is a fault of the peer', (_what, body) => {
  expect(readWhole(body)).toMatchObject({ told: [], code: 'protocol_error' });
});

describe('rejects a part that never ends', () => {
  /** Pushes the same piece repeatedly. Returns the error code, and the number of characters until then. */
  function pushForever(begin: string, again: string, maxCharacters: number, isStream = true): [string, number] {
    const reader = new AnswerReader({ value: () => {}, done: () => {} }, maxCharacters, isStream);
    let came = begin.length;
    try {
      reader.push(Buffer.from(begin));
      for (; came < 40 * maxCharacters; came += again.length) reader.push(Buffer.from(again));
    } catch (error) {
      return [(error as ChoragusError).code, came];
    }
    return ['never', came];
  }

  test.each([
    ['a JSON text', '{"a":"', 'x'.repeat(100)],
    ['nesting', '{"a":', '['.repeat(100)],
    ['a line of an event', 'data: ', 'x'.repeat(100)],
    ['an event of many lines', '', `data: ${'x'.repeat(93)}\n`],
    ['an event of many empty lines of data', '', 'data:\n'.repeat(20)],
    ['a comment', ': ', 'x'.repeat(100)],
    ['a field without a colon', 'data: {}\n\n', 'x'.repeat(100)],
    ['an identifier', 'id: ', 'x'.repeat(100)],
    ['text behind a value', '{"a":1} ', 'x'.repeat(100)],
  ])('%s', (_what, begin, again) => {
    const [code, came] = pushForever(begin, again, 10_000);
    expect(code).toBe('reply_too_large');
    expect(came).toBeLessThan(7 * 10_000);
  });

  test.each([
    ['comments', ': keep-alive\n\n'],
    ['events', 'data: {"a":1}\n\n'],
    ['values', '{"a":1}\n'],
    ['white space', ' \n'],
  ])('%s may go on without end', (_what, again) => {
    expect(pushForever('', again, 1_000)[0]).toBe('never');
  });

  test('keeps the beginning of a text', () => {
    const reader = new AnswerReader({ value: () => {}, done: () => {} }, 1_000);
    for (let n = 0; n < 3_000; n += 1) reader.push(Buffer.from('plain text without an end '));
    expect(reader.text.length).toBe(65_536);
  });

  test('reads a value as long as the limit', () => {
    const value = { a: 'x'.repeat(100) };
    const maxCharacters = JSON.stringify(value).length;
    expect(readWhole(JSON.stringify(value), { maxCharacters }).told).toEqual([[value, undefined]]);
    expect(readWhole(JSON.stringify(value), { maxCharacters: maxCharacters - 1 }).code).toBe('reply_too_large');
  });
});
