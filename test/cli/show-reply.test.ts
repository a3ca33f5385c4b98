import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../src/cli/describe-failure.js';
import { Screen } from '../../src/cli/screen.js';
import { showReply } from '../../src/cli/show-reply.js';
import type { Outcome, Reply } from '../../src/contract/index.js';
import { ChoragusError, codes, type Timings } from '../../src/errors/index.js';
import { CapturedOutput } from './captured-output.js';

const timings: Timings = { queuedMs: 0, connectMs: 1, serviceMs: 40, totalMs: 41 };

function replied(reply: Partial<Reply>): Outcome {
  const raw = {};
  const whole = { ci: 'apollo', content: 'Yes.', type: 'chat_response', raw, reused: false, timings, ...reply };
  return { ci: whole.ci, ok: true, reply: whole };
}

function shown(outcome: Outcome, output = new CapturedOutput()): string {
  showReply(outcome, 2_000, new Screen(output, {}));
  return output.text;
}

describe('a reply as a line', () => {
  test('has its time, CI, connection and text in columns', () => {
    expect(shown(replied({}))).toBe('  0.041 s  apollo       new     Yes.\n');
    expect(shown(replied({ ci: 'tekton_core', reused: true }))).toBe('  0.041 s  tekton_core  reused  Yes.\n');
  });

  test('shows the first line of the text, clipped to the width', () => {
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

  test('is coloured on a terminal, and as wide as without', () => {
    const coloured = shown(replied({ reused: true }), new CapturedOutput('terminal', 80));
    expect(coloured).toContain('\u001b[32mreused\u001b[39m');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the colours are what is taken away
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe('  0.041 s  apollo       reused  Yes.\n');
  });
});

describe('a failure in words', () => {
  const words = (...of: ConstructorParameters<typeof ChoragusError>): string =>
    describeFailure(new ChoragusError(...of), 2_000);

  test('of a CI that is down, names the cause', () => {
    const message = 'the CI is down: cannot connect: nothing listens there (ECONNREFUSED)';
    expect(words('unavailable', message, { delivery: 'not_sent' })).toBe(
      'is down (nothing listens there); was not sent',
    );
  });

  test('of a deadline, names what did not come', () => {
    expect(words('deadline_exceeded', '', { phase: 'connect', delivery: 'not_sent' })).toBe(
      'no connection in time; was not sent',
    );
    expect(words('deadline_exceeded', '', { phase: 'queue', delivery: 'not_sent' })).toBe(
      'no free connection within 2 s; was not sent',
    );
  });

  test('of an error that the CI answered with', () => {
    expect(words('ci_error', 'boom', { delivery: 'answered' })).toBe('answered with an error; was answered');
    const answered = { delivery: 'answered', said: 'model not found' } as const;
    expect(words('ci_error', 'boom', answered)).toBe('answered with an error: model not found; was answered');
    expect(words('ci_error', 'boom', { ...answered, status: 404 })).toBe(
      'answered with an error (status 404): model not found; was answered',
    );
  });

  test('of one that has too much to do, says when it can be asked again', () => {
    const busy = { delivery: 'answered', status: 429, said: 'slow down', retryAfterMs: 20_000 } as const;
    expect(words('overloaded', 'boom', busy)).toBe(
      'has too much to do (status 429): slow down; it can be asked again in 20 s; was answered',
    );
    expect(words('overloaded', 'boom', { delivery: 'not_sent' })).toBe('too many requests wait; was not sent');
  });

  test.each(codes)('exists for %s', (code) => {
    expect(words(code, 'reason')).toMatch(/^[a-z].+; may have been read$/);
  });
});
