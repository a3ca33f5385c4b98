import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  /** The signal that ended it, if one did. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running process. */
export interface Started {
  readonly child: ChildProcess;
  /** Resolves with the whole output once it contains the text; rejects if the process ends without it. */
  shown(text: string, on?: 'stdout' | 'stderr'): Promise<string>;
  /** Resolves when the process has ended, and no other process holds its output. */
  readonly ended: Promise<Ended>;
}

/** Where and how a process is started. */
export interface ProcessWorld {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG'];

/** Starts a process as the leader of its own group, as a shell does on a terminal. */
export function startProcess(file: string, args: readonly string[], { cwd, env }: ProcessWorld = {}): Started {
  const own = Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
  const child = spawn(file, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    cwd,
    // Passes on nothing of the test runner's: neither its variables nor those of npm.
    env: { ...own, ...env },
  });
  const written = { stdout: '', stderr: '' };
  for (const on of ['stdout', 'stderr'] as const) {
    child[on].setEncoding('utf8').on('data', (text: string) => {
      written[on] += text;
    });
  }
  // A process that does not read stdin may end before the write.
  child.stdin.on('error', () => {});
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  return {
    child,
    shown: async (text, on = 'stdout') => {
      while (!written[on].includes(text)) {
        const more = await Promise.race([once(child[on] as Readable, 'data'), closed.then(() => 'ended')]);
        if (more === 'ended' && !written[on].includes(text)) {
          throw new Error(`ended without ${JSON.stringify(text)} on ${on}: ${JSON.stringify(written)}`);
        }
      }
      return written[on];
    },
    ended: closed.then(([code, signal]) => ({ code, signal, ...written })),
  };
}

/** Signals a process's whole group, as Ctrl-C on a terminal does. */
export function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  process.kill(-(pid as number), signal);
}

/** Ends the rest of a process's group. */
export function endGroup(child: ChildProcess): void {
  try {
    signalGroup(child, 'SIGKILL');
  } catch {
    // The whole group has ended.
  }
}
