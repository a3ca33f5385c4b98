import { describe, expect, test } from 'vitest';
import { showAnswer } from '../../../src/cli/show-answer.js';
import type { Outcome, Reply } from '../../../src/contract/index.js';
import { ChoragusError, codes, type Timings } from '../../../src/errors/index.js';
import { describeFailure } from '../../../src/terminal/describe-failure.js';
import { Screen } from '../../../src/terminal/screen.js';
import { showReply } from '../../../src/terminal/show-reply.js';
import { CapturedOutput } from '../../support/captured-output.js';

const timings: Timings = { queuedMs: 0, connectMs: 1, serviceMs: 40, totalMs: 41 };

function replied(reply: Partial<Reply>): Outcome {
  const raw = {};
  const whole = { ci: 'apollo', content: 'Yes.', type: 'chat_response', raw, reused: false, timings, ...reply };
  return { ci: whole.ci, ok: true, reply: whole };
}

function shown(outcome: Outcome, output = new CapturedOutput()): string {
  showReply(outcome, new Screen(output, {}));
  return output.text;
}

describe('a reply as a line', () => {
  test('has its time, CI, connection and text in columns', () => {
    expect(shown(replied({}))).toBe('  0.041 s  apollo       new     Yes.\n');
    expect(shown(replied({ ci: 'tekton_core', reused: true }))).toBe('  0.041 s  tekton_core  reused  Yes.\n');
  });

  test('shows the first line of the text, cut to the width', () => {
    expect(shown(replied({ content: 'One.\nTwo.' }))).toMatch(/ One\.\n$/);
    const line = shown(replied({ content: 'x'.repeat(100) })).trimEnd();
    expect(line).toHaveLength(80);
    expect(line).toMatch(/x…$/);
  });

  test('shows a failure in words, with its delivery', () => {
    const error = new ChoragusError('deadline_exceeded', 'no answer within 2000 ms', { phase: 'total', timings });
    expect(shown({ ci: 'penia', ok: false, error })).toBe(
      '  0.041 s  penia        -       no answer within 2 s; may have been read\n',
    );
  });

  test('has colours on a terminal, and the same width as without', () => {
    const coloured = shown(replied({ reused: true }), new CapturedOutput('terminal', 80));
    expect(coloured).toContain('\u001b[32mreused\u001b[39m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is taken away
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe('  0.041 s  apollo       reused  Yes.\n');
  });
});

describe('a failure in words', () => {
  const words = (...of: ConstructorParameters<typeof ChoragusError>): string =>
    describeFailure(new ChoragusError(...of));

  test('of a CI that is down names the cause', () => {
    const message = 'the CI is down: cannot connect: nothing listens there (ECONNREFUSED)';
    expect(words('unavailable', message, { delivery: 'not_sent' })).toBe(
      'is down (nothing listens there); was not sent',
    );
  });

  test('of a CI that is down shows its words, without control characters', () => {
    const details = { delivery: 'not_sent', said: 'loading \u001b[2J' } as const;
    expect(words('unavailable', 'cannot connect: the server answered with status 500', details)).toBe(
      'is down (the server answered with status 500): loading  [2J; was not sent',
    );
  });

  test.each([
    ['queue', 'no free slot within 2000 ms', 'no free connection within 2 s'],
    ['connect', 'no connection within 500 ms', 'no connection within 0.5 s'],
    ['first chunk', 'no first chunk within 30000 ms', 'no first piece within 30 s'],
    ['idle', 'no further chunk within 30000 ms', 'no further piece within 30 s'],
    ['total', 'no complete answer within 1500 ms', 'no answer within 1.5 s'],
    ['total', '', 'no answer in time'],
  ] as const)('of a deadline in the phase %s: %s', (phase, reason, shown) => {
    expect(words('deadline_exceeded', reason, { phase, delivery: 'not_sent' })).toBe(`${shown}; was not sent`);
  });

  test('of a broken protocol names the fault', () => {
    expect(words('protocol_error', 'the line holds NaN at 14', { delivery: 'answered' })).toBe(
      'broke the protocol (the line holds NaN at 14); was answered',
    );
  });

  test('of an error from the CI shows its words', () => {
    expect(words('ci_error', 'boom', { delivery: 'answered' })).toBe('answered with an error; was answered');
    const answered = { delivery: 'answered', said: 'model not found' } as const;
    expect(words('ci_error', 'boom', answered)).toBe('answered with an error: model not found; was answered');
    expect(words('ci_error', 'boom', { ...answered, status: 404 })).toBe(
      'answered with an error (status 404): model not found; was answered',
    );
  });

  test('of an overloaded CI shows when to retry', () => {
    const busy = { delivery: 'answered', status: 429, said: 'slow down', retryAfterMs: 20_000 } as const;
    expect(words('overloaded', 'boom', busy)).toBe(
      'is overloaded (status 429): slow down; retry in 20 s; was answered',
    );
    expect(words('overloaded', 'boom', { delivery: 'not_sent' })).toBe('too many requests wait; was not sent');
  });

  test.each(codes)('exists for %s', (code) => {
    expect(words(code, 'reason')).toMatch(/^[a-z].+; may have been read$/);
  });
});

describe('a whole answer', () => {
  const answer = (outcome: Outcome, columns = 80): string => {
    const output = new CapturedOutput('terminal', columns);
    showAnswer(outcome, new Screen(output, { NO_COLOR: '1' }));
    return output.text;
  };

  test('starts beside its head, with all of its lines, wrapped', () => {
    const content = `\n${'word '.repeat(15)}\n\n  indented\nlast\n\n`;
    expect(answer(replied({ content }))).toBe(
      [
        `  0.041 s  apollo       new     ${'word '.repeat(9).trimEnd()}`,
        `                                ${'word '.repeat(6).trimEnd()}`,
        '',
        '                                  indented',
        '                                last',
        '',
      ].join('\n'),
    );
  });

  test('starts below its head on a narrow terminal, or if the name is long', () => {
    const content = 'Say it slowly, and then say it again.';
    expect(answer(replied({ content }), 30)).toBe(
      '  0.041 s  apollo       new\n  Say it slowly, and then say\n  it again.\n',
    );
    expect(answer(replied({ ci: 'x'.repeat(40), content }))).toMatch(
      / {2}new\n {2}Say it slowly, and then say it again\.\n$/,
    );
  });

  test('of a CI that failed is the whole failure', () => {
    const said = 'the model '.repeat(20).trim();
    const error = new ChoragusError('ci_error', 'boom', { delivery: 'answered', said, timings });
    const shown = answer({ ci: 'apollo', ok: false, error });
    expect(shown.replace(/\s+/g, ' ')).toBe(` 0.041 s apollo - answered with an error: ${said}; was answered `);
    for (const line of shown.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('is only its head if it is empty', () => {
    expect(answer(replied({ content: '' }))).toBe('  0.041 s  apollo       new\n');
  });
});
