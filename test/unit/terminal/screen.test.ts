import { describe, expect, test } from 'vitest';
import { eraseLine, Screen, styleFor } from '../../../src/terminal/screen.js';
import { CapturedOutput } from '../../support/captured-output.js';

const faint = (text: string): string => styleFor('terminal').faint(text);

describe('in a pipe', () => {
  test('prints only lines: no colours and no progress', () => {
    const output = new CapturedOutput('pipe', 200);
    const screen = new Screen(output, {});
    screen.progress('1 of 2');
    screen.line(screen.style.bad('down'));
    screen.progress('');
    expect(output.text).toBe('down\n');
    expect(screen.width).toBe(80);
  });
});

describe('on a terminal', () => {
  test('keeps the progress below the lines, and erases it at the end', () => {
    const output = new CapturedOutput('terminal', 100);
    const screen = new Screen(output, {});
    screen.progress('0 of 2');
    screen.line('first');
    screen.progress('1 of 2');
    screen.progress('');
    screen.line('second');
    expect(output.text).toBe(
      [
        eraseLine,
        faint('  0 of 2'),
        eraseLine,
        'first\n',
        faint('  0 of 2'),
        eraseLine,
        faint('  1 of 2'),
        eraseLine,
        'second\n',
      ].join(''),
    );
  });

  test('does not draw the same progress twice', () => {
    const output = new CapturedOutput('terminal', 100);
    const screen = new Screen(output, {});
    screen.progress('0 of 2');
    const { text } = output;
    screen.progress('0 of 2');
    expect(output.text).toBe(text);
  });

  test('removes the progress for a partial line', () => {
    const output = new CapturedOutput('terminal', 100);
    const screen = new Screen(output, {});
    screen.progress('x');
    screen.part('a');
    screen.part('b');
    expect(output.text).toBe(`${eraseLine}${faint('  x')}${eraseLine}ab`);
  });

  test.each([
    [10, 20],
    [40, 40],
    [100, 100],
    [300, 110],
    [undefined, 80],
  ])('uses %s columns as %d', (columns, width) => {
    expect(new Screen(new CapturedOutput('terminal', columns), {}).width).toBe(width);
  });

  test('TERM=dumb means plain output', () => {
    const output = new CapturedOutput('terminal', 100);
    const screen = new Screen(output, { TERM: 'dumb' });
    screen.progress('1 of 2');
    screen.heading('Title');
    expect(output.text).toBe('\nTitle\n\n');
  });

  test('NO_COLOR removes the colours, but not the progress', () => {
    const output = new CapturedOutput('terminal', 100);
    const screen = new Screen(output, { NO_COLOR: '1' });
    screen.progress('1 of 2');
    screen.line(screen.style.bad('down'));
    expect(output.text).toBe(`${eraseLine}  1 of 2${eraseLine}down\n  1 of 2`);
  });

  test('an empty NO_COLOR counts as unset', () => {
    expect(new Screen(new CapturedOutput('terminal', 100), { NO_COLOR: '' }).style.bad('x')).not.toBe('x');
  });
});
