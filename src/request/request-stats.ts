import type { ErrorSummary } from '../contract/index.js';
import type { ChoragusError, Timings } from '../errors/index.js';
import { CiMetrics, Durations } from '../observe/metrics.js';

/** Counts the requests of one CI: how many are outstanding, how they ended, and the last failure. */
export class RequestStats {
  readonly metrics: CiMetrics;
  #outstanding = 0;
  #cut: number | undefined;
  #lastError: ErrorSummary | undefined;
  #linkError: ChoragusError | undefined;
  readonly #onIdle: (() => void)[] = [];

  /** @param whole - Holds the durations of all CIs. */
  constructor(whole: Durations) {
    this.metrics = new CiMetrics(new Durations(whole));
  }

  /** Returns the number of requests between subscription and settlement. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Returns the number of requests that were cut when the CI was closed. */
  get cut(): number {
    return this.#cut ?? 0;
  }

  get lastError(): ErrorSummary | undefined {
    return this.#lastError;
  }

  /** Returns the error of the last failed dial or lost link. */
  get linkError(): ChoragusError | undefined {
    return this.#linkError;
  }

  begun(): void {
    this.#outstanding += 1;
  }

  succeeded(timings: Timings): void {
    this.metrics.succeeded += 1;
    this.metrics.durations.queue.record(timings.queuedMs);
    this.metrics.durations.service.record(timings.serviceMs);
    this.metrics.total.record(timings.totalMs);
    this.#ended();
  }

  failed(error: ChoragusError): void {
    this.metrics.countFailure(error);
    this.#note(error);
    this.#ended();
  }

  cancelled(): void {
    this.metrics.cancelled += 1;
    this.#ended();
  }

  /** Notes that the CI is being closed. Returns how many requests that cuts; a second call returns the same number. */
  cutOff(): number {
    this.#cut ??= this.#outstanding;
    return this.#cut;
  }

  /** Notes that a dial failed or a link was lost. */
  linkFailed(error: ChoragusError): void {
    this.#linkError = error;
    this.#note(error);
  }

  /** Resolves when no request is outstanding. */
  idle(): Promise<void> {
    if (this.#outstanding === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle.push(resolve);
    });
  }

  #ended(): void {
    this.#outstanding -= 1;
    if (this.#outstanding > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }

  /** Keeps the pool's own words only: those of the peer could be content, and snapshots show this. */
  #note(error: ChoragusError): void {
    const { code, plainReason } = error;
    this.#lastError = { code, message: `[${code}] ${plainReason}`, at: Date.now() };
  }
}
