import { describe, expect, test } from 'vitest';
import { readArguments, usage } from '../../../src/demo/arguments.js';

describe('the arguments', () => {
  test('without any, the chorus gets the default question, for 2 s', () => {
    expect(readArguments([])).toEqual({
      kind: 'run',
      cis: 'chorus',
      message: 'What should we build?',
      deadlineMs: 2_000,
    });
  });

  test('accepts all together', () => {
    expect(readArguments(['--cis', '--message', 'Why?', '--deadline', '0.5'])).toEqual({
      kind: 'run',
      cis: 'environment',
      message: 'Why?',
      deadlineMs: 500,
    });
  });

  test.each([['--help'], ['-h'], ['--cis', '--help']])('%s asks for help', (...argv) => {
    expect(readArguments(argv)).toEqual({ kind: 'help' });
  });

  test.each([
    [['--chorus'], "Unknown option '--chorus'"],
    [['What', 'now?'], '"What" is one word too many'],
    [['--message'], "Option '--message <value>' argument missing"],
    [['--message', '  '], '--message takes a text that is not empty'],
    [['--cis=yes'], "Option '--cis' does not take an argument"],
    [['--deadline', 'soon'], '--deadline takes seconds, a number from 0.001 to 3600, and was given "soon"'],
    [['--deadline', '0'], '--deadline takes seconds, a number from 0.001 to 3600, and was given "0"'],
    [['--deadline=-1'], '--deadline takes seconds, a number from 0.001 to 3600, and was given "-1"'],
    [['--deadline', '3601'], '--deadline takes seconds, a number from 0.001 to 3600, and was given "3601"'],
  ])('rejects %j', (argv, problem) => {
    expect(readArguments(argv)).toEqual({ kind: 'wrong', problem });
  });

  test('the usage names every option, within 80 columns', () => {
    for (const option of ['--message', '--cis', '--deadline', '--help']) expect(usage).toContain(option);
    for (const line of usage.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});
