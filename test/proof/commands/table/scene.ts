import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import type { TestContext } from 'vitest';
import type { BuiltCommand } from '../built-command.js';
import { type Ended, endGroup, type ProcessWorld, type Started, startProcess } from '../command-process.js';
import { type Condition, openCi, type TableCi } from './table-ci.js';

/** A running pipeline. */
export interface Pipeline extends Omit<Started, 'ended'> {
  /** Resolves with the exit code of its first part. */
  readonly ended: Promise<Ended & { readonly first: number }>;
}

/** The CIs and processes of one test, which end with it. */
export class Scene {
  readonly #built: BuiltCommand;
  readonly #context: TestContext;

  constructor(built: BuiltCommand, context: TestContext) {
    this.#built = built;
    this.#context = context;
  }

  /** Opens a CI in this condition. */
  async ci(condition: Condition): Promise<TableCi> {
    const ci = await openCi(condition);
    this.#context.onTestFinished(() => ci.close());
    return ci;
  }

  /** Starts `choragus`, without empty arguments. */
  run(argv: readonly string[], world?: ProcessWorld): Started {
    const words = argv.filter((word) => word !== '');
    return this.start(process.execPath, [this.#built.pathOf('cli/choragus.js'), ...words], world);
  }

  /** Starts a program. */
  start(file: string, args: readonly string[], world?: ProcessWorld): Started {
    const started = startProcess(file, args, world);
    this.#context.onTestFinished(() => endGroup(started.child));
    return started;
  }

  /** Starts a bash pipeline whose first part is `choragus` with these arguments. */
  pipe(argv: readonly string[], rest: string): Pipeline {
    // The shell survives a signal to its group, to report how the first part ended. Its own message about that is removed.
    const script = `exec 3>&2 2>/dev/null; trap : INT TERM; "$@" 2>&3 ${rest}; echo "first \${PIPESTATUS[0]}" >&3`;
    const words = argv.filter((word) => word !== '');
    const own = [process.execPath, this.#built.pathOf('cli/choragus.js'), ...words];
    // By default, a bash with a socket as stdin reads the user's settings.
    const started = this.start('bash', ['--norc', '-c', script, 'bash', ...own]);
    return { ...started, ended: started.ended.then(withFirst) };
  }
}

function withFirst(ended: Ended): Ended & { readonly first: number } {
  const [, stderr = ended.stderr, first] = /^(.*)first (\d+)\n$/s.exec(ended.stderr) ?? [];
  return { ...ended, stderr, first: Number(first) };
}

/** Sends a request by hand, as a client of a CI does. Resolves with the next line, or `undefined` if the connection ends. */
export function askByHand(url: string, content: string): Promise<string | undefined> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(`${JSON.stringify({ type: 'chat', content })}\n`);
  return new Promise((resolve) => {
    const lines = createInterface(socket);
    lines.on('error', () => {});
    lines.once('line', (line) => {
      resolve(line);
      socket.destroy();
    });
    socket.once('close', () => resolve(undefined));
  });
}
