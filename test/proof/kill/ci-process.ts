import { type Program, startProgram } from '../../support/run-program.js';
import { CI_PROGRAM } from './ci-program.js';
import { readLedger } from './ledger.js';

const SERVER_MODULE = new URL('../../../dist/src/server/index.js', import.meta.url).href;

/** What a CI process is to be. */
export interface CiProcessOptions {
  readonly id: string;
  readonly correlation: 'ordered' | 'byId';
  readonly ledgerPath: string;
}

/** A CI in a process of its own, which the test freezes, kills and starts again on the same port. */
export class CiProcess {
  readonly id: string;
  readonly #options: CiProcessOptions;
  #program: Program | undefined;
  #port = 0;

  constructor(options: CiProcessOptions) {
    this.id = options.id;
    this.#options = options;
  }

  get url(): string {
    return `tcp://127.0.0.1:${this.#port}`;
  }

  /** What it has executed, in order, over all of its lives. */
  get executed(): string[] {
    return readLedger(this.#options.ledgerPath);
  }

  /** Starts it, on the port that it had before if it had one. Settles once it listens. */
  async start(): Promise<void> {
    const { id, correlation, ledgerPath } = this.#options;
    const program = startProgram(CI_PROGRAM, [
      SERVER_MODULE,
      id,
      String(this.#port),
      correlation,
      ledgerPath,
      String(process.pid),
    ]);
    this.#program = program;
    let stdout = '';
    program.child.stdout?.on('data', (data) => {
      stdout += data;
    });
    await program.printed(';');
    this.#port = Number(/port (\d+);/.exec(stdout)?.[1]);
  }

  /** Settles once it has printed this. */
  printed(text: string): Promise<void> {
    return this.#running().printed(text);
  }

  /** SIGKILL. Settles when it is gone. */
  async kill(): Promise<void> {
    const program = this.#running();
    this.#program = undefined;
    program.child.kill('SIGKILL');
    await program.ended();
  }

  /** SIGSTOP: its sockets stay, and nothing behind them moves. */
  freeze(): void {
    this.#running().child.kill('SIGSTOP');
  }

  /** SIGCONT. */
  thaw(): void {
    this.#running().child.kill('SIGCONT');
  }

  /** Ends it, whatever its state. */
  async end(): Promise<void> {
    if (this.#program !== undefined) await this.kill();
  }

  #running(): Program {
    if (this.#program === undefined) throw new Error(`${this.id} does not run`);
    return this.#program;
  }
}
