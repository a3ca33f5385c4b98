import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

/** How often the loop's delay is sampled, in ms. Node's sampler is native: a block of any length is seen whole. */
const SAMPLE_MS = 20;
/** A block is shown for at least this time, in ms, so that two Prometheus servers both see it. */
const SHOWN_MS = 10_000;
/** Without a scrape for this time, in ms, the sampler stops. */
const IDLE_MS = 5 * 60_000;

/** Measures the longest block of the event loop, from the first scrape on. Keeps no process alive. */
export class LagMeter {
  #delay: IntervalHistogram | undefined;
  #idle: NodeJS.Timeout | undefined;
  #sinceMs = 0;
  #before = 0;

  /** Returns the longest block lately, in seconds. The first call returns undefined, and starts the measurement. */
  read(nowMs: number): number | undefined {
    const delay = this.#delay;
    if (delay === undefined) {
      this.#start(nowMs);
      return undefined;
    }
    this.#idle?.refresh();
    const longest = lagOf(delay);
    const lag = Math.max(this.#before, longest);
    if (nowMs - this.#sinceMs >= SHOWN_MS) {
      this.#before = longest;
      this.#sinceMs = nowMs;
      delay.reset();
    }
    return lag;
  }

  stop(): void {
    clearTimeout(this.#idle);
    this.#delay?.disable();
    this.#delay = undefined;
    this.#before = 0;
  }

  #start(nowMs: number): void {
    this.#delay = monitorEventLoopDelay({ resolution: SAMPLE_MS });
    this.#delay.enable();
    this.#sinceMs = nowMs;
    this.#idle = setTimeout(() => this.stop(), IDLE_MS).unref();
  }
}

/** Returns the longest block in seconds, in whole µs. A sample is the time between two of them. */
function lagOf({ max }: IntervalHistogram): number {
  return Math.max(0, Math.round(max / 1_000 - SAMPLE_MS * 1_000)) / 1e6;
}
