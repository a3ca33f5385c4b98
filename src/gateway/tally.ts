import type { ServerResponse } from 'node:http';
import type { Logger } from '../contract/index.js';
import { ChoragusError } from '../errors/index.js';
import type { Fault } from './refusal.js';

/** Counts the requests of a gateway, and logs those that failed. */
export class Tally {
  readonly #logger: Logger | false;
  /** Requests that have ended, by dialect and outcome. */
  readonly ended = new Map<string, { readonly dialect: string; readonly outcome: string; count: number }>();
  inFlight = 0;

  constructor(logger: Logger | false) {
    this.#logger = logger;
  }

  /** Counts a request until its answer is written, or its client has left. */
  begin(response: ServerResponse, dialect = 'none'): CallRecord {
    const record = new CallRecord(dialect, this.#logger);
    this.inFlight += 1;
    response.once('close', () => {
      this.inFlight -= 1;
      this.#count(dialect, record.outcome(response.writableFinished));
    });
    return record;
  }

  #count(dialect: string, outcome: string): void {
    const key = `${dialect} ${outcome}`;
    const entry = this.ended.get(key);
    if (entry === undefined) this.ended.set(key, { dialect, outcome, count: 1 });
    else entry.count += 1;
  }
}

/** One request in the counts. */
export class CallRecord {
  readonly #dialect: string;
  readonly #logger: Logger | false;
  #fault: Fault | undefined;

  constructor(dialect: string, logger: Logger | false) {
    this.#dialect = dialect;
    this.#logger = logger;
  }

  /** Notes that the request failed. The first failure counts. */
  failed(fault: Fault, error: unknown): void {
    if (this.#fault !== undefined) return;
    this.#fault = fault;
    if (this.#logger === false) return;
    const { status, code, delivery } = fault;
    const ci = error instanceof ChoragusError ? error.ci : undefined;
    const fields = { dialect: this.#dialect, status, code, delivery, ci };
    // Only a fault of the gateway's own is logged with its error: others can quote content.
    if (code === 'internal') this.#logger.error({ ...fields, err: error }, 'a request failed');
    else this.#logger.warn(fields, 'a request failed');
  }

  /** Returns how the request ended: `ok`, a code, or `left` if its client did not wait for the answer. */
  outcome(isFinished: boolean): string {
    if (this.#fault !== undefined) return this.#fault.code;
    return isFinished ? 'ok' : 'left';
  }
}
