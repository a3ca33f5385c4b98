import type { Ended, Program } from '../../support/run-program.js';
import { startProgram } from '../../support/run-program.js';
import { readLedger } from './ledger.js';

/** The settings of a service. */
export interface ServiceProcessOptions {
  /** Its CIs by name: their URLs. */
  readonly cis: Readonly<Record<string, string>>;
  /** Number of concurrent requests to each CI. */
  readonly requestsEach: number;
  readonly drainTimeoutMs: number;
  readonly ledgerPath: string;
}

/** How a request of the service ended, as the service reports it. */
export interface ServiceEntry {
  readonly content: string;
  /** `pending` if the service did not see its end. */
  readonly outcome: string;
}

/**
 * A pool under its package name. It records each request before it is subscribed, and again when it has
 * ended. On SIGTERM it drains, tries one more request, and reports.
 */
const SERVICE_PROGRAM = `
import { openSync, writeSync } from 'node:fs';
import { createPool } from 'choragus';
const { cis, requestsEach, drainTimeoutMs, ledgerPath } = JSON.parse(process.argv[1]);
const ledger = openSync(ledgerPath, 'a');
const note = (...entry) => writeSync(ledger, JSON.stringify(entry) + '\\n');
const pool = createPool({ cis, logger: false, reconnectDelayMs: 50, maxReconnectDelayMs: 200 });
let ended = 0;

function ask(ci, content) {
  note('begun', content);
  const end = (outcome) => {
    note('ended', content, outcome);
    console.log('ended ' + ++ended + ';');
  };
  pool.ask(ci, content, { deadlineMs: 20_000 }).subscribe({
    next: (reply) => end('reply ' + reply.content),
    error: ({ code, delivery }) => end(code + ' ' + delivery),
  });
}

process.once('SIGTERM', async () => {
  const closing = pool.close({ drainTimeoutMs });
  console.log('draining;');
  for (const ci of Object.keys(cis)) ask(ci, ci + '.late/hold');
  const { finished, cut } = await closing;
  console.log('drained ' + finished + ' ' + cut + ';');
});
for (const ci of Object.keys(cis)) for (let i = 0; i < requestsEach; i += 1) ask(ci, ci + '.' + i + '/hold');
console.log('asked;');
`;

/** A service with a pool, in its own process. */
export class ServiceProcess {
  readonly #program: Program;
  readonly #ledgerPath: string;

  constructor(options: ServiceProcessOptions) {
    this.#ledgerPath = options.ledgerPath;
    this.#program = startProgram(SERVICE_PROGRAM, [JSON.stringify(options)]);
  }

  /** Its requests, with their results. */
  get entries(): ServiceEntry[] {
    const outcomes = new Map<string, string>();
    for (const line of readLedger(this.#ledgerPath)) {
      const [what, content, outcome] = JSON.parse(line) as [string, string, string?];
      const known = outcomes.get(content);
      if (what === 'begun' ? known !== undefined : known !== 'pending') throw new Error(`${what} twice: ${content}`);
      outcomes.set(content, outcome ?? 'pending');
    }
    return [...outcomes].map(([content, outcome]) => ({ content, outcome }));
  }

  printed(text: string): Promise<void> {
    return this.#program.printed(text);
  }

  /** SIGTERM: it begins to drain. Settles once it has begun. */
  async drain(): Promise<void> {
    this.#program.child.kill('SIGTERM');
    await this.printed('draining;');
  }

  ended(): Promise<Ended> {
    return this.#program.ended();
  }

  /** SIGKILL, if it still runs. Settles when it has ended. */
  async end(): Promise<void> {
    this.#program.child.kill('SIGKILL');
    await this.#program.ended();
  }
}
