import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** How a program ended. */
export interface Ended {
  /** Exit code, or the signal's name. */
  readonly exit: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program under way. */
export interface Program {
  readonly child: ChildProcess;
  /** Resolves once this text is printed. */
  printed(text: string): Promise<void>;
  ended(): Promise<Ended>;
}

/** Starts an ES module from its source text; it imports the built package by name. */
export function startProgram(source: string, args: readonly string[] = []): Program {
  const child = spawn(process.execPath, ['--input-type=module', '-e', source, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', NODE_V8_COVERAGE: '' },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals]>;
  return {
    child,
    printed: async (text) => {
      while (!stdout.includes(text)) {
        const more = await Promise.race([once(child.stdout, 'data'), closed.then(() => undefined)]);
        if (more === undefined && !stdout.includes(text))
          throw new Error(`ended without printing "${text}":\n${stdout}\n${stderr}`);
      }
    },
    ended: async () => {
      const [code, signal] = await closed;
      return { exit: code ?? signal, stdout, stderr };
    },
  };
}
