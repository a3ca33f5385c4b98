import { type Program, startProgram } from '../../support/run-program.js';

const SERVER_MODULE = new URL('../../../dist/src/server/index.js', import.meta.url).href;

/** Many CIs in one process, each on its own port. Each reports its name and how often the process was started. */
const CHORUS_PROGRAM = `
const { serverModule, ports, life, parentPid } = JSON.parse(process.argv[1]);
const { serveCi } = await import(serverModule);

// The ports of a killed process may become free a moment later.
async function serve(port, i, attempts = 200) {
  try {
    return await serveCi({ id: 'ci' + i, listen: { port }, handler: ({ content }) => content + ' by ci' + i + ' in life ' + life });
  } catch (error) {
    if (attempts === 0) throw error;
    await new Promise((resolve) => setTimeout(resolve, 25));
    return serve(port, i, attempts - 1);
  }
}

const servers = await Promise.all(ports.map((port, i) => serve(port, i)));
// If the test's process dies without a teardown, this one ends, too.
setInterval(() => process.ppid === parentPid || process.exit(1), 500);
console.log('ports ' + JSON.stringify(servers.map(({ port }) => port)) + ';');
`;

/** A process that serves many CIs, is killed, and starts again on the same ports. */
export class ChorusProcess {
  #ports: number[];
  #life = 0;
  #program: Program | undefined;

  constructor(size: number) {
    this.#ports = Array<number>(size).fill(0);
  }

  /** The ports of its CIs, in the order of their numbers. */
  get ports(): readonly number[] {
    return this.#ports;
  }

  /** Starts it, on its earlier ports if it had any. Settles once all of them listen. */
  async start(): Promise<void> {
    this.#life += 1;
    const settings = {
      serverModule: SERVER_MODULE,
      ports: this.#ports,
      life: this.#life,
      parentPid: process.pid,
    };
    const program = startProgram(CHORUS_PROGRAM, [JSON.stringify(settings)]);
    this.#program = program;
    let stdout = '';
    program.child.stdout?.on('data', (data) => {
      stdout += data;
    });
    await program.printed(';');
    this.#ports = JSON.parse(/ports (.*);/.exec(stdout)?.[1] ?? '[]');
  }

  /** SIGKILL, if it runs. Settles when it has ended. */
  async kill(): Promise<void> {
    const program = this.#program;
    this.#program = undefined;
    program?.child.kill('SIGKILL');
    await program?.ended();
  }
}
