import { describe, expect, test } from 'vitest';
import { usage } from '../../../src/demo/arguments.js';
import { type Behaviour, type ChorusCi, chorusCis } from '../../../src/demo/chorus-cis.js';
import { holdSilentPort } from '../../../src/demo/failing-peers.js';
import { runStart, type StartIo } from '../../../src/demo/run-start.js';
import { type Chorus, serveChorus } from '../../../src/demo/serve-chorus.js';
import { components } from '../../../src/tekton/components.js';
import { CapturedOutput } from '../../support/captured-output.js';

/** CIs of the chorus by behaviour; they answer without delay. */
function members(...behaviours: Behaviour[]): ChorusCi[] {
  return behaviours.map((behaviour, index) => ({ ...(chorusCis[index] as ChorusCi), behaviour, latencyMs: 0 }));
}

interface Run {
  readonly argv?: string[];
  readonly behaviours?: Behaviour[];
  readonly env?: Record<string, string>;
  readonly stdout?: CapturedOutput;
  readonly signal?: AbortSignal;
  readonly openChorus?: StartIo['openChorus'];
}

/** Runs the command and its chorus in this process; fails if the command leaves the chorus open. */
async function run({
  argv = [],
  behaviours = ['answers'],
  env = {},
  stdout = new CapturedOutput(),
  ...given
}: Run = {}) {
  const stderr = new CapturedOutput();
  let open = 0;
  const serve = async (): Promise<Chorus> => {
    const chorus = await serveChorus(members(...behaviours));
    open += 1;
    return {
      cis: chorus.cis,
      close: async () => {
        await chorus.close();
        open -= 1;
      },
    };
  };
  const { signal = new AbortController().signal, openChorus = serve } = given;
  const code = await runStart(argv, { stdout, stderr, env, signal, openChorus });
  expect(open).toBe(0);
  return { code, stdout: stdout.text, stderr: stderr.text };
}

describe('the tour', () => {
  test('asks all, streams one answer, asks again over the same connections, and shows the table', async () => {
    const { code, stdout, stderr } = await run({ behaviours: ['answers', 'answers', 'isDown', 'answers', 'drops'] });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [, first = '', second = '', table = ''] = stdout.split(/First chat|Second chat|States and metrics/);
    for (const name of ['engram', 'hermes', 'rhetor']) {
      expect(first).toMatch(new RegExp(`${name} +new `));
      expect(second).toMatch(new RegExp(`${name} +reused `));
      expect(table).toMatch(new RegExp(`${name} +healthy `));
    }
    expect(first).toMatch(/terma +- +dropped the connection; may have been read/);
    expect(first).toMatch(/ergon +- +is down \(nothing listens there\); was not sent/);
    expect(first).toMatch(/3 of 5 answered in .*: 3 over new connections, 0 over open ones/);
    expect(first).toContain('Streamed answer of rhetor\n\n  Say it slowly: "What should we build?"\n  Half of a good');
    expect(first).toMatch(/28 pieces, .*; connection reused\./);
    expect(table).toContain('Drained and closed');
  });

  test('shows progress and colours only on a terminal', async () => {
    const { stdout } = await run({ stdout: new CapturedOutput('terminal', 80) });
    expect(stdout).toContain('1 of 1 have answered');
    expect(stdout).toContain('\u001b[1m');
    expect((await run()).stdout).not.toContain('\u001b');
  });

  test('sends the given question, and streams from another CI if rhetor does not answer', async () => {
    const { stdout } = await run({ argv: ['--message', 'Why?'] });
    expect(stdout).toContain('First chat: "Why?"');
    expect(stdout).toContain('You asked "Why?" before.');
    expect(stdout).toContain('Streamed answer of engram');
    expect(stdout).toMatch(/In one piece, .*; connection reused/);
  });
});

describe('when nothing answers', () => {
  test('says what to check, after the failures, and exits 1', async () => {
    const { code, stdout, stderr } = await run({ behaviours: ['isDown', 'isDown'] });
    expect(code).toBe(1);
    expect(stdout).toContain('0 of 2 answered');
    expect(stdout).not.toContain('Second chat');
    expect(stderr).toContain('None of the 2 CIs answered. What to check:');
  });

  test('says it for the CIs of the environment, too', async () => {
    const silent = await holdSilentPort();
    const port = new URL(silent.url).port;
    const env: Record<string, string> = { TEKTON_AI_PORT_BASE: '8000' };
    for (const name of Object.keys(components)) env[`${name.toUpperCase()}_PORT`] = port;
    const { code, stdout, stderr } = await run({ argv: ['--cis'], env });
    await silent.close();
    expect(code).toBe(1);
    expect(stdout).toContain('the 18 CIs of the environment');
    expect(stderr).toContain('18 could not be reached, for example tcp://localhost:');
  });

  test('reports a deadline that is too short', async () => {
    const { code, stderr } = await run({ argv: ['--deadline', '0.05'], behaviours: ['hangs'] });
    expect(code).toBe(1);
    expect(stderr).toMatch(/1 gave no answer within 0\.05 s|1 could not/);
  });

  test('reports a chorus that does not start', async () => {
    const openChorus = () => Promise.reject(new Error('no such file'));
    expect(await run({ openChorus })).toEqual({ code: 1, stdout: '', stderr: 'no such file\n' });
  });
});

describe('when the command line is wrong', () => {
  test('an unknown option shows the usage on stderr and exits 2', async () => {
    const { code, stdout, stderr } = await run({ argv: ['--nope'] });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(`Unknown option '--nope'\n\n${usage}`);
  });

  test('--help shows the usage and exits 0', async () => {
    expect(await run({ argv: ['--help'] })).toEqual({ code: 0, stdout: usage, stderr: '' });
  });

  test('names a bad variable and exits 2', async () => {
    const { code, stderr } = await run({ argv: ['--cis'], env: { APOLLO_PORT: 'x' } });
    expect(code).toBe(2);
    expect(stderr).toContain('APOLLO_PORT="x"');
  });
});

describe('when it is cancelled', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s ends the requests in flight, drains, closes the chorus and exits %d', async (reason, exitCode) => {
    const cancelling = new AbortController();
    // Hermes has answered; engram hangs until the deadline.
    const stdout = new CapturedOutput('pipe', undefined, (text) => {
      if (text.includes('hermes')) cancelling.abort(reason);
    });
    const { code } = await run({ behaviours: ['hangs', 'answers'], stdout, signal: cancelling.signal });
    expect(code).toBe(exitCode);
    expect(stdout.text).toMatch(/engram +- +cancelled; may have been read/);
    expect(stdout.text).toMatch(new RegExp(`Cancelled by ${reason}\n\n {2}Drained and closed`));
    expect(stdout.text).not.toContain('Streamed');
  });

  test('during a stream', async () => {
    const cancelling = new AbortController();
    const stdout = new CapturedOutput('pipe', undefined, (text) => {
      // A word of the stream, not of the line of the chat.
      if (text === ' slowly:') cancelling.abort('SIGINT');
    });
    const behaviours: Behaviour[] = ['answers', 'answers', 'answers', 'answers'];
    const { code } = await run({ behaviours, stdout, signal: cancelling.signal });
    expect(code).toBe(130);
    expect(stdout.text).toContain('  Say it slowly:\n\n  The answer was cut: cancelled; may have been read.');
    expect(stdout.text).not.toContain('Second chat');
  });

  test('during the second chat', async () => {
    const cancelling = new AbortController();
    const stdout = new CapturedOutput('pipe', undefined, (text) => {
      if (text.includes('reused  ')) cancelling.abort('SIGINT');
    });
    const { code } = await run({ stdout, signal: cancelling.signal });
    expect(code).toBe(130);
    expect(stdout.text).not.toContain('States and metrics');
  });

  test('during the start of the chorus', async () => {
    const cancelling = new AbortController();
    const openChorus = (signal: AbortSignal): Promise<Chorus> => {
      cancelling.abort('SIGINT');
      return Promise.reject(signal.reason);
    };
    expect(await run({ openChorus, signal: cancelling.signal })).toEqual({ code: 130, stdout: '', stderr: '' });
  });
});
