import type { ErrorSummary } from '../contract/index.js';
import type { ChoragusError, Timings } from '../errors/index.js';
import { CiMetrics, Durations } from '../observe/metrics.js';

/** The account of one CI's requests: how many are outstanding, how they ended, and what failed last. */
export class RequestStats {
  readonly metrics: CiMetrics;
  #outstanding = 0;
  #cut: number | undefined;
  #lastError: ErrorSummary | undefined;
  #linkError: ChoragusError | undefined;
  readonly #onIdle: (() => void)[] = [];

  /** `whole` has the durations of all CIs. */
  constructor(whole: Durations) {
    this.metrics = new CiMetrics(new Durations(whole));
  }

  /** Requests between subscription and settlement. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** Requests that were outstanding when the CI was closed, and were cut by that. */
  get cut(): number {
    return this.#cut ?? 0;
  }

  get lastError(): ErrorSummary | undefined {
    return this.#lastError;
  }

  /** What the last dial failed of, or what the last link was lost with. */
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

  /** The CI is about to be closed. Returns how many requests that cuts; a second time, how many the first one did. */
  cutOff(): number {
    this.#cut ??= this.#outstanding;
    return this.#cut;
  }

  /** A dial failed, or a link was lost. */
  linkFailed(error: ChoragusError): void {
    this.#linkError = error;
    this.#note(error);
  }

  /** Resolves once nothing is outstanding. */
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

  /** Keeps our own words only: those of the peer could hold content, and this is shown in snapshots. */
  #note(error: ChoragusError): void {
    const { code, plainReason } = error;
    this.#lastError = { code, message: `[${code}] ${plainReason}`, at: Date.now() };
  }
}
