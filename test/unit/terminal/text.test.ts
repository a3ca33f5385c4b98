import { describe, expect, test } from 'vitest';
import { WrappedText } from '../../../src/demo/wrapped-text.js';
import { clip } from '../../../src/terminal/columns.js';
import { firstLine, printable } from '../../../src/terminal/printable.js';
import { Screen } from '../../../src/terminal/screen.js';
import { measured, set } from '../../../src/terminal/seconds.js';
import { wrappedLines } from '../../../src/terminal/wrapped-lines.js';
import { CapturedOutput } from '../../support/captured-output.js';

describe('clipping', () => {
  test.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['ab cd', 4, 'ab…'],
    ['', 0, ''],
    ['👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 4, '👩‍👩‍👧‍👦…'],
    ['漢字漢字', 8, '漢字漢字'],
    ['漢字漢字', 7, '漢字漢…'],
  ])('%j to %d columns is %j', (text, width, clipped) => {
    expect(clip(text, width)).toBe(clipped);
  });
});

describe('wrapping', () => {
  test.each([
    ['one two three', 7, ['one two', 'three']],
    ['one two', 7, ['one two']],
    ['  one two three', 9, ['  one two', '  three']],
    ['one\n\n two', 9, ['one', '', ' two']],
    ['see https://example.org/a/long/path there', 10, ['see', 'https://example.org/a/long/path', 'there']],
    ['漢字漢字 ab漢', 5, ['漢字', '漢字', 'ab漢']],
    ['e\u0301e\u0301 e\u0301', 3, ['e\u0301e\u0301', 'e\u0301']],
    ['', 5, ['']],
  ])('%j to %d columns', (text, width, lines) => {
    expect(wrappedLines(text, width)).toEqual(lines);
  });
});

describe('the text of a CI', () => {
  test('cannot control the terminal', () => {
    expect(printable('a\u001b[2Jb\u0007c\td\u009be\u202ef')).toBe('a [2Jb c d e f');
  });

  test('keeps its line ends of all kinds', () => {
    expect(printable('a\r\nb\rc\nd\u2028e')).toBe('a\nb\nc\nd\ne');
  });

  test('is shown by its first line that is not blank', () => {
    expect(firstLine('\n  \r\nfirst\nsecond')).toBe('first');
    expect(firstLine(' \n')).toBe('');
  });
});

test('durations show measured and set times', () => {
  expect([measured(41.4), measured(12_345), set(2_000), set(500)]).toEqual(['0.041 s', '12.345 s', '2 s', '0.5 s']);
});

describe('text that comes in pieces', () => {
  test('is written at once, piece by piece', () => {
    const writes: string[] = [];
    const output = new CapturedOutput('pipe', undefined, (text) => writes.push(text));
    const text = new WrappedText(new Screen(output, {}));
    for (const piece of ['Say', ' it', ' slow', 'ly']) text.write(piece);
    expect(writes).toEqual(['  Say', ' it', ' slow', 'ly']);
  });

  test('is wrapped between words, without blanks at the ends of lines', () => {
    const output = new CapturedOutput();
    const text = new WrappedText(new Screen(output, {}));
    for (let i = 0; i < 40; i += 1) text.write('word ');
    text.end();
    const full = `  ${'word '.repeat(15).trimEnd()}`;
    expect(output.lines).toEqual([full, full, `  ${'word '.repeat(10).trimEnd()}`]);
    expect(full.length + ' word'.length).toBeGreaterThan(80);
  });

  test('begins a new line where the CI does, and ends the last one once', () => {
    const output = new CapturedOutput();
    const text = new WrappedText(new Screen(output, {}));
    text.write('one\ntwo');
    text.end();
    text.end();
    expect(output.text).toBe('  one\n  two\n');
  });
});
