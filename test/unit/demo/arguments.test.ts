import { describe, expect, test } from 'vitest';
import { readArguments, usage } from '../../../src/demo/arguments.js';

describe('the arguments', () => {
  test('without any, the chorus gets the default question, for 2 s', () => {
    expect(readArguments([])).toEqual({
      kind: 'run',
      cis: 'chorus',
      message: 'What should we build?',
      deadlineMs: 2_000,
      allowedHosts: [],
    });
  });

  test('accepts all together', () => {
    expect(readArguments(['--cis', '--message', 'Why?', '--deadline', '0.5'])).toEqual({
      kind: 'run',
      cis: 'environment',
      message: 'Why?',
      deadlineMs: 500,
      allowedHosts: [],
    });
  });

  test('--allow-host may be repeated, for an inspector', () => {
    const hosts = ['--allow-host', 'box.example', '--allow-host', '[::2]:443'];
    const read = { inspectPort: 0, allowedHosts: ['box.example', '[::2]:443'] };
    expect(readArguments([...hosts, '--inspect'])).toMatchObject(read);
    expect(readArguments(hosts, '0')).toMatchObject(read);
  });

  test.each([['--help'], ['-h'], ['--cis', '--help']])('%s asks for help', (...argv) => {
    expect(readArguments(argv)).toEqual({ kind: 'help' });
  });

  test.each([
    [['--chorus'], "Unknown option '--chorus'"],
    [['What', 'now?'], '"What" is one word too many'],
    [['--message'], "Option '--message <value>' argument missing"],
    [['--message', '  '], '--message is empty: use a string that is not empty'],
    [['--cis=yes'], "Option '--cis' does not take an argument"],
    [['--deadline', 'soon'], '--deadline is "soon": use seconds from 0.001 to 3600'],
    [['--deadline', '0'], '--deadline is "0": use seconds from 0.001 to 3600'],
    [['--deadline=-1'], '--deadline is "-1": use seconds from 0.001 to 3600'],
    [['--allow-host', 'box.example'], '--allow-host has no inspector: add --inspect'],
    [
      ['--inspect', '--allow-host', '*'],
      '--allow-host is "*": use a host name with or without a port, such as box.example:8443',
    ],
    [['--deadline', '3601'], '--deadline is "3601": use seconds from 0.001 to 3600'],
  ])('%j is wrong', (argv, problem) => {
    expect(readArguments(argv)).toEqual({ kind: 'wrong', problem });
  });

  test('the usage names every option, within 80 columns', () => {
    for (const option of ['--message', '--cis', '--deadline', '--inspect', '--allow-host', '--help']) {
      expect(usage).toContain(option);
    }
    for (const line of usage.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});
