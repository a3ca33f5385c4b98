import { describe, expect, test } from 'vitest';
import type { Frame } from '../../../../src/contract/index.js';
import { errorIn, errorInBody, errorOf, isSomething, textWords } from '../../../../src/transport/http/error-words.js';

describe('errorIn: the error in a value of an answer', () => {
  test.each<[value: Frame, words: string | undefined]>([
    [{ error: { message: 'out of memory' } }, 'out of memory'],
    [{ error: { message: 'out of memory', type: 'server_error', code: 500 } }, 'out of memory'],
    [{ error: 'out of memory' }, 'out of memory'],
    [{ error: { error: { message: 'deep' } } }, 'deep'],
    [{ error: { detail: [{ loc: ['body', 'n'], msg: 'too many' }] } }, 'body.n: too many'],
    [{ error: { code: 'x_9' } }, '{"code":"x_9"}'],
    [{ error: true, message: 'out of memory' }, 'out of memory'],
    [{ error: true }, 'the server gave no reason'],
    [{ error: 500 }, '500'],
    [{ object: 'error', message: 'no model', code: 404 }, 'no model'],
    [{ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }, 'Overloaded'],
    [{ object: 'error' }, '{"object":"error"}'],
    [{ base_resp: { status_code: 1_004, status_msg: 'no key' } }, 'no key'],
    [{ base_resp: { status_code: 1_004 } }, 'status 1004'],
    [{ base_resp: { status_code: 0, status_msg: 'success' } }, undefined],
    [{ error: '' }, undefined],
    [{ error: ' ' }, undefined],
    [{ error: null }, undefined],
    [{ error: {} }, undefined],
    [{ error: [] }, undefined],
    [{ error: false }, undefined],
    [{ error: 0 }, undefined],
    [{ error: { message: '', code: null } }, undefined],
    [{}, undefined],
  ])('%j', (value, words) => {
    expect(errorIn(value, true)).toBe(words);
    expect(errorIn(value, false)).toBe(words);
  });

  test.each<[value: Frame, words: string]>([
    [{ message: 'no model' }, 'no model'],
    [{ detail: 'Not Found' }, 'Not Found'],
    [{ detail: [{ loc: ['body', 'n'], msg: 'too many' }, { msg: 'and bad' }] }, 'body.n: too many; and bad'],
    [{ detail: { message: 'nested' } }, 'nested'],
  ])('%j is an error if the value is no answer', (value, words) => {
    expect(errorIn(value, false)).toBe(words);
    expect(errorIn(value, true)).toBeUndefined();
  });

  test('an object as the message of an answer is no error', () => {
    expect(errorIn({ message: { role: 'assistant', content: 'x' } }, false)).toBeUndefined();
  });

  test('reads endless nesting to an end', () => {
    let error: object = { message: 'deep' };
    for (let depth = 0; depth < 1_000; depth += 1) error = { error };
    expect(errorIn({ error }, true)).toMatch(/^.{1,500}$/);
  });

  test('shortens words to one line of at most 500 characters, without control characters', () => {
    const words = errorIn({ error: `\u001b[31mred\u0000 \r\n\t line ${'x'.repeat(9_000)}` }, true) ?? '';
    expect(words).toHaveLength(500);
    expect(words.startsWith('[31mred line xxx')).toBe(true);
  });
});

test.each<[value: Frame, words: string]>([
  [{ message: 'a', detail: 'b' }, 'a'],
  [{ reason: 'why', title: 'what' }, 'why'],
  [{ title: 'what' }, 'what'],
  [{ error: 'invalid_grant', error_description: 'expired' }, 'invalid_grant'],
  [{}, 'the server gave no reason'],
  [{ a: 1 }, '{"a":1}'],
])('errorOf %j', (value, words) => {
  expect(errorOf(value)).toBe(words);
});

describe('errorInBody: the words of a body that is an error', () => {
  test.each<[what: string, body: string, words: string | undefined]>([
    ['JSON', '{"error":{"message":"no key"}}', 'no key'],
    ['pretty JSON', '{\n  "error": {\n    "message": "no key"\n  }\n}\n', 'no key'],
    ['JSON behind a BOM', '\ufeff{"error":"no key"}', 'no key'],
    ['an array of FastAPI', '{"detail":[{"loc":["body"],"msg":"Field required"}]}', 'body: Field required'],
    ['events', 'data: {"error":{"message":"no key"}}\n\ndata: [DONE]\n\n', 'no key'],
    ['an event of the type error', 'event: error\ndata: {"message":"no key"}\n\n', 'no key'],
    ['an event of llama.cpp', 'error: {"message":"no slot"}\n\n', 'no slot'],
    ['lines of JSON', '{"error":"first"}\n{"error":"second"}\n', 'first'],
    ['a text', 'Too Many Requests\n', 'Too Many Requests'],
    ['a text with a colon', 'error: no key', 'no key'],
    ['JSON that was cut', '{"error":{"mess', '{"error":{"mess'],
    ['an array', '["no key"]', '["no key"]'],
    [
      'a page',
      '<!DOCTYPE html><html><head><title>502 Bad &amp; Gone</title></head><body>x</body></html>',
      '502 Bad & Gone',
    ],
    [
      'a page without a title',
      '<html><style>a{}</style><body><h1>Not&nbsp;found</h1> here</body></html>',
      'Not found here',
    ],
    ['nothing', '', undefined],
    ['white space', ' \r\n', undefined],
    ['an empty object', '{}', '{}'],
  ])('%s', (_what, body, words) => {
    expect(errorInBody(Buffer.from(body))).toBe(words);
  });

  test('invalid UTF-8 does no harm', () => {
    expect(() => errorInBody(Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3]))).not.toThrow();
  });
});

test.each<[text: string, words: string | undefined]>([
  ['', undefined],
  ['plain & simple', 'plain & simple'],
  ['1 < 2', '1 < 2'],
  ['<title> </title><p>body</p>', 'body'],
  ['<TITLE lang="en">Gone</TITLE>', 'Gone'],
  ['<script>x<y</script>&lt;ok&gt; &#39;q&#39; &unknown;', "<ok> 'q' &unknown;"],
  ['<p></p>', undefined],
])('textWords %j', (text, words) => {
  expect(textWords(text)).toBe(words);
});

test.each([
  ['', false],
  [' ', false],
  ['x', true],
  [0, false],
  [1, true],
  [false, false],
  [true, true],
  [null, false],
  [undefined, false],
  [{}, false],
  [{ a: { b: [null, ''] } }, false],
  [{ a: { b: [null, 'x'] } }, true],
  [[], false],
])('isSomething %j: %s', (value, is) => {
  expect(isSomething(value)).toBe(is);
});
