import { type Program, startProgram } from '../../support/run-program.js';
import { CI_PROGRAM } from './ci-program.js';
import { readLedger } from './ledger.js';

const SERVER_MODULE = new URL('../../../dist/src/server/index.js', import.meta.url).href;

/** The settings of a CI process. */
export interface CiProcessOptions {
  readonly id: string;
  readonly correlation: 'ordered' | 'byId';
  readonly ledgerPath: string;
}

/** A CI in its own process. The test freezes and kills it, and starts it again on the same port. */
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

  /** The requests it executed, in order, over all of its lives. */
  get executed(): string[] {
    return readLedger(this.#options.ledgerPath);
  }

  /** Starts it, on its earlier port if it had one. Settles once it listens. */
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

  /** SIGKILL. Settles when it has ended. */
  async kill(): Promise<void> {
    const program = this.#running();
    this.#program = undefined;
    program.child.kill('SIGKILL');
    await program.ended();
  }

  /** SIGSTOP: its sockets stay open, and it does nothing. */
  freeze(): void {
    this.#running().child.kill('SIGSTOP');
  }

  /** SIGCONT. */
  thaw(): void {
    this.#running().child.kill('SIGCONT');
  }

  /** Ends it in any state. */
  async end(): Promise<void> {
    if (this.#program !== undefined) await this.kill();
  }

  #running(): Program {
    if (this.#program === undefined) throw new Error(`${this.id} does not run`);
    return this.#program;
  }
}
