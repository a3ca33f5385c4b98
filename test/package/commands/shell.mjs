import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const TIMEOUT_MS = 30_000;
const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG'];
const own = Object.fromEntries(kept.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
const quiet = {
  NO_COLOR: '1',
  npm_config_offline: 'true',
  npm_config_update_notifier: 'false',
  npm_config_loglevel: 'error',
};

/** A command line under way in a shell, in a process group of its own, as on a terminal. */
export class Shell {
  #command;
  #child;
  #output = { stdout: '', stderr: '' };
  #closed;
  #hasClosed = false;

  /** Starts a command line. None of the variables of this process reach it but those that every shell has. */
  constructor(command, { cwd, env = {} }) {
    this.#command = command;
    this.#child = spawn('bash', ['-o', 'pipefail', '-c', command], {
      cwd,
      env: { ...own, ...quiet, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const on of ['stdout', 'stderr']) {
      this.#child[on].setEncoding('utf8').on('data', (text) => {
        this.#output[on] += text;
      });
    }
    const kill = () => process.kill(-this.#child.pid, 'SIGKILL');
    process.once('exit', kill);
    this.#closed = once(this.#child, 'close').then((ended) => {
      this.#hasClosed = true;
      process.off('exit', kill);
      return ended;
    });
  }

  /** Resolves with the match once stdout has it. */
  async shown(pattern) {
    const late = AbortSignal.timeout(TIMEOUT_MS);
    for (;;) {
      const match = this.#output.stdout.match(pattern);
      if (match) return match;
      const more = once(this.#child.stdout, 'data', { signal: late });
      const isOver = await Promise.race([more, this.#closed.then(() => 'over')]).catch(() => 'over');
      if (isOver === 'over' && !pattern.test(this.#output.stdout)) throw this.#failure(`does not show ${pattern}`);
    }
  }

  /** Resolves with what it wrote to stdout once it has ended with this code; rejects if it ended otherwise, or takes too long. */
  async ended(expected = 0) {
    const timer = sleep(TIMEOUT_MS, ['late'], { ref: false });
    const [code, signal] = await Promise.race([this.#closed, timer]);
    if (code !== expected) throw this.#failure(`ended with ${code ?? signal} and not with ${expected}`);
    return this.#output.stdout;
  }

  /** Ends the group as Ctrl-C does, and waits until it has ended. */
  async interrupt() {
    if (this.#hasClosed) return;
    process.kill(-this.#child.pid, 'SIGINT');
    await Promise.race([this.#closed, sleep(10_000, undefined, { ref: false })]);
    if (this.#hasClosed) return;
    process.kill(-this.#child.pid, 'SIGKILL');
    throw this.#failure('goes on after Ctrl-C');
  }

  #failure(what) {
    const { stdout, stderr } = this.#output;
    return new Error(`${this.#command}\n  ${what}\n  stdout: ${stdout}\n  stderr: ${stderr}`);
  }
}
