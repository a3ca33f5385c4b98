import { expect } from 'vitest';
import { theWords } from './table-ci.js';

/** The states of the CI that every command runs against. */
export const conditions = ['up', 'down', 'failing', 'slow'] as const;
type Named = (typeof conditions)[number];

/** The timeout for the slow CI. */
const patience = ['--timeout', '1'];

/** The expected output of a command for one CI. */
export interface Expected {
  readonly code: 0 | 1;
  /** The whole of stdout and stderr, without `--json`. */
  readonly out: RegExp;
  readonly err: RegExp;
  /** The lines of stdout with `--json`; stderr is then empty. */
  readonly json: readonly object[];
}

/** A command that talks to a CI and ends by itself. */
export interface Row {
  readonly command: string;
  readonly argv: readonly string[];
  readonly expected: Readonly<Record<Named, Expected>>;
}

const nothing = /^$/;
const words: Readonly<Record<Exclude<Named, 'up'>, string>> = {
  down: 'is down \\(nothing listens there\\); was not sent',
  failing: `answered with an error: ${theWords}; was answered`,
  slow: 'no answer within 1 s; may have been read',
};
const errors: Readonly<Record<Exclude<Named, 'up'>, object>> = {
  down: { code: 'unavailable', delivery: 'not_sent', phase: 'connect' },
  failing: { code: 'ci_error', delivery: 'answered', said: theWords },
  slow: { code: 'deadline_exceeded', delivery: 'maybe_sent' },
};
const failed = (condition: Exclude<Named, 'up'>) => ({ ci: 'apollo', ok: false, error: errors[condition] });
const answered = { ci: 'apollo', ok: true, reused: false, timings: { totalMs: expect.any(Number) } };
const chunk = { ci: 'apollo', index: 0, kind: 'text', content: 'You ' };

/** The rows of commands that write nothing to stdout when the CI fails. */
function fails(condition: Exclude<Named, 'up'>, out = nothing, before: readonly object[] = []): Expected {
  const err = new RegExp(`^apollo: ${words[condition]}\\n$`);
  return { code: 1, out, err, json: [...before, failed(condition)] };
}

/** The rows of commands that print a failing CI as a result. */
function reports(condition: Exclude<Named, 'up'>, line: (what: string) => string): Expected {
  return { code: 1, out: new RegExp(line(words[condition])), err: nothing, json: [failed(condition)] };
}

const teamLine = (what: string): string =>
  `^ +\\d+\\.\\d{3} s  apollo       -       ${what.replace(/ /g, '\\s+')}\\n\\n  0 of 1 answered in .*`;
const isUp: Expected = {
  code: 0,
  out: /^apollo {7}healthy {7}tcp:\/\/127\.0\.0\.1:\d+ {2}connected in \d\.\d{3} s\n$/,
  err: nothing,
  json: [{ ci: 'apollo', ok: true, state: 'healthy', url: expect.stringMatching(/^tcp:/) }],
};

export const rows: readonly Row[] = [
  {
    command: 'ask',
    argv: ['ask', 'apollo', 'hello', ...patience],
    expected: {
      up: { code: 0, out: /^You said: hello\n$/, err: nothing, json: [{ ...answered, content: 'You said: hello' }] },
      down: fails('down'),
      failing: fails('failing'),
      slow: fails('slow'),
    },
  },
  {
    command: 'stream',
    argv: ['stream', 'apollo', 'hello', ...patience],
    expected: {
      up: {
        code: 0,
        out: /^You said: hello\n$/,
        err: nothing,
        json: [chunk, { ...chunk, index: 1, content: 'said: hello' }, { ...answered, metadata: { chunks: 2 } }],
      },
      down: fails('down'),
      failing: fails('failing'),
      slow: fails('slow', /^You \n$/, [chunk]),
    },
  },
  {
    command: 'team',
    argv: ['team', 'hello', ...patience],
    expected: {
      up: {
        code: 0,
        out: /^ +\d+\.\d{3} s {2}apollo {7}new {5}You said: hello\n\n {2}1 of 1 answered in .*\n/,
        err: nothing,
        json: [{ ...answered, content: 'You said: hello' }],
      },
      down: reports('down', teamLine),
      failing: reports('failing', teamLine),
      slow: reports('slow', teamLine),
    },
  },
  {
    command: 'ping',
    argv: ['ping', ...patience],
    expected: {
      up: {
        code: 0,
        out: /^apollo: answered in \d\.\d{3} s, connected in \d\.\d{3} s\n$/,
        err: nothing,
        json: [{ ...answered, type: 'pong' }],
      },
      down: reports('down', (what) => `^apollo: ${what}\\n$`),
      failing: reports('failing', (what) => `^apollo: ${what}\\n$`),
      slow: reports('slow', (what) => `^apollo: ${what}\\n$`),
    },
  },
  {
    command: 'status',
    argv: ['status'],
    expected: {
      up: isUp,
      down: {
        code: 1,
        out: /^apollo {7}(?:reconnecting|connecting {2}) {2}tcp:\S+ {2}cannot connect: nothing listens there \(ECONNREFUSED\).*\n$/,
        err: nothing,
        json: [{ ci: 'apollo', ok: false, lastError: { code: 'unavailable' } }],
      },
      // A connection is enough.
      failing: isUp,
      slow: isUp,
    },
  },
];
