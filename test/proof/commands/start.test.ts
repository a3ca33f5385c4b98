import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { chorusCis } from '../../../src/demo/chorus-cis.js';
import { forkChorus } from '../../../src/demo/fork-chorus.js';
import { useBuiltCommand } from './built-command.js';

const built = useBuiltCommand();

interface Started {
  readonly child: ChildProcess;
  /** Resolves once the text is printed. */
  shown(text: string): Promise<void>;
  /**
   * Resolves once the command and the chorus have ended: a pipe closes when its last holder
   * ends, and the chorus holds stderr.
   */
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

function start(...argv: string[]): Started {
  const child = spawn(process.execPath, [built.pathOf('demo/start.js'), ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, as a shell gives each command on a terminal.
    detached: true,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const shown = async (text: string): Promise<void> => {
    while (!stdout.includes(text)) await once(child.stdout, 'data');
  };
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }));
  return { child, shown, ended };
}

describe('npm start', () => {
  test('prints the whole tour into a pipe, in about twice 2 s, and exits 0', { timeout: 40_000 }, async () => {
    const startedMs = performance.now();
    const { code, stdout, stderr } = await start().ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(performance.now() - startedMs).toBeLessThan(20_000);
    const [, first = '', second = '', table = ''] = stdout.split(/First chat|Second chat|States and metrics/);
    for (const { name, behaviour, latencyMs, correlation } of chorusCis) {
      for (const part of [first, second, table]) expect(part).toContain(` ${name} `);
      if (behaviour !== 'answers') continue;
      // On a busy machine the first answers can be a second late; the slow ones may then be missing.
      if (latencyMs <= 200) expect(first).toMatch(new RegExp(` ${name} +new `));
      // The first connection to a CI without ids was used up by an examination.
      expect(second).toMatch(new RegExp(` ${name} +${correlation === 'ordered' ? '(new|reused)' : 'reused'} `));
    }
    const fifo = chorusCis.filter(
      ({ behaviour, correlation }) => behaviour === 'answers' && correlation === 'ordered',
    ).length;
    const [, opened] = second.match(/15 of 18 answered in .*: (\d+) over new connections, \d+ over open ones/) ?? [];
    expect(Number(opened)).toBeLessThanOrEqual(fifo);
    expect(first).toMatch(/penia +- +no answer within 2 s; may have been read/);
    expect(stdout).not.toContain('\u001b');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('ends with the chorus on Ctrl-C, which signals the whole group', { timeout: 40_000 }, async () => {
    const { child, shown, ended } = start();
    await shown(' hermes ');
    process.kill(-(child.pid as number), 'SIGINT');
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: '' });
    expect(stdout).toMatch(/Cancelled by SIGINT\n\n {2}Drained and closed/);
  });

  test('ends with the chorus on a SIGTERM to the command alone', { timeout: 40_000 }, async () => {
    const { child, shown, ended } = start();
    await shown(' hermes ');
    child.kill('SIGTERM');
    expect((await ended).code).toBe(143);
  });

  test('ends the chorus when it is killed', { timeout: 40_000 }, async () => {
    const { child, shown, ended } = start();
    await shown('First chat');
    child.kill('SIGKILL');
    expect((await ended).code).toBe(null);
  });

  test('ends quietly when its reader closes', { timeout: 40_000 }, async () => {
    const { child, shown, ended } = start();
    await shown('First chat');
    child.stdout?.destroy();
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 141, stderr: '' });
  });
});

describe('the chorus as a child process', () => {
  const entry = (name: string): URL => pathToFileURL(built.pathOf(name));
  const never = new AbortController().signal;

  test('prints its addresses, and ends when closed', { timeout: 40_000 }, async () => {
    const chorus = await forkChorus(entry('demo/chorus.js'), never);
    expect(Object.keys(chorus.cis)).toEqual(chorusCis.map(({ name }) => name));
    for (const url of Object.values(chorus.cis)) expect(url).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/);
    await chorus.close();
  });

  test('reports that it cannot start', { timeout: 40_000 }, async () => {
    await expect(forkChorus(entry('demo/arguments.js'), never)).rejects.toThrow(/could not start: .* ended with 0/);
  });

  test('is not waited for once cancelled', { timeout: 40_000 }, async () => {
    await expect(forkChorus(entry('demo/chorus.js'), AbortSignal.abort('SIGINT'))).rejects.toBe('SIGINT');
    const cancelling = new AbortController();
    const starting = forkChorus(entry('demo/chorus.js'), cancelling.signal);
    cancelling.abort('SIGINT');
    await expect(starting).rejects.toThrow();
  });
});
